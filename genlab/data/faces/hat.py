"""Hats, above the brows: a beanie, a brimmed hat, a cap."""

import torch
from torch import Tensor

from genlab.data.faces import palette
from genlab.data.faces.canvas import Canvas
from genlab.data.faces.hair import hat_edge
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import box, cover, ellipse, ramp


def hat(canvas: Canvas, face: Face, head: Head) -> None:
    """The hat that this person wears, and its shadow on the forehead."""
    c = window(canvas, -0.80, -0.90, 0.80, -0.15)
    cast(c, face, head)
    kinds = (beanie, brimmed, cap)
    shape = palette.choice(face.flat("hat_shape"), len(kinds))
    for i, kind in enumerate(kinds):
        c.some(shape == i, kind, face, head)


def cast(c: Canvas, face: Face, head: Head) -> None:
    x, y = head.at(c)
    px = c.px / SCALE
    below = y - hat_edge(face, head, x)
    c.paint(face.skin_line, 0.40 * ramp(below, 0.055, 0.0) * cover(x.abs() - head.half, px) * cover(-below, px))


class Cloth:
    """A hat's surface at the pixels of a window.

    x, y : head coordinates, turned with the head
    below : distance below the hat's edge; half : half its width
    lit : brightness of the rounded crown, 0 to 1
    """

    def __init__(self, c: Canvas, face: Face, head: Head):
        x, self.y = head.at(c)
        self.c, self.px = c, c.px / SCALE
        self.below = self.y - hat_edge(face, head, x)
        self.x = x - 0.25 * face.shift
        self.half = head.half + 0.055
        self.colour = palette.pick_share(palette.HATS, face.flat("hat_colour"))
        self.lit = 0.55 + 0.75 * face.light_x * self.x - 0.55 * (self.y + 0.45) - 0.9 * self.x * self.x

    def dome(self, height: float) -> Tensor:
        """Distance to a round crown."""
        return torch.maximum(ellipse(self.x, self.y + 0.27, self.half, height), self.below)

    def paint(self, d: Tensor, lit: Tensor, tone: float = 1.0) -> None:
        dark, light = palette.tint(self.colour, 0.50, 0.46, 0.52) * tone, palette.lighten(self.colour, 0.22) * tone
        self.c.paint(torch.lerp(dark, light, lit.clamp(0, 1)[:, None]), cover(d, self.px))


def beanie(c: Canvas, face: Face, head: Head) -> None:
    """Knitted, with ribs and a cuff."""
    s = Cloth(c, face, head)
    ribs = torch.sin(s.x / (0.35 + 0.4 * (s.y + 0.65).clamp(min=0)) * 22)
    s.paint(s.dome(0.39), s.lit + 0.10 * ribs)
    middle = s.below + 0.062
    s.paint(torch.maximum(middle.abs() - 0.064, s.x.abs() - s.half - 0.012), s.lit + 0.10 - 48 * middle.square() + 0.10 * torch.sin(62 * s.x))


def brimmed(c: Canvas, face: Face, head: Head) -> None:
    """A stiff crown with a dark band, and a wide brim."""
    s = Cloth(c, face, head)
    crown = torch.maximum(box(s.x, s.y + 0.42, s.half - 0.05, 0.26, 0.12), s.below)
    s.paint(crown, s.lit)
    band = torch.maximum((s.below + 0.05).abs() - 0.045, crown)
    c.paint(palette.tint(s.colour, 0.38, 0.34, 0.40), cover(band, s.px))
    level = s.y + 0.245 + 0.08 * s.x * s.x
    s.paint(ellipse(s.x, level, 0.70, 0.062), 0.8 * s.lit + 0.05 - 4 * level)


def cap(c: Canvas, face: Face, head: Head) -> None:
    """Round, with a dark visor under a bright edge, and a button on top."""
    s = Cloth(c, face, head)
    s.paint(s.dome(0.37), s.lit)
    s.paint(ellipse(s.x, s.y + 0.64, 0.035, 0.02), 0 * s.lit + 0.5)
    x = s.x - 0.35 * face.shift
    rise = s.y + 0.305 - 0.35 * x * x
    visor = torch.maximum(ellipse(x, s.y + 0.275, 0.375, 0.098), -rise)
    s.paint(visor, 0.3 * face.light_x * x - 5 * (s.y + 0.235), tone=0.72)
    s.paint(torch.maximum((rise - 0.005).abs() - 0.009, x.abs() - 0.34), s.lit + 0.35)
