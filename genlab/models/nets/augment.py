"""Shifts and holes for adversarial training on few images, the same for real ones and fakes, and differentiable.

Zhao et al. 2020 (arXiv 2006.10738), DiffAugment: D sees only T(x) and T(G(z)), so it cannot learn the training images by heart,
and since G's gradient goes through T, G does not learn to draw shifted images with holes.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor


@dataclass(frozen=True)
class Augmentation:
    """One draw of T for a batch. What is shifted in and what is cut out is 0: middle grey, for pixels in [-1, 1].

    rows, columns : float32 (B, 1, S, S), matrices that move the lines of an image; None where nothing is shifted
    kept : float32 (B, 1, S, S), 0 within the hole and 1 elsewhere; None where nothing is cut out
    """

    rows: Tensor | None = None
    columns: Tensor | None = None
    kept: Tensor | None = None

    @classmethod
    def draw(cls, n: int, size: int, translate: float, cutout: float, generator: torch.Generator) -> Self:
        """Shifts of at most `translate` and square holes of `cutout` of an image's side, for n images; draws nothing for 0."""
        rows = columns = kept = None
        at = torch.arange(size, device=generator.device)
        most, side = round(translate * size), round(cutout * size)
        if most:
            shift = torch.randint(-most, most + 1, (2, n, 1, 1, 1), generator=generator, device=generator.device)
            rows, columns = (at[:, None] - shift == at).float()   # line i comes from line i - shift
        if side:
            middle = torch.randint(0, size, (2, n, 1, 1), generator=generator, device=generator.device)
            inside = (at - middle + side // 2 >= 0) & (at - middle + side // 2 < side)            # (2, B, 1, S)
            kept = 1 - (inside[0].unsqueeze(-1) & inside[1].unsqueeze(-2)).float()
        return cls(rows, columns, kept)

    def __call__(self, x: Tensor) -> Tensor:
        """(B, C, S, S) -> (B, C, S, S): image i gets the i-th shift and hole, whichever batch it is in."""
        if self.rows is not None:
            x = self.rows.to(x.device) @ x @ self.columns.to(x.device).mT
        return x if self.kept is None else x * self.kept.to(x.device)
