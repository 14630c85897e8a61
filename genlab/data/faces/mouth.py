"""The mouth: lips with form, an opening with teeth and tongue, corners that rise with a smile."""

import torch
from torch import Tensor

from genlab.data.faces import palette
from genlab.data.faces.canvas import Canvas
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Batch, Face
from genlab.data.faces.sdf import blob, cover, ramp, stroke
from genlab.data.faces.skull import LIT


class Lips(Batch):
    """The curves of B mouths; lengths (B, 1, 1) in head units."""

    def __init__(self, face: Face):
        smile, woman = face.smile, 1 - face.man
        self.level = 0.312 + 0.016 * face.mouth_height + 0.006 * face.man
        self.half = 0.128 + 0.016 * face.mouth_width + 0.048 * smile - 0.012 * face.mouth_open
        self.lift = 0.076 * smile
        full = 1 + 0.24 * face.lip_fullness + 0.16 * woman - 0.28 * face.old
        self.upper = (0.030 - 0.007 * smile.clamp(min=0)) * full
        self.lower = (0.042 - 0.006 * smile.clamp(min=0)) * full
        self.gap = 0.105 * face.mouth_open

    def space(self, face: Face, u: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """(q from -1 to 1 along the mouth, 1 - q^2, height below the line between closed lips)"""
        q = (u - 0.10 * face.shift) / self.half
        q2 = q * q
        return q, 1 - q2, y - self.level - self.lift * (0.35 - q2.clamp(max=1.6))

    def relief(self, form: Canvas, face: Face, head: Head) -> None:
        """What the mouth does to the skin around it: the groove above, the shadow below, dimples."""
        c = window(form, -0.25, 0.20, 0.25, 0.56)
        x, y = head.at(c)
        u = head.around(x)
        below = blob(u - 0.10 * face.shift + 0.02 * face.light_x, y - self.level - self.gap - self.lower - 0.036, 0.10, 0.035)
        groove = blob(u - 0.10 * face.shift, y - self.level + 0.055, 0.022, 0.045)
        corner = blob(u.abs() - self.half - 0.022, y - self.level + 0.65 * self.lift, 0.032, 0.045)
        c.image[:, LIT] -= 0.20 * below + 0.07 * groove + (0.12 + 0.16 * face.smile.clamp(min=0)) * corner


def mouth(canvas: Canvas, face: Face, head: Head, lips: Lips) -> None:
    c = window(canvas, -0.30, 0.20, 0.30, 0.52)
    x, y = head.at(c)
    u = head.around(x)
    px = c.px / SCALE
    q, arch, v = lips.space(face, u, y)
    gap = lips.gap * arch
    bow = arch * (1 - 0.30 * blob(q, q * 0, 0.34, 1.0)) * (1 + 0.12 * arch)
    top, bottom = -lips.upper * bow - 0.25 * gap, lips.lower * arch * (1.15 - 0.15 * arch) + gap
    inner_top, inner_bottom = -0.25 * gap, gap
    colour = lip_colour(face)
    ends = ramp(q.abs(), 1.04, 0.94)
    c.paint(colour * 0.80, cover(torch.maximum(top - v, v - inner_bottom), px) * ends)
    shine = blob(q - 0.25 * face.light_x, (v - gap - 0.45 * lips.lower) / lips.lower, 0.62, 0.55)
    c.paint(torch.lerp(colour, palette.lighten(colour, 0.55), (0.75 * shine)[:, None]), cover(torch.maximum(inner_bottom - v, v - bottom), px) * ends)
    opening(c, face, lips, q, v, inner_top, inner_bottom, px)
    line = stroke(v - 0.5 * (inner_top + inner_bottom), 0.0075, px) * ramp(q.abs(), 1.08, 0.98) * ramp(lips.gap, 0.03, 0.0)
    c.paint(face.skin_line * 0.7, 0.9 * line)
    c.paint(face.skin_line, 0.5 * blob(q.abs() - 1.0, v, 0.14, 0.016))


def lip_colour(face: Face) -> Tensor:
    """Close to the skin in men, redder in women."""
    bare = torch.lerp(face.skin_line, palette.one(palette.LIPS[0], face.skin), 0.55)
    red = palette.one(palette.LIPS[1], face.skin)
    return torch.lerp(bare * 0.55 + face.skin * 0.45, red * 0.8 + face.skin * 0.2, 0.62 * (1 - face.man[..., None]))


def opening(c: Canvas, face: Face, lips: Lips, q: Tensor, v: Tensor, top: Tensor, bottom: Tensor, px: float) -> None:
    """The dark of an open mouth, upper teeth and tongue."""
    inside = cover(torch.maximum(top - v, v - bottom), px) * ramp(lips.gap, 0.0, 0.012)
    dark, teeth, tongue = (palette.one(c, v) for c in (palette.MOUTH, palette.TEETH, palette.TONGUE))
    c.paint(dark, inside)
    c.paint(tongue, inside * blob(q, (v - lips.gap) / (0.45 * lips.gap + 0.004), 0.75, 1.0))
    c.paint(teeth, inside * cover(v - top - 0.30 * lips.gap - 0.012 * (1 - q * q), px) * ramp(q.abs(), 0.92, 0.8))
