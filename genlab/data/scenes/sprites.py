"""Small pictures at a place of their own in each scene: painted together, then laid onto the canvas."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from genlab.data.scenes.canvas import Canvas


@dataclass
class Sprites:
    """b windows of one size onto the pictures of a canvas, painted on glass.

    which : the picture that each belongs to, (b,)
    left, top : the first column and row, int (b, 1, 1)
    x, y : pixel centres in canvas coordinates, (b, 1, w) and (b, h, 1)
    image : colours times coverage, (b, 3, h, w)
    clear : the share of the canvas that still shows, (b, 1, h, w)
    px : the side of a pixel
    """

    which: Tensor
    left: Tensor
    top: Tensor
    x: Tensor
    y: Tensor
    image: Tensor
    clear: Tensor
    px: float

    @classmethod
    def cut(cls, canvas: Canvas, which: Tensor, x: Tensor, y: Tensor, half_w: float, half_h: float) -> "Sprites":
        """Clear windows that hold all pixels of the canvas within half_w and half_h of (x, y), each (b, 1, 1)."""
        size, px, device = canvas.image.shape[-1], canvas.px, canvas.image.device
        w, h = (min(math.ceil(2 * half / px) + 1, size) for half in (half_w, half_h))
        left, top = (((at - half + 1) / px).floor().long().clamp(0, size - n) for at, half, n in ((x, half_w, w), (y, half_h, h)))
        centres = [(start + torch.arange(n, device=device).view(shape) + 0.5) * px - 1
                   for start, n, shape in ((left, w, (1, 1, w)), (top, h, (1, h, 1)))]
        b = len(which)
        return cls(which, left, top, *(c.float() for c in centres), torch.zeros(b, 3, h, w, device=device), torch.ones(b, 1, h, w, device=device), px)

    def columns(self, n: int) -> Tensor:
        """n places spread over the width of every pixel column, (b, 1, w, n)."""
        offsets = (torch.arange(n, device=self.x.device) + 0.5) / n - 0.5
        return self.x[..., None] + offsets * self.px

    def paint(self, colour: Tensor, alpha: Tensor) -> None:
        """Lay a colour (b or 1, 3, 1 or h, 1 or w) over the sprites with coverage alpha (b, h, w)."""
        alpha = alpha[:, None]
        self.image.lerp_(colour.expand_as(self.image), alpha.expand_as(self.image))
        self.clear.mul_(1 - alpha)

    def take(self, index: Tensor) -> "Sprites":
        return Sprites(*(getattr(self, name)[index] for name in ("which", "left", "top", "x", "y", "image", "clear")), self.px)

    def stamp(self, canvas: Canvas) -> None:
        """Lay the sprites onto their pictures; no two of them may belong to the same one."""
        size = canvas.image.shape[-1]
        h, w = self.image.shape[-2:]
        rows, columns = (torch.arange(n, device=self.left.device) for n in (h, w))
        start = self.which.view(-1, 1, 1, 1) * 3 + torch.arange(3, device=self.left.device).view(1, 3, 1, 1)
        at = (start * size + self.top[:, None] + rows.view(1, 1, h, 1)) * size + self.left[:, None] + columns.view(1, 1, 1, w)
        pixels = canvas.image.view(-1)
        pixels[at] = torch.addcmul(self.image, pixels[at], self.clear)

