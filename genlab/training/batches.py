"""Batches that live on the device: which item comes when is a pure function of the seed and the step."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from genlab.errors import ConfigError

Data = dict[str, np.ndarray]
"""What a model learns from, raw, by the names in its `inputs`: uint8 images (N, C, H, W), float32 attributes (N, K), integers (N, T)."""

TOGETHER = ("x", "attributes"), ("tokens", "mask")
"""Inputs that speak of the same items, row by row. Any other stands alone and is shuffled alone, as the two domains of a translation are."""


class Batches:
    """Shuffled batches of one data set, in its raw type on the device and indexed there.

    The position is the step alone, so a run resumes without a sampler to restore. The last, short batch of an epoch is
    left out (a batch norm over two images harms more than it teaches); a set smaller than a batch is one batch. Where
    inputs have items of their own, an epoch is a pass over the fewest.
    """

    def __init__(self, data: Data, batch_size: int, seed: int, device: str):
        self._pools = [_Pool({name: torch.from_numpy(data[name]).to(device) for name in names}, seed + SEEDS_APART * i)
                       for i, names in enumerate(_pooled(data))]
        fewest = min(pool.count for pool in self._pools)
        self.batch_size = min(batch_size, fewest)
        self.steps_per_epoch = fewest // self.batch_size

    def batch(self, step: int) -> dict[str, Tensor]:
        """What this step learns from, ready for a model: images in [0, 1].  -> (B, ...) each"""
        epoch, position = divmod(step, self.steps_per_epoch)
        rows = slice(position * self.batch_size, (position + 1) * self.batch_size)
        return {name: to_model(raw) for pool in self._pools for name, raw in pool.take(epoch, rows).items()}


SEEDS_APART = 2**31   # of the orders of two pools, beyond any seed of a plan


class _Pool:
    """Inputs that share their items, and the order of these in an epoch."""

    def __init__(self, columns: dict[str, Tensor], seed: int):
        self.columns, self.seed = columns, seed
        self.count = len(next(iter(columns.values())))
        self._epoch, self._order = -1, torch.empty(0)

    def take(self, epoch: int, rows: slice) -> dict[str, Tensor]:
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            device = next(iter(self.columns.values())).device
            self._epoch, self._order = epoch, torch.randperm(self.count, generator=generator).to(device)
        index = self._order[rows]
        return {name: column[index] for name, column in self.columns.items()}


def _pooled(data: Data) -> list[list[str]]:
    """The names of the inputs, those together that speak of the same items."""
    groups = [[name for name in group if name in data] for group in TOGETHER]
    alone = [[name] for name in data if not any(name in group for group in TOGETHER)]
    found = [group for group in (*groups, *alone) if group]
    for group in found:
        if len({len(data[name]) for name in group}) > 1:
            raise ConfigError(f"data: {' and '.join(group)} have {', '.join(str(len(data[n])) for n in group)} rows; as many are needed of each")
    return found


def to_model(raw: Tensor) -> Tensor:
    """Raw items as a model takes them: images as float32 in [0, 1], numbers as float32, integers as they are."""
    if raw.dtype == torch.uint8 and raw.ndim == 4:
        return to_float(raw)
    return raw.float() if raw.is_floating_point() else raw.long()


def to_size(batch: dict[str, Tensor], size: int | None) -> dict[str, Tensor]:
    """The batch with its images shrunk to this side, each pixel the mean of those it covers; as it is where size is None."""
    if size is None:
        return batch
    return {name: interpolate(x, (size, size), mode="area") if x.ndim == 4 and x.shape[-1] != size else x for name, x in batch.items()}


def firsts(data: Data, n: int, device: str) -> dict[str, Tensor]:
    """The first n items of each input, raw, on the device."""
    return {name: torch.from_numpy(x[:n]).to(device) for name, x in data.items()}


def parts(data: dict[str, Tensor], size: int) -> Sequence[dict[str, Tensor]]:
    """The data in batches of this size, in order, as a model takes them; of inputs with items of their own as many as there are of the fewest."""
    n = min(len(x) for x in data.values())
    return [{name: to_model(x[i : min(i + size, n)]) for name, x in data.items()} for i in range(0, n, size)]


def to_float(x: Tensor) -> Tensor:
    """uint8 images to float32 in [0, 1], channels last (convolutions are faster so)."""
    return x.to(torch.float32, memory_format=torch.channels_last).div_(255)


def to_uint8(x: Tensor) -> np.ndarray:
    """Images in [0, 1] to uint8, rounded to the nearest grey level, on the CPU."""
    return x.detach().float().mul(255).round_().clamp_(0, 255).to("cpu", torch.uint8).contiguous().numpy()
