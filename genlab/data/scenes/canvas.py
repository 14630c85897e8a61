"""The pictures being painted, bands of their rows, and the soft edges of what is painted on them."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass
class Canvas:
    """A batch of pictures, or a band of rows that shares their pixels.

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
        """The rows of pixels that touch what is between two heights: painting there paints here."""
        start, stop = max(int((top + 1) / self.px), 0), int((bottom + 1) / self.px) + 1
        return Canvas(self.image[:, :, start:stop], self.x, self.y[:, start:stop], self.px)

    def paint(self, colour: Tensor, alpha: Tensor) -> None:
        """Lay a colour (B or 1, 3, 1 or h, 1 or w) over the pictures with coverage alpha (B, h, w)."""
        self.image.lerp_(colour.expand_as(self.image), alpha[:, None].expand_as(self.image))


def within(depth: Tensor, scale: Tensor | float) -> Tensor:
    """Share of a pixel inside an edge that is `depth` away, positive inside, at `scale` pixels to a unit of depth."""
    return (depth * scale).add_(0.5).clamp_(0, 1)


def span(at: Tensor, width: Tensor | float, low: Tensor | float, high: Tensor | float) -> Tensor:
    """Share of the interval of this width around `at` that lies between low and high: thin things fade instead of breaking up."""
    start, stop = at - 0.5 * width, at + 0.5 * width
    start = torch.maximum(start, low) if isinstance(low, Tensor) else start.clamp_(min=low)
    stop = torch.minimum(stop, high) if isinstance(high, Tensor) else stop.clamp_(max=high)
    return (stop - start).clamp_(min=0) / width


def saw(x: Tensor) -> Tensor:
    """A zigzag of period 1 between -1 and 1."""
    return (x - x.round()).abs_().mul_(4).sub_(1)
