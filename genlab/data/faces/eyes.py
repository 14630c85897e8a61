"""Eyes and brows: almond lids, iris with pupil and catchlights, lashes, the lid that closes."""

import torch
from torch import Tensor

from genlab.data.faces import palette
from genlab.data.faces.canvas import Canvas
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import cover, ramp, stroke

LEVEL = 0.02   # height of the eyes' corners


class Eye:
    """Where the lids of a face run; lengths (B, 1, 1) in head units."""

    def __init__(self, face: Face):
        self.centre = eye_centre(face)
        self.half = 0.108 + 0.011 * face.eye_size + 0.006 * (1 - face.man)
        self.tall = 0.090 + 0.009 * face.eye_size + 0.008 * (1 - face.man) - 0.009 * face.old
        self.upper = self.tall * (0.06 + 0.94 * face.eyes_open)
        self.lower = 0.040 - 0.017 * face.smile.clamp(min=0)
        self.slant = 0.06 + 0.07 * face.eye_slant - 0.05 * face.old


def eye_centre(face: Face) -> Tensor:
    return 0.162 + 0.014 * face.eye_distance


def lower_lid(face: Face, e: Tensor, y: Tensor) -> Tensor:
    """Distance below the lower lid, for e = |u|."""
    q = (e - eye_centre(face)) / 0.11
    return y - LEVEL - 0.040 * (1 - q * q)


def eyes(canvas: Canvas, face: Face, head: Head) -> None:
    c = window(canvas, -0.42, -0.16, 0.42, 0.13)
    x, y = head.at(c)
    u = head.around(x)
    px = c.px / SCALE
    eye = Eye(face)
    e = u.abs() - eye.centre
    v = y - LEVEL + eye.slant * e
    q = e / eye.half
    arch = 1 - q * q
    top, bottom = -eye.upper * arch, eye.lower * arch
    white = cover(torch.maximum(top - v, v - bottom), px)
    lids(c, face, eye, e, v, arch, px)
    ball(c, face, eye, u, e, v, top, white, px)
    lashes(c, face, eye, q, v, top, px)


def lids(c: Canvas, face: Face, eye: Eye, e: Tensor, v: Tensor, arch: Tensor, px: float) -> None:
    """The upper lid below its crease, and the crease itself."""
    crease = -(eye.tall * 1.02 + 0.004) * arch - 0.014
    lid = cover(torch.maximum(crease - v, v - eye.lower * arch), px) * ramp(arch, -0.12, 0.1)
    c.paint(torch.lerp(face.skin, face.skin_shadow, 0.62), 0.75 * lid)
    c.paint(face.skin_line, (0.50 + 0.2 * face.old) * stroke(v - crease, 0.0075, px) * ramp(arch, -0.05, 0.45))


def ball(c: Canvas, face: Face, eye: Eye, u: Tensor, e: Tensor, v: Tensor, top: Tensor, white: Tensor, px: float) -> None:
    """The white of the eye, the iris turned by the gaze, pupil and catchlights."""
    shade = ramp(v - top, 0.055, 0.0)                            # the upper lid's shadow
    sclera = palette.one(palette.SCLERA, u)
    c.paint(torch.lerp(sclera, sclera * face.skin_shadow.new_tensor([0.70, 0.66, 0.70]).view(1, 3, 1, 1), shade[:, None]), white)
    radius = 0.056 + 0.003 * face.eye_size
    ix = e - 0.055 * face.gaze * torch.sign(u)
    iy = v + 0.010
    r = (ix * ix + iy * iy).sqrt_()
    iris = palette.pick_share(palette.IRIS, face.flat("eye_colour"))
    lower = ramp(iy, -0.03, 0.045)[:, None]
    c.paint(torch.lerp(iris * 0.62, palette.lighten(iris, 0.28), lower), white * cover(r - radius, px))
    ink = palette.one(palette.INK, u)
    c.paint(ink, white * (cover(r - 0.030, px) + 0.75 * stroke(r - radius, 0.008, px)).clamp_(0, 1))
    side = ix * torch.sign(u) - 0.022 * torch.sign(face.light_x)
    glint = cover((side * side + (iy + 0.022).square()).sqrt_() - 0.017, px)
    c.paint(sclera, white * glint)


def lashes(c: Canvas, face: Face, eye: Eye, q: Tensor, v: Tensor, top: Tensor, px: float) -> None:
    """The dark line of the upper lid, thicker outwards with a wing in women, and a faint lower line."""
    woman = 1 - face.man
    half = 0.0085 + woman * (0.004 + 0.005 * q.clamp(-1, 1.3))
    reach = 1.02 + 0.20 * woman
    wing = (q - 0.85).clamp(min=0) * 0.10 * woman                # the tail turns up
    upper = stroke(v - top.clamp(max=0) + wing, half, px) * ramp(q, reach, reach - 0.2) * ramp(q, -1.1, -0.85)
    ink = torch.lerp(palette.one(palette.INK, q), face.skin_line, 0.25 * face.man[..., None])
    c.paint(ink, upper.clamp_(0, 1))
    lower = stroke(v - eye.lower * (1 - q * q), 0.005, px) * ramp(q.abs(), 1.0, 0.8)
    c.paint(face.skin_line, (0.35 + 0.25 * woman) * lower)


def brows(canvas: Canvas, face: Face, head: Head) -> None:
    """Brows in the hair's colour: thick, low and straight in men, thin, high and arched in women."""
    c = window(canvas, -0.42, -0.25, 0.42, 0.0)
    x, y = head.at(c)
    u = head.around(x)
    px = c.px / SCALE
    q = (u.abs() - 0.172 - 0.014 * face.eye_distance) / 0.128
    level = -0.134 + 0.022 * face.man - 0.013 * face.brow_height - 0.006 * (face.eyes_open - 0.5) - 0.008 * face.smile
    arch = 0.030 - 0.014 * face.man + 0.013 * face.brow_arch
    curve = level - arch * (1 - (q - 0.15).square())
    half = (0.0175 + 0.0135 * face.man + 0.0045 * face.brow_thickness) * (0.84 - 0.40 * q) * (1 - (0.94 * q).pow(6)).clamp(min=0)
    hairs = torch.lerp(face.hair_dark, face.hair, 0.45 * face.old[..., None])
    c.paint(hairs, 0.93 * stroke(y - curve, half, px))
