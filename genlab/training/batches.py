"""Batches that live on the device: which image comes when is a pure function of the seed and the step."""

import numpy as np
import torch
from torch import Tensor


class Batches:
    """Shuffled batches of one image set, uint8 on the device and indexed there.

    The position is the step alone, so a run resumes without a sampler to restore. The last, short batch of an epoch is
    left out (a batch norm over two images harms more than it teaches); a set smaller than a batch is one batch.
    """

    def __init__(self, x: np.ndarray, batch_size: int, seed: int, device: str):
        self.x = torch.from_numpy(x).to(device)
        self.batch_size = min(batch_size, len(x))
        self.steps_per_epoch = len(x) // self.batch_size
        self.seed = seed
        self._epoch, self._order = -1, torch.empty(0)

    def batch(self, step: int) -> Tensor:
        """The images of this step in [0, 1].  -> (B, C, H, W) float32, channels last"""
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            generator = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
            self._epoch, self._order = epoch, torch.randperm(len(self.x), generator=generator).to(self.x.device)
        index = self._order[position * self.batch_size : (position + 1) * self.batch_size]
        return to_float(self.x[index])


def to_float(x: Tensor) -> Tensor:
    """uint8 images to float32 in [0, 1], channels last (convolutions are faster so)."""
    return x.to(torch.float32, memory_format=torch.channels_last).div_(255)


def to_uint8(x: Tensor) -> np.ndarray:
    """Images in [0, 1] to uint8, rounded to the nearest grey level, on the CPU."""
    return x.detach().float().mul(255).round_().clamp_(0, 255).to("cpu", torch.uint8).contiguous().numpy()
