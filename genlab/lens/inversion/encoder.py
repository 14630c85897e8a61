"""An encoder for a generator that has none: it learns z from G(z), since of a sample the latent is known.

J. Donahue, P. Krahenbuhl and T. Darrell, "Adversarial Feature Learning", 2017, arXiv 1605.09782, section 4.2, call it the latent regressor.
It is fitted once for a generator's weights and kept by value:

    runs/.cache/<run>/inverse-<key>.safetensors
"""

import hashlib
import json
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from genlab.data import Progress
from genlab.errors import LabError, RunError
from genlab.files import keep_newest
from genlab.lens.models import MODELS, NEWEST, ServedModel
from genlab.lens.waypoints import decoded
from genlab.models.nets.blocks import down
from genlab.paths import runs_dir
from genlab.runs import find_run
from genlab.runs.weights import load_weights, save_weights

FORMAT = 1
KEPT = 4                       # encoders of one run
WIDTH, MOST_WIDE, HIDDEN = 16, 128, 256
BATCH, STEPS, LR = 64, 500, 2e-3
FEWEST, MOST = 1024, 8192      # samples to learn from
SAMPLING = 6e11                # floating point operations that drawing them may take: about 20 s of a core
HELD_OUT = 256                 # samples that its share of the variance is measured on


class InverseEncoder(nn.Module):
    """Images in [0, 1] to latents, for any size from 8 pixels.  (B, C, S, S) -> (B, D)"""

    def __init__(self, channels: int, size: int, latent_dim: int):
        super().__init__()
        layers, width, side = [], WIDTH, size
        while side >= 8:
            layers.append(down(channels, width))
            channels, width, side = width, min(2 * width, MOST_WIDE), side // 2
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(channels * side**2, HIDDEN), nn.LeakyReLU(0.2), nn.Linear(HIDDEN, latent_dim))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(2 * x - 1)


def cost(model: ServedModel) -> float:
    """Floating point operations of one picture: the same on any machine, unlike seconds, so that a budget in them fixes the bits."""
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        model.paint(torch.zeros(1, model.latent_dim, device=model.device))
    return max(counter.get_total_flops(), 1)


def train_encoder(model: ServedModel, seed: int = 0, progress: Progress = lambda share, what: None) -> tuple[InverseEncoder, float]:
    """An encoder of a generator, the same for a seed, and the share of the latents' variance that it explains on samples it has not seen.

    Takes less than a minute on one core. Raises LabError where the generator's pictures are of no use.
    """
    n = int(min(max(SAMPLING / cost(model), FEWEST), MOST)) + HELD_OUT
    z = model.prior(n, seed)
    x = _samples(model, z, progress)
    with torch.random.fork_rng(devices=[]):   # layers take their first weights from the one global generator
        torch.manual_seed(seed)
        net = InverseEncoder(model.channels, model.size, model.latent_dim)
    x, target, generator = torch.from_numpy(x), torch.from_numpy(z), torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), lr=LR)
    net.train()
    for step in range(STEPS):
        if step % 10 == 0:
            progress(0.4 + 0.6 * step / STEPS, f"learning to find latents, step {step} of {STEPS}")
        optimizer.param_groups[0]["lr"] = LR * 0.5 * (1 + math.cos(math.pi * step / STEPS))
        index = HELD_OUT + torch.randint(n - HELD_OUT, (BATCH,), generator=generator)
        loss = F.mse_loss(net(x[index].float() / 255), target[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    net.eval().requires_grad_(False)
    off = F.mse_loss(net(x[:HELD_OUT].float() / 255), target[:HELD_OUT])
    return net, float(1 - off / target[:HELD_OUT].var())


def _samples(model: ServedModel, z: np.ndarray, progress: Progress) -> np.ndarray:
    """What the generator makes of latents, as pictures.  (n, D) -> uint8 (n, C, S, S)"""
    parts = []
    for start in range(0, len(z), BATCH):
        progress(0.4 * start / len(z), f"drawing sample {start} of {len(z)}")
        parts.append(decoded(model, z[start : start + BATCH]).transpose(0, 3, 1, 2))
    x = np.concatenate(parts)
    if (x == x[0]).all():
        raise LabError(f"{model.run_id}: all its samples are the same picture, so no image has a place among them; choose another run or step")
    return x


# -- kept ---------------------------------------------------------------------------------------------------------------


def encoder_path(model: ServedModel, seed: int = 0) -> Path:
    """Where the encoder of a generator's weights is kept."""
    what = [FORMAT, model.digest, seed, WIDTH, HIDDEN, BATCH, STEPS, LR, SAMPLING]
    key = hashlib.blake2b(json.dumps(what).encode(), digest_size=12).hexdigest()
    return runs_dir() / ".cache" / model.run_id / f"inverse-{key}.safetensors"


def is_fitted(model: ServedModel, seed: int = 0) -> bool:
    """Whether an encoder of these weights is at hand, whole."""
    path = encoder_path(model, seed)
    try:
        return path.exists() and bool(_load(path, path.stat().st_mtime_ns, model.channels, model.size, model.latent_dim))
    except RunError:   # damaged, so it is fitted again
        return False


def encoder_of(model: ServedModel, seed: int = 0, progress: Progress = lambda share, what: None) -> InverseEncoder:
    """The encoder of a generator's weights; fitted first, in less than a minute, where it is not at hand."""
    path = encoder_path(model, seed)
    if not is_fitted(model, seed):
        net, _ = train_encoder(model, seed, progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_weights(path, {name: tensor.contiguous() for name, tensor in net.state_dict().items()})
        keep_newest(path.parent, "inverse-*.safetensors", KEPT)
    return _load(path, path.stat().st_mtime_ns, model.channels, model.size, model.latent_dim)


@lru_cache(maxsize=8)
def _load(path: Path, _changed: int, channels: int, size: int, latent_dim: int) -> InverseEncoder:
    net = InverseEncoder(channels, size, latent_dim)
    try:
        net.load_state_dict(load_weights(path))
    except RuntimeError as error:
        raise RunError(f"{path.name}: these are not the weights of such an encoder ({str(error).splitlines()[0]})") from None
    return net.eval().requires_grad_(False)


def fit_encoder(run: str, step: int, weights: str, told: Progress) -> str:
    """Have the encoder of a run's weights at a step at hand; its file's name. weights is their digest, so that other ones are another task."""
    steps = [kept for kept in find_run(run).snapshots() if kept == step] + [NEWEST]
    model = next((m for m in (MODELS.get(run, at, exact=True) for at in steps) if m.digest == weights), None)
    if model is None:
        raise LabError(f"{run}: its weights have changed meanwhile; ask again")
    encoder_of(model, progress=told)
    return encoder_path(model).name
