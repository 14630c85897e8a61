"""The pictures being painted, and windows onto a part of them."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Canvas:
    """A batch of pictures, or a window onto one that shares its pixels.

    image : float (B, 3, h, w) in [0, 1]
    x, y : pixel centres, (1, 1, w) and (1, h, 1), from -1 at the left and top edge to 1
    px : the side of a pixel
    """

    image: Tensor
    x: Tensor
    y: Tensor
    px: float

    @classmethod
    def blank(cls, n: int, size: int, device: torch.device) -> "Canvas":
        """Black pictures."""
        grid = (torch.arange(size, dtype=torch.float32, device=device) * 2 + 1) / size - 1
        return cls(torch.zeros(n, 3, size, size, device=device), grid[None, None, :], grid[None, :, None], 2 / size)

    def band(self, top: float, bottom: float) -> "Canvas":
        """The rows of pixels that lie between two heights: painting there paints here."""
        first, last = max(int((top + 1) / self.px), 0), int((bottom + 1) / self.px) + 1
        return Canvas(self.image[:, :, first:last], self.x, self.y[:, first:last], self.px)

    def paint(self, colour: Tensor, alpha: Tensor) -> None:
        """Lay a colour (B or 1, 3, 1 or h, 1 or w) over the pictures with coverage alpha (B, h, w)."""
        self.image.lerp_(colour.expand_as(self.image), alpha[:, None].expand_as(self.image))
