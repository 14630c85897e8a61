"""Pictures made worse the way decoders make them worse: soft, low in rank, noisy, a little off in colour and place.

Every blur, change of resolution and shift is a matrix applied to rows and to columns whose rows are averages, so pictures stay in [0, 1].
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

CLEAN = 0.5           # share of pictures that are left as they are
MAX_BLEND = 0.5       # share of a similar picture mixed in, as decoders do that know something by half
MAX_BLUR = 2.2        # pixels, standard deviation of a Gaussian, at 64 x 64
MAX_NOISE = 0.08      # grey levels in [0, 1], standard deviation
MAX_SHIFT = 2         # pixels
MAX_COLOUR = 0.05     # gain and offset of each channel
SIDES = (16, 20, 24, 28, 32, 40, 48, 56)   # sides that a picture is reduced to and enlarged from, of 64


@dataclass(frozen=True)
class LowRank:
    """Principal components of a set of pictures, the strongest first: what a linear autoencoder keeps of them.

    mean : (D,), basis : (D, k) with orthonormal columns, D = 3 S S
    """

    mean: Tensor
    basis: Tensor

    @classmethod
    def fit(cls, x: Tensor, rank: int) -> "LowRank":
        """The first components of pictures in [0, 1], (N, 3, S, S), by a seeded randomised SVD (Halko et al. 2011, algorithm 4.4)."""
        flat = x.flatten(1)
        mean = flat.mean(0)
        flat = flat - mean
        sketch = flat @ torch.randn(flat.shape[1], rank + 16, generator=torch.Generator().manual_seed(0))
        for _ in range(2):
            sketch = torch.linalg.qr(flat @ (flat.T @ sketch)).Q
        _, _, v = torch.linalg.svd(sketch.T @ flat, full_matrices=False)
        return cls(mean, v[:rank].T.contiguous())

    def project(self, x: Tensor, rank: int) -> Tensor:
        """The pictures as the first `rank` components give them, clipped to [0, 1].  (B, 3, S, S) -> (B, 3, S, S)"""
        basis = self.basis[:, :rank]
        return (self.mean + ((x.flatten(1) - self.mean) @ basis) @ basis.T).clamp(0, 1).view_as(x)


def blurring(sigma: Tensor, size: int) -> Tensor:
    """Gaussian averages along a line of pixels, one matrix for each sigma in pixels; 0 is the identity.  (B,) -> (B, S, S)"""
    i = torch.arange(size, dtype=torch.float32)
    weights = torch.exp(-0.5 * ((i[:, None] - i) / sigma.clamp(min=0.05)[:, None, None]).square())
    return weights / weights.sum(2, keepdim=True)


def resampling(side: int, size: int) -> Tensor:
    """Reduce a line of pixels to `side` by area and enlarge it again linearly.  (S, S)"""
    lines = F.interpolate(torch.eye(size)[:, None], side, mode="area")
    return F.interpolate(lines, size, mode="linear")[:, 0].T.contiguous()


def shifting(pixels: Tensor, size: int) -> Tensor:
    """Move a line by so many pixels, fractions included; what comes in repeats the edge.  (B,) -> (B, S, S)"""
    i = torch.arange(size, dtype=torch.float32)
    source = (i - pixels[:, None]).clamp(0, size - 1)
    return (1 - (source[:, :, None] - i).abs()).clamp(min=0)


def apply(rows: Tensor, x: Tensor, columns: Tensor) -> Tensor:
    """rows x columns^T for each channel.  (B, S, S), (B, C, S, S), (B, S, S) -> (B, C, S, S)"""
    return rows[:, None] @ x @ columns[:, None].transpose(2, 3)


def blur(x: Tensor, sigma: float) -> Tensor:
    """Every picture blurred by a Gaussian of sigma pixels.  (B, C, S, S) -> (B, C, S, S)"""
    matrix = blurring(torch.tensor([sigma]), x.shape[2])
    return apply(matrix, x, matrix)


class Degrade:
    """Draws a degradation for each picture of a batch.

    low_rank : what a linear decoder keeps of such pictures; None leaves that kind out
    """

    def __init__(self, low_rank: LowRank | None = None):
        self.low_rank = low_rank

    def __call__(self, x: Tensor, twin: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures in [0, 1] and similar ones -> pictures in [0, 1], how far each is from what it was, and how much of its twin is in it.

        (B, 3, S, S) twice -> (B, 3, S, S), (B,), (B,). How far: root mean square error of pixels, before colour and place are changed,
        which spoil nothing.
        """
        n = len(x)
        worse = (torch.rand(n, generator=generator) >= CLEAN).float()
        share = MAX_BLEND * worse * some(0.35, n, generator) * torch.rand(n, generator=generator)
        soft = self._soften(torch.lerp(x, twin, share[:, None, None, None]), worse, generator)
        damage = (soft - x).square().mean((1, 2, 3)).sqrt()
        return self._displace(soft, worse, generator), damage, share

    def _soften(self, x: Tensor, worse: Tensor, generator: torch.Generator) -> Tensor:
        n, size = len(x), x.shape[2]
        sigma = MAX_BLUR * some(0.5, n, generator) * torch.rand(n, generator=generator)
        matrix = blurring(worse * sigma * size / 64, size)
        kinds = torch.stack([torch.eye(size), *(resampling(max(2, side * size // 64), size) for side in SIDES)])
        kind = torch.randint(1, len(kinds), (n,), generator=generator) * worse.long() * some(0.3, n, generator).long()
        matrix = kinds[kind] @ matrix
        soft = apply(matrix, x, matrix)
        if self.low_rank:
            soft = self._reduce(soft, worse, generator)
        level = MAX_NOISE * worse * some(0.35, n, generator) * torch.rand(n, generator=generator)
        noise = torch.randn(soft.shape, generator=generator)
        return (soft + level[:, None, None, None] * noise).clamp_(0, 1)

    def _reduce(self, x: Tensor, worse: Tensor, generator: torch.Generator) -> Tensor:
        """One in five of the pictures through a few components, all of the batch through the same number."""
        chosen = (worse * some(0.2, len(x), generator)).nonzero()[:, 0]
        most = self.low_rank.basis.shape[1]
        rank = int(most * 4 ** -float(torch.rand((), generator=generator)))   # from a quarter of the components to all
        x[chosen] = self.low_rank.project(x[chosen], rank)
        return x

    @staticmethod
    def _displace(x: Tensor, worse: Tensor, generator: torch.Generator) -> Tensor:
        n, size = len(x), x.shape[2]
        moved = (worse * some(0.5, n, generator))[:, None] * (2 * torch.rand(n, 2, generator=generator) - 1) * (MAX_SHIFT * size / 64)
        moved = torch.where(some(0.5, n, generator)[:, None] > 0, moved.round(), moved)
        x = apply(shifting(moved[:, 0], size), x, shifting(moved[:, 1], size))
        tint = (worse * some(0.5, n, generator))[:, None, None, None] * (2 * torch.rand(2, n, 3, 1, 1, generator=generator) - 1) * MAX_COLOUR
        return (x * (1 + tint[0]) + tint[1]).clamp_(0, 1)


def some(share: float, n: int, generator: torch.Generator) -> Tensor:
    """1 for about this share of n, 0 for the others.  (n,)"""
    return (torch.rand(n, generator=generator) < share).float()
