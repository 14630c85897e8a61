"""Images per second of a training step: genlab's whole run against what a user would write or pick instead.

    python -m benchmarks.train [--rounds 5] [--steps 12] [--model dcgan]

Same network (the report's VAE at 64x64, or a DCGAN of width 32; batch 128), same images, one process, the contenders in turn in each round:
    genlab   execute(run): run folder, metrics, previews, states, commands
    bare     the same model and tricks (bf16, channels last, fused Adam, uint8 on the device) in a bare loop
    plain    the same network in fp32 with a DataLoader and Adam
    pythae   pythae 0.1.2, VAE with BaseTrainer, the same encoder and decoder (requirements-bench.txt)
    example  the same G and D in fp32 in the loop of PyTorch's DCGAN example: Adam, a DataLoader, no average of G, no norms of gradients
A run of a GAN measures its samples now and then besides (at most 5 % of its time, genlab/measures/looks.py), which is no step and left out here.
"""

import argparse
import os
import statistics
import tempfile
import time

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.report import ratios, show, write

BATCH, WARM = 128, 2


def images(steps):
    """Enough distinct noise-free pictures for the steps: smooth random blobs, uint8 (n, 3, 64, 64)."""
    small = torch.rand(BATCH * 4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    return torch.nn.functional.interpolate(small, 64, mode="bilinear").mul(255).byte().numpy()


def rate_genlab(model, x, steps):
    """The whole of what a run does; the data is handed in, since loading is no step."""
    import genlab.runs.recorder as recorder
    from genlab.data import DataSpec, ImageSet
    from genlab.runs import create_run
    from genlab.training import Row, TrainPlan

    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENLAB_RUNS"] = folder
        data = ImageSet("blobs", x, np.zeros((len(x), 0), np.float32))
        recorder.load_dataset = lambda spec, progress: (data, data.take(slice(0, 64)))
        run = create_run(TrainPlan(model=model, settings=SETTINGS[model], data=DataSpec(name="digits", size=64, channels=3), epochs=1000,
                                   max_steps=steps + WARM))
        times = {}
        recorder.execute(run, watch=lambda item: times.setdefault(item.step, time.perf_counter()) if isinstance(item, Row) else None)
    return BATCH * steps / (times[steps + WARM] - times[WARM])


def rate_bare(name, x, steps):
    from genlab.models import build_model
    from genlab.training.batches import Batches
    from genlab.training.plan import resolve_device, resolve_precision

    device = resolve_device("auto")
    model = build_model(name, SETTINGS[name]).to(device, memory_format=torch.channels_last)
    model.precision = resolve_precision("auto", device)
    optimizers, noise, batches = model.optimizers(1e-3), torch.Generator(device).manual_seed(0), Batches({"x": x}, BATCH, 0, device)
    for step in range(steps + WARM):
        if step == WARM:
            began = time.perf_counter()
        float(model.train_step(batches.batch(step), optimizers, noise)["loss"])
    return BATCH * steps / (time.perf_counter() - began)


def rate_plain(_, x, steps):
    from genlab.models import build_model
    from genlab.objectives.losses import kl_dims

    model = build_model("vae", {})
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    loader = DataLoader(TensorDataset(torch.from_numpy(x).float() / 255), batch_size=BATCH, shuffle=True, drop_last=True)
    noise, step = torch.Generator().manual_seed(0), 0
    while step < steps + WARM:
        for (batch,) in loader:
            if step == WARM:
                began = time.perf_counter()
            with model.learning():
                q = model.encode(batch)
                x_hat = model.decode(q.sample(noise))
            loss = (x_hat - batch).square().sum() / len(batch) + kl_dims(q.mean, q.logvar).sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            step += 1
            if step == steps + WARM:
                break
    return BATCH * steps / (time.perf_counter() - began)


def rate_pythae(_, x, steps):
    from benchmarks.pythae_vae import train_epochs

    seconds = train_epochs(torch.from_numpy(x).float() / 255, BATCH, epochs=1 + -(-steps // (len(x) // BATCH)))
    per_epoch = statistics.median(seconds[1:])
    return len(x) / per_epoch


def rate_example(name, x, steps):
    from genlab.models import build_model

    model, loss = build_model(name, SETTINGS[name]), torch.nn.BCEWithLogitsLoss()
    optimizer_D, optimizer_G = (torch.optim.Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999)) for net in (model.D, model.G))
    loader = DataLoader(TensorDataset(torch.from_numpy(x).float() / 127.5 - 1), batch_size=BATCH, shuffle=True, drop_last=True)
    real_label, fake_label, step = torch.ones(BATCH), torch.zeros(BATCH), 0
    model.D.train()
    model.G.train()
    while step < steps + WARM:
        for (real,) in loader:
            if step == WARM:
                began = time.perf_counter()
            fake = model.G(torch.randn(BATCH, model.config.latent_dim))
            optimizer_D.zero_grad()
            loss(model.D(real), real_label).backward()
            loss(model.D(fake.detach()), fake_label).backward()
            optimizer_D.step()
            optimizer_G.zero_grad()
            loss(model.D(fake), real_label).backward()
            optimizer_G.step()
            step += 1
            if step == steps + WARM:
                break
    return BATCH * steps / (time.perf_counter() - began)


SETTINGS = {"vae": {}, "dcgan": {"latent_dim": 64, "width": 32}}
CONTENDERS = {"vae": {"genlab": rate_genlab, "bare": rate_bare, "plain": rate_plain, "pythae": rate_pythae},
              "dcgan": {"genlab": rate_genlab, "bare": rate_bare, "example": rate_example}}
LIMITS = {"vae": {"bare": 0.9, "plain": 2.1, "pythae": 2.1}, "dcgan": {"bare": 0.9}}


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--steps", type=int, default=12)
    options.add_argument("--model", choices=list(CONTENDERS), default="vae")
    options.add_argument("--only", nargs="*", help="these contenders alone")
    options = options.parse_args()
    contenders, limits = CONTENDERS[options.model], LIMITS[options.model]
    x, rounds = images(options.steps), {name: [] for name in options.only or contenders}
    for _ in range(options.rounds):
        for name in rounds:
            rounds[name].append(contenders[name](options.model, x, options.steps))
    found = ratios(rounds, "genlab")
    rows = [[n, statistics.median(v), min(v), max(v), found.get(n, 1.0), limits.get(n, "")] for n, v in rounds.items()]
    what = "the report's VAE" if options.model == "vae" else "a DCGAN of width 32"
    show(f"Training step, {what} at 64x64, batch 128", ["", "images/s", "min", "max", "genlab / it", "wanted"], rows)
    write("train" if options.model == "vae" else f"train_{options.model}", {"images_per_s": rounds, "ratios": found, "wanted": limits})


if __name__ == "__main__":
    main()
