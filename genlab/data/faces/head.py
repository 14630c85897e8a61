"""The head: its coordinates, its outline, and skin lit as if it were solid.

Head coordinates: X to the viewer's right, Y down, the origin between the eyes, upright however the head is tilted.
u is X followed around the turned head: the middle of the face is always u = 0.
"""

import math

import torch
from torch import Tensor

from genlab.data.faces.canvas import Canvas
from genlab.data.faces.identity import Batch, Face

SCALE = 1.15                 # head units to canvas units
NECK_X, NECK_Y = 0.0, 0.60   # where the head turns, in head units...
PIVOT_X, PIVOT_Y = 0.0, 0.625   # ...and on the canvas
LEAN = math.radians(15)      # the largest tilt, for windows


class Head(Batch):
    """The proportions of B heads; every length is (B, 1, 1) in head units."""

    def __init__(self, face: Face):
        angle = face.tilt * (math.pi / 180)
        self.cos, self.sin = torch.cos(angle) / SCALE, torch.sin(angle) / SCALE
        self.shift = face.shift
        self.half = 0.405 + 0.026 * face.face_width + 0.010 * face.man
        self.above = 0.515 + 0.015 * face.forehead
        self.below = 0.520 + 0.028 * face.face_length + 0.016 * face.man + 0.030 * face.mouth_open + 0.008 * face.old
        self.taper = 0.21 - 0.135 * face.man - 0.048 * face.jaw - 0.02 * face.old
        self.square = 0.26 + 0.24 * face.man + 0.10 * face.chin
        self.cheek = 0.05 + 0.035 * face.cheekbones

    def at(self, canvas: Canvas) -> tuple[Tensor, Tensor]:
        """Head coordinates X, Y (B, h, w) of a window's pixels."""
        x, y = canvas.x - PIVOT_X, canvas.y - PIVOT_Y
        return x * self.cos + (y * self.sin + NECK_X), y * self.cos - x * self.sin + NECK_Y

    def around(self, x: Tensor) -> Tensor:
        """u for X: the middle moves by the shift, the edges stay."""
        edge = 1 / (self.half * 1.04)
        return x - self.shift * (1 - (x * edge).square_()).clamp_(min=0)

    def radius(self, x: Tensor, y: Tensor, grow: Tensor | float = 0.0, rise: Tensor | float = 0.0) -> tuple[Tensor, Tensor, Tensor]:
        """Where a point lies in the head: (across, down, radius), with radius 1 on the outline grown by `grow`, upwards by `rise`."""
        low = (y / (self.below + grow)).clamp_(min=0)
        down = low + (y / (self.above + rise)).clamp_(max=0)
        low.clamp_(max=1.2)
        width = (self.half + grow) * (1 - low * (low * self.taper - self.cheek))
        across = (x - self.shift * (0.06 + 0.42 * low * low)) / width
        d2 = down * down
        d2 = torch.lerp(d2, d2 * d2, self.square)
        return across, down, (across * across + d2).sqrt_()

    def distance(self, x: Tensor, y: Tensor, grow: Tensor | float = 0.0) -> Tensor:
        """Distance to the outline of face and cranium, right near the edge."""
        return (self.radius(x, y, grow)[2] - 1) * 0.43


def window(canvas: Canvas, left: float, top: float, right: float, bottom: float) -> Canvas:
    """The part of the canvas that a rectangle in head coordinates can reach at any tilt."""
    corners = [(x - NECK_X, y - NECK_Y) for x in (left, right) for y in (top, bottom)]
    turned = [(x * math.cos(a) - y * math.sin(a), x * math.sin(a) + y * math.cos(a)) for x, y in corners for a in (-LEAN, 0.0, LEAN)]
    xs, ys = [SCALE * x + PIVOT_X for x, _ in turned], [SCALE * y + PIVOT_Y for _, y in turned]
    return canvas.window(min(xs), min(ys), max(xs), max(ys))


def skin(face: Face, lit: Tensor) -> Tensor:
    """Skin of a brightness: 0 in shadow, 0.5 plain, 1 in full light -> (B, 3, h, w)."""
    lit = lit[:, None]
    plain = torch.lerp(face.skin_shadow, face.skin, (lit * 2).clamp(0, 1))
    return plain.lerp_(face.skin_light.expand_as(plain), (lit * 2 - 1).clamp(0, 1).expand_as(plain))
