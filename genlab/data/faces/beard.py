"""Beard and moustache, in the hair's colour."""

import torch

from genlab.data.faces.canvas import Canvas
from genlab.data.faces.hair import colour
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Face
from genlab.data.faces.mouth import Lips
from genlab.data.faces.sdf import blob, cover, ellipse, ramp


def beard(canvas: Canvas, face: Face, head: Head, lips: Lips) -> None:
    """A beard along jaw and chin, from ear to ear, around but not over the mouth."""
    c = window(canvas, -0.48, 0.02, 0.48, 0.75)
    x, y = head.at(c)
    px = c.px / SCALE
    u = head.around(x)
    long = 0.045 + 0.030 * face.beard_length
    across, down, radius = head.radius(x, y, 0.018 + long * ramp(y, 0.15, 0.5))
    e = u.abs()
    cheek = 0.10 + 0.24 * ramp(e, 0.40, 0.13) + 0.03 * ramp(e, 0.12, 0.0)
    ring = ellipse(u - 0.10 * face.shift, y - lips.level - 0.35 * lips.gap + 0.02, lips.half + 0.035, 0.085 + 0.62 * lips.gap)
    d = torch.maximum(torch.maximum((radius - 1) * 0.45, cheek - y), -ring)
    flow = u * (1.5 - y)                                         # hairs run down and together
    strands = torch.sin(44 * flow + 1.6 * torch.sin(17 * y + 9 * u)) + 0.6 * torch.sin(91 * flow + 1.2 * torch.sin(23 * y))
    light = 0.40 + 0.34 * across * face.light_x - 0.30 * (down - 0.75) + 0.11 * strands
    c.paint(face.skin_line, 0.40 * ramp(d, 0.040, -0.010) * cover(radius - 1, px))
    soft = 1.6 * px + 0.006
    alpha = (0.5 - (d - 0.008 * strands) / soft).clamp_(0, 1) * ramp(y, 0.06, 0.16)
    c.paint(colour(face, light), 0.95 * alpha)


def moustache(canvas: Canvas, face: Face, head: Head, lips: Lips) -> None:
    """Two wings from under the nose to beyond the corners of the mouth."""
    c = window(canvas, -0.32, 0.16, 0.32, 0.46)
    x, y = head.at(c)
    px = c.px / SCALE
    u = head.around(x) - 0.16 * face.shift
    q = u.abs() / (lips.half + 0.04)
    rise = lips.lift * (0.30 - 0.75 * q * q)
    middle = lips.level - 0.046 + rise + 0.040 * q * q
    half = (0.042 + 0.006 * face.beard_length) * (1 - 0.72 * q * q) * (1 - 0.35 * blob(q, q * 0, 0.16, 1.0))
    d = torch.maximum((y - middle).abs() - half, (q - 1) * 0.1)
    strands = torch.sin(70 * u + 30 * (y - middle) * torch.sign(u))
    c.paint(face.skin_line, 0.60 * ramp(d, 0.028, -0.010))
    light = 0.32 + 0.25 * face.light_x * torch.sign(u) * q - 9 * (y - middle) + 0.10 * strands
    c.paint(colour(face, light), cover(d, 1.3 * px))
