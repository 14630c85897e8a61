"""Prints a digest of the weights of every model after 20 steps, to be compared before and after a change: `python -m benchmarks.bits`.

Equal digests on one machine mean that the change left the training as it was, bit for bit.
"""

import hashlib

import numpy as np

from genlab.data import DataSpec
from genlab.training import State, TrainPlan, resolve_plan, train

CASES = {
    "autoencoder": {}, "vae": {}, "vae beta 4, warm-up": {"beta": 4.0, "warmup_steps": 10},
    "vae calibrated, free bits": {"calibrated": True, "free_bits": 0.1},
    **{f"{model} {loss}": {"loss": loss} for model in ("gan", "dcgan") for loss in ("non-saturating", "minimax", "lsgan", "wgan", "wgan-gp")},
    "dcgan r1, shifts": {"r1": 1.0, "translate": 0.1, "cutout": 0.3}, "dcgan spectral": {"spectral": True}, "dcgan layer norm": {"norm_D": "layer"},
}


def digest(case: str, settings: dict) -> str:
    """Of all that the last state of 20 steps holds: weights, optimizers, noise."""
    data = DataSpec(name="digits", size=16, n=96)
    plan = resolve_plan(TrainPlan(model=case.split()[0], settings={"width": 8, "latent_dim": 6, **settings}, data=data, batch_size=16, epochs=4,
                                  max_steps=20, device="cpu", threads=1, precision="fp32"))
    x = np.random.default_rng(0).integers(0, 256, (128, 1, 16, 16), np.uint8)
    last = [item for item in train(plan, {"x": x[:96]}, {"x": x[96:]}) if isinstance(item, State)][-1]
    found = hashlib.blake2b(digest_size=8)
    for name in sorted(last.tensors):
        found.update(name.encode() + last.tensors[name].contiguous().numpy().tobytes())
    return found.hexdigest()


def main() -> None:
    for case, settings in CASES.items():
        print(f"{digest(case, settings)}  {case}", flush=True)


if __name__ == "__main__":
    main()
