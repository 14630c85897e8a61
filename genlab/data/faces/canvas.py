"""The picture being painted: pixels, their coordinates, and windows onto a part of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from genlab.data.faces.identity import Batch


@dataclass
class Canvas:
    """A batch of pictures, or a window onto one that shares its pixels.

    image : float (B, 3, h, w) in [0, 1]
    x, y : pixel centres, (1, 1, w) and (1, h, 1), from -1 at the left and top edge of the picture to 1
    px : the side of a pixel
    left, top : the window's first column and row in the picture
    """

    image: Tensor
    x: Tensor
    y: Tensor
    px: float
    left: int = 0
    top: int = 0

    @classmethod
    def blank(cls, n: int, size: int, device: torch.device) -> "Canvas":
        """Black pictures."""
        grid = (torch.arange(size, dtype=torch.float32, device=device) * 2 + 1) / size - 1
        return cls(torch.zeros(n, 3, size, size, device=device), grid[None, None, :], grid[None, :, None], 2 / size)

    def window(self, left: float, top: float, right: float, bottom: float) -> "Canvas":
        """The pixels that touch this rectangle: painting there paints here."""
        x0, y0 = max(int((left + 1) / self.px) - self.left, 0), max(int((top + 1) / self.px) - self.top, 0)
        x1, y1 = int((right + 1) / self.px) + 1 - self.left, int((bottom + 1) / self.px) + 1 - self.top
        return Canvas(self.image[:, :, y0:y1, x0:x1], self.x[:, :, x0:x1], self.y[:, y0:y1], self.px, self.left + x0, self.top + y0)

    def some(self, present: Tensor, painter: Callable, *batches: Batch) -> None:
        """Let painter(canvas, *batches) work on those pictures alone where present (B,) is not 0."""
        index = present.flatten().nonzero().flatten()
        if len(index):
            part = replace(self, image=self.image[index])
            painter(part, *(batch.take(index) for batch in batches))
            self.image[index] = part.image

    def paint(self, colour: Tensor, alpha: Tensor) -> None:
        """Lay a colour (B or 1, 3, 1 or h, 1 or w) over the picture with coverage alpha (B, h, w)."""
        self.image.lerp_(colour.expand_as(self.image), alpha[:, None].expand_as(self.image))
