"""What a person puts on: glasses, earrings, a hat."""

import torch
from torch import Tensor

from genlab.data.faces import palette
from genlab.data.faces.canvas import Canvas
from genlab.data.faces.eyes import LEVEL, eye_centre
from genlab.data.faces.hair import hat_edge
from genlab.data.faces.head import SCALE, Head, window
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import box, cover, ellipse, ramp, stroke

GLASSES_SHAPES = 4   # round, oval, square, cat's eye
HAT_SHAPES = 3       # beanie, brimmed hat, cap
EARRING_SHAPES = 2   # drop, hoop


def glasses(canvas: Canvas, face: Face, head: Head) -> None:
    """Frames with clear lenses, on the nose and around the eyes."""
    c = window(canvas, -0.47, -0.15, 0.47, 0.20)
    x, y = head.at(c)
    px = c.px / SCALE
    u = head.around(x) - 0.10 * face.shift
    shape = palette.choice(face.flat("glasses_shape"), GLASSES_SHAPES)[:, None, None]
    square, cat = (shape == 2).float(), (shape == 3).float()
    hx = 0.142 - 0.010 * (shape == 0).float() + 0.006 * square
    hy = 0.108 - 0.012 * (shape == 1).float() - 0.012 * square - 0.014 * cat
    e, v = u.abs() - eye_centre(face) - 0.004, y - LEVEL - 0.020
    v = v + cat * 0.20 * e
    rim = box(e, v, hx, hy, torch.minimum(hx, hy) * (1 - 0.55 * square - 0.25 * cat))
    bridge = torch.maximum((v + 0.045 - 1.2 * u * u).abs() - 0.013, u.abs() - 0.06)
    temple = torch.maximum((v + 0.035).abs() - 0.014, torch.maximum(eye_centre(face) + hx - u.abs(), head.distance(x, y) + 0.01))
    frame = torch.maximum(stroke(rim, 0.0155, px), torch.maximum(cover(torch.maximum(bridge, u.abs() - 0.09), px) * cover(-rim, px), cover(temple, px)))
    colour = palette.pick_share(palette.GLASSES, face.flat("glasses_colour"))
    c.paint(face.skin_line, 0.42 * ramp((rim - 0.02 + 0.10 * v).abs(), 0.045, 0.0))
    lens = cover(rim, px)
    white = palette.one(palette.SCLERA, x)
    glare = ramp((e * torch.sign(u) + 0.8 * v + 0.03).abs(), 0.040, 0.022) * ramp(v, 0.06, -0.05)
    c.paint(white, lens * (0.07 + 0.26 * glare))
    edge = ramp(v, 0.02, -0.09) * ramp(face.light_x * e * torch.sign(u), -0.06, 0.06)
    c.paint(torch.lerp(colour, palette.lighten(colour, 0.5), 0.6 * edge[:, None]), frame)


def earrings(canvas: Canvas, face: Face, head: Head) -> None:
    """A drop or a hoop below each ear, over any hair."""
    c = window(canvas, -0.54, 0.10, 0.54, 0.42)
    x, y = head.at(c)
    px = c.px / SCALE
    e = (x + 0.22 * face.shift).abs() - head.half + 0.005
    v = y - 0.20
    hoop = (palette.choice(face.flat("earring_shape"), EARRING_SHAPES) == 1).float()[:, None, None]
    drop = torch.minimum(ellipse(e, v - 0.075, 0.034, 0.046), ellipse(e, v, 0.017, 0.017))
    ring = stroke(ellipse(e, v - 0.062, 0.050, 0.058), 0.0125, px)
    colour = palette.pick_share(palette.EARRINGS, face.flat("earring_colour"))
    alpha = torch.lerp(cover(drop, px), ring, hoop)
    rim = torch.lerp(cover(drop - 0.010, px), stroke(ellipse(e, v - 0.062, 0.050, 0.058), 0.022, px), hoop)
    c.paint(colour * 0.35, 0.7 * rim)
    bright = ramp(v - 0.06 + 0.8 * e * torch.sign(x) * -face.light_x, 0.03, -0.04)
    c.paint(torch.lerp(colour * 0.86, palette.lighten(colour, 0.7), bright[:, None]), alpha)


def hat(canvas: Canvas, face: Face, head: Head) -> None:
    """A beanie, a brimmed hat or a cap, above the brows."""
    c = window(canvas, -0.85, -0.90, 0.85, -0.16)
    x, y = head.at(c)
    px = c.px / SCALE
    shape = palette.choice(face.flat("hat_shape"), HAT_SHAPES)[:, None, None]
    beanie, brim, cap = ((shape == i).float() for i in range(HAT_SHAPES))
    colour = palette.pick_share(palette.HATS, face.flat("hat_colour"))
    edge = hat_edge(face, head, x)
    x = x - 0.25 * face.shift
    half = head.half + 0.055
    crown = ellipse(x, y + 0.27, half, 0.37 + 0.02 * beanie)
    crown = torch.lerp(crown, box(x, y + 0.42, half - 0.05, 0.26, 0.12) , brim)
    dome = torch.maximum(crown, y - edge)
    lit = (0.55 + 0.75 * face.light_x * x - 0.55 * (y + 0.45) - 0.9 * x * x).clamp(0, 1)
    ribs = torch.sin(x / (0.35 + 0.4 * (y + 0.65).clamp(min=0)) * 22)
    lit = lit + beanie * 0.10 * ribs
    shade = lambda t: torch.lerp(palette.tint(colour, 0.50, 0.46, 0.52), palette.lighten(colour, 0.22), t.clamp(0, 1)[:, None])
    below = y - edge
    c.paint(face.skin_line, 0.40 * ramp(below, 0.055, 0.0) * cover(x.abs() - head.half, px) * cover(-below, px))
    c.paint(shade(lit), cover(dome, px))
    cuff = torch.maximum((below + 0.062).abs() - 0.064, x.abs() - half - 0.012)
    c.paint(shade(lit + 0.10 - 6 * (below + 0.062).square() * 8 + 0.10 * torch.sin(x * 62)), cover(cuff, px) * beanie)
    band = torch.maximum((below + 0.05).abs() - 0.045, crown)
    c.paint(palette.tint(colour, 0.38, 0.34, 0.40), cover(band, px) * brim)
    wide = ellipse(x, y - edge + 0.015 + 0.05 * x * x, 0.72, 0.062)
    c.paint(shade(lit * 0.8 + 0.15 - 4 * below), cover(wide, px) * brim)
    vx = x - 0.60 * face.shift
    visor = torch.maximum(ellipse(vx, y + 0.275, 0.375, 0.098), -0.305 - y + 0.35 * vx * vx)
    c.paint(shade(0.10 + 0.3 * face.light_x * x - 7 * (y + 0.235)) * 0.72, cover(visor, px) * cap)
    c.paint(shade(lit + 0.35), 0.8 * stroke(y + 0.300 - 0.35 * vx * vx, 0.007, px) * cover(vx.abs() - 0.34, px) * cap)
    button = ellipse(x, y + 0.64, 0.035, 0.02)
    c.paint(shade(lit * 0 + 0.5), cover(button, px) * cap)
