"""What is behind and below the head: the backdrop, the neck with the chin's shadow on it, shoulders and clothes."""

import torch
from torch import Tensor

from genlab.data.faces import palette
from genlab.data.faces.canvas import Canvas
from genlab.data.faces.head import Head, skin
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import blob, cover, ellipse, ramp, stroke

CUTS = 4   # crew neck, V neck, collar, roll neck
SHOULDER = 0.69


def backdrop(canvas: Canvas, face: Face) -> None:
    """A plain colour, brighter on the side the light comes from, with a pale disc behind the head."""
    colour = palette.pick(palette.BACKGROUND, face.flat("background").long())
    glow = (0.5 + 0.42 * face.light_x * canvas.x - 0.30 * canvas.y)[:, None]
    canvas.image.copy_(torch.lerp(palette.tint(colour, 0.86, 0.83, 0.84), palette.lighten(colour, 0.22), glow.clamp(0, 1)))
    disc = ellipse(canvas.x, canvas.y + 0.06, 0.80, 0.80)
    canvas.paint(palette.lighten(colour, 0.55), (0.42 * cover(disc, canvas.px)).expand(len(colour), -1, -1))


def bust(canvas: Canvas, face: Face, head: Head) -> None:
    """Neck, shoulders and clothes, in the lower part of the canvas."""
    c = canvas.window(-1, 0.1, 1, 1)
    cut = palette.choice(face.flat("clothes_cut"), CUTS)[:, None, None]
    deep, collar, roll = ((cut == i).float() for i in (1, 2, 3))
    neck(c, face, head)
    clothes(c, face, deep, collar, roll)
    c.some(collar, flaps, face)
    c.some(roll, rolled, face)


def neck_half(face: Face, y: Tensor) -> Tensor:
    """Half the neck's width at height y."""
    return 0.132 + 0.052 * face.man + 1.9 * (y - 0.52).clamp(min=0).square()


def neck(c: Canvas, face: Face, head: Head) -> None:
    half = neck_half(face, c.y)
    across = c.x / half
    lit = 0.52 + 0.34 * face.light_x * across - 0.22 * across * across
    x, y = c.x - face.shift * 0.5 + 0.16 * face.light_x, c.y - 0.46
    shadow = ramp(ellipse(x, y, head.half * 0.86, 0.17), 0.07, -0.05)   # the chin's shadow falls away from the light
    lit = lit * (1 - 0.85 * shadow)
    hollow = blob(c.x, c.y - 0.755, 0.10, 0.055)
    c.paint(skin(face, (lit - 0.10 * hollow).clamp(0, 1)), cover(c.x.abs() - half, c.px))


def clothes(c: Canvas, face: Face, deep: Tensor, collar: Tensor, roll: Tensor) -> None:
    colour = palette.pick_share(palette.CLOTHES, face.flat("clothes_colour"))
    wide = 0.80 + 0.07 * face.man
    body = ellipse(c.x, c.y - SHOULDER - 0.5, wide, 0.5)
    neckline = neckline_distance(c, face, deep) + roll
    cloth = torch.lerp(palette.tint(colour, 0.62, 0.58, 0.64), palette.lighten(colour, 0.14), shading(c, face)[:, None])
    c.paint(cloth, cover(torch.maximum(body, -neckline), c.px))
    rib = stroke(neckline - 0.028, 0.026, c.px) * cover(body, c.px)
    c.paint(palette.tint(colour, 0.72, 0.70, 0.74), 0.55 * rib * (1 - collar))


def neckline_distance(c: Canvas, face: Face, deep: Tensor) -> Tensor:
    """Distance to the opening for the neck: round, or a V where deep is 1."""
    open_x = 0.195 + 0.045 * face.man
    round_ = ellipse(c.x, c.y - 0.695, open_x, 0.105)
    v = (c.x.abs() * 0.86 + (c.y - 0.98) * 0.51)
    return torch.lerp(round_, torch.maximum(v, c.x.abs() - open_x), deep)


def shading(c: Canvas, face: Face) -> Tensor:
    """Light on cloth: from the side, dark under the chin, with two folds."""
    shade = 0.66 + 0.42 * face.light_x * c.x + 0.30 * (0.74 - c.y)
    shade = shade - 0.50 * blob(c.x + 0.12 * face.light_x, c.y - 0.69, 0.44, 0.20)
    fold = blob(c.x.abs() - 0.50 - 0.25 * (c.y - 0.9), c.y - 0.98, 0.035, 0.16)
    return (shade - 0.35 * fold).clamp(0, 1)


def flaps(c: Canvas, face: Face) -> None:
    """Two pointed collar flaps."""
    c = c.window(-0.35, 0.6, 0.35, 0.95)
    colour = palette.lighten(palette.pick_share(palette.CLOTHES, face.flat("clothes_colour")), 0.62)
    shade = (0.75 + 0.6 * face.light_x * c.x + 0.5 * (0.74 - c.y)).clamp(0, 1)
    x, y = c.x.abs() - 0.135, c.y - 0.785
    d = torch.maximum((x * 0.80 - y * 0.60).abs() - 0.062, (x * 0.60 + y * 0.80).abs() - 0.105)
    c.paint(colour * 0.55, 0.5 * cover(d - 0.018, c.px))
    c.paint(torch.lerp(colour * 0.8, colour, shade[:, None]), cover(d, c.px))


def rolled(c: Canvas, face: Face) -> None:
    """A roll neck around the throat."""
    colour = palette.pick_share(palette.CLOTHES, face.flat("clothes_colour"))
    half = 0.168 + 0.052 * face.man + 0.10 * (c.y - 0.55)
    edge = 0.590 + 0.55 * c.x * c.x
    d = torch.maximum(c.x.abs() - half, torch.maximum(edge - c.y, c.y - 0.765 - 0.5 * c.x * c.x))
    across = c.x / half
    shade = (0.52 + 0.36 * face.light_x * across - 0.25 * across * across + 0.8 * (c.y - 0.69)).clamp(0, 1)
    c.paint(torch.lerp(palette.tint(colour, 0.55, 0.50, 0.56), palette.lighten(colour, 0.12), shade[:, None]), cover(d, c.px))
