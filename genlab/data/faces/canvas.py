"""The picture being painted: pixels, their coordinates, and windows onto a part of it."""

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

    def window(self, left: float, top: float, right: float, bottom: float) -> "Canvas":
        """The pixels that touch this rectangle: painting there paints here."""
        size = round(2 / self.px)
        x0, y0 = (max(int((edge + 1) / self.px), 0) for edge in (left, top))
        x1, y1 = (min(int((edge + 1) / self.px) + 1, size) for edge in (right, bottom))
        return Canvas(self.image[:, :, y0:y1, x0:x1], self.x[:, :, x0:x1], self.y[:, y0:y1], self.px)

    def only(self, index: Tensor) -> "Canvas":
        """A copy of some of the pictures; put() brings it back."""
        return Canvas(self.image[index], self.x, self.y, self.px)

    def put(self, index: Tensor, part: "Canvas") -> None:
        self.image[index] = part.image

    def paint(self, colour: Tensor, alpha: Tensor) -> None:
        """Lay a colour (B or 1, 3, 1 or h, 1 or w) over the picture with coverage alpha (B, h, w)."""
        self.image.lerp_(colour.expand_as(self.image), alpha[:, None].expand_as(self.image))
