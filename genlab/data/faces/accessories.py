"""What a person puts on the face: glasses and earrings."""

import torch

from genlab.data.faces import palette
from genlab.data.faces.canvas import Canvas
from genlab.data.faces.eyes import LEVEL, eye_centre
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import box, cover, ellipse, ramp, stroke

ROUND, OVAL, SQUARE, CAT = range(4)   # glasses
DROP, HOOP = range(2)                 # earrings


class Frame:
    """Glasses at the pixels of a window.

    e, v : position in the nearer lens; rim : distance to the edge of a lens; frame : coverage of all that is not glass
    """

    def __init__(self, c: Canvas, face: Face, head: Head):
        x, y = head.at(c)
        self.px = c.px / SCALE
        u = head.around(x) - 0.10 * face.shift
        self.side = torch.sign(u)
        shape = palette.choice(face.flat("glasses_shape"), 4)[:, None, None]
        square, cat = (shape == SQUARE).float(), (shape == CAT).float()
        half = 0.142 - 0.010 * (shape == ROUND).float() + 0.006 * square
        tall = 0.116 - 0.008 * (shape == OVAL).float() - 0.010 * square - 0.010 * cat
        centre = eye_centre(face) + 0.004
        self.e = u.abs() - centre
        self.v = y - LEVEL - 0.014 + 0.20 * cat * self.e
        self.rim = box(self.e, self.v, half, tall, torch.minimum(half, tall) * (1 - 0.55 * square - 0.25 * cat))
        bridge = torch.maximum((self.v + 0.045 - 1.2 * u * u).abs() - 0.013, u.abs() - 0.09)
        temple = torch.maximum((self.v + 0.035).abs() - 0.014, torch.maximum(half - self.e, head.distance(x, y) + 0.01))
        bars = torch.maximum(cover(bridge, self.px) * cover(-self.rim, self.px), cover(temple, self.px))
        self.frame = torch.maximum(stroke(self.rim, 0.0155, self.px), bars)


def glasses(canvas: Canvas, face: Face, head: Head) -> None:
    """Frames with clear lenses, on the nose and around the eyes, and their shadow."""
    c = window(canvas, -0.47, -0.15, 0.47, 0.20)
    g = Frame(c, face, head)
    c.paint(face.skin_line, 0.42 * ramp((g.rim - 0.02 + 0.10 * g.v).abs(), 0.045, 0.0))
    glare = ramp((g.e * g.side + 0.8 * g.v + 0.03).abs(), 0.040, 0.022) * ramp(g.v, 0.06, -0.05)
    c.paint(palette.one(palette.SCLERA, g.v), cover(g.rim, g.px) * (0.06 + 0.20 * glare))
    colour = palette.pick_share(palette.GLASSES, face.flat("glasses_colour"))
    bright = ramp(g.v, 0.02, -0.09) * ramp(face.light_x * g.e * g.side, -0.06, 0.06)
    c.paint(torch.lerp(colour, palette.lighten(colour, 0.5), 0.6 * bright[:, None]), g.frame)


def earrings(canvas: Canvas, face: Face, head: Head) -> None:
    """A drop or a hoop below each ear, over any hair."""
    c = window(canvas, -0.54, 0.10, 0.54, 0.42)
    x, y = head.at(c)
    px = c.px / SCALE
    e = (x + 0.22 * face.shift).abs() - head.half + 0.005
    v = y - 0.20
    drop = torch.minimum(ellipse(e, v - 0.075, 0.034, 0.046), ellipse(e, v, 0.017, 0.017))
    hoop = ellipse(e, v - 0.062, 0.050, 0.058).abs() - 0.0125
    kind = palette.choice(face.flat("earring_shape"), 2)[:, None, None]
    d = torch.where(kind == HOOP, hoop, drop)
    colour = palette.pick_share(palette.EARRINGS, face.flat("earring_colour"))
    c.paint(0.35 * colour, 0.7 * cover(d - 0.010, px))
    bright = ramp(v - 0.06 - 0.8 * face.light_x * e * torch.sign(x), 0.03, -0.04)
    c.paint(torch.lerp(colour * 0.86, palette.lighten(colour, 0.7), bright[:, None]), cover(d, px))
