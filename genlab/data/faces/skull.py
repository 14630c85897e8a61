"""Ears, and the bare head with all the forms that light models on it: sockets, nose, cheeks, chin, and the lines of age."""

import torch
from torch import Tensor

from genlab.data.faces.canvas import Canvas
from genlab.data.faces.eyes import eye_line
from genlab.data.faces.head import SCALE, Head, skin, window
from genlab.data.faces.identity import Face
from genlab.data.faces.mouth import Lips
from genlab.data.faces.nose import nose_lines, nose_relief
from genlab.data.faces.sdf import blob, cover, ellipse, ramp, stroke


def ears(canvas: Canvas, face: Face, head: Head) -> None:
    """Both ears, behind the head; a turn hides one and shows the other."""
    c = window(canvas, -0.56, -0.14, 0.56, 0.28)
    x, y = head.at(c)
    size = 1 + 0.12 * face.ear_size + 0.10 * face.old
    e = (x + 0.22 * face.shift).abs() - head.half - 0.006
    e = e + 0.18 * (y - 0.07)                                   # ears lean in towards the jaw
    d = ellipse(e, y - 0.07, 0.058 * size, 0.118 * size)
    inner = ellipse(e + 0.006, y - 0.06, 0.032 * size, 0.075 * size)
    lit = 0.50 + 0.30 * face.light_x * torch.sign(x) - 0.55 * cover(inner, 3 * c.px) + 0.6 * blob(e - 0.04, y - 0.02, 0.03, 0.10)
    c.paint(torch.lerp(skin(face, lit.clamp(0, 1)), face.blush, 0.30), cover(d * SCALE, c.px))


def skull(canvas: Canvas, face: Face, head: Head, lips: Lips) -> None:
    """The head's skin, with everything that shades it, but neither eyes nor lips."""
    c = window(canvas, -0.47, -0.56, 0.47, 0.62)
    x, y = head.at(c)
    across, down, radius = head.radius(x, y)
    u = head.around(x)
    alpha = cover((radius - 1) * (0.43 * SCALE), c.px)
    lit = lighting(face, across, down, radius) + relief(face, u, y) + nose_relief(face, u, y) + lips.relief(face, u, y)
    colour = skin(face, lit.clamp_(0, 1))
    colour.lerp_(face.blush.expand_as(colour), (rouge(face, u, y))[:, None].expand_as(colour))
    ink = wrinkles(face, u, y, c.px / SCALE) + nose_lines(face, u, y, c.px / SCALE)
    colour.lerp_(face.skin_line.expand_as(colour), ink.clamp_(0, 1)[:, None].expand_as(colour))
    c.paint(colour, alpha)


def lighting(face: Face, across: Tensor, down: Tensor, radius: Tensor) -> Tensor:
    """Brightness of the head taken for an egg, with a darker far side and a thin bright rim on it."""
    facing = (1 - radius * radius).clamp_(min=0).sqrt_()
    lambert = across * face.light_x + (0.75 * down) * face.light_y + facing * face.light_z
    lit = 0.06 + 0.62 * ramp(lambert, -0.50, 1.0)
    rim = ramp(radius, 0.86, 1.0) * ramp(-across * torch.sign(face.light_x), 0.55, 0.95) * face.light_x.abs()
    return lit + 0.26 * rim


def relief(face: Face, u: Tensor, y: Tensor) -> Tensor:
    """What sockets, cheekbones, temples and chin add to the brightness."""
    e = u.abs()
    side = torch.sign(u) * face.light_x
    socket = blob(e - 0.155, y + 0.055, 0.135, 0.105)
    apple = blob(e - 0.235, y - 0.165 + 0.03 * face.smile, 0.13, 0.10)
    under = blob(e - 0.20, y - 0.30, 0.15, 0.13)
    brow = blob(u, y + 0.27, 0.30, 0.17)
    chin = blob(u, y - 0.445 - 0.03 * face.mouth_open, 0.10, 0.07)
    glow = (0.12 + 0.07 * face.smile) * (1 + 0.5 * side)
    return glow * apple + 0.09 * brow + 0.10 * chin - (0.17 - 0.05 * side) * socket - (0.06 + 0.03 * face.man) * under


def rouge(face: Face, u: Tensor, y: Tensor) -> Tensor:
    """Colour in the cheeks, more with a smile and in women, and on the tip of the nose."""
    cheek = blob(u.abs() - 0.245, y - 0.185 + 0.03 * face.smile, 0.15, 0.115)
    return (0.40 + 0.22 * face.smile - 0.16 * face.man) * cheek + 0.22 * blob(u - 0.3 * face.shift, y - 0.18, 0.09, 0.07)


def wrinkles(face: Face, u: Tensor, y: Tensor, px: float) -> Tensor:
    """Lines of age, and the fold beside a smile."""
    e = u.abs()
    old = face.old
    smile = face.smile.clamp(min=0)
    bag = eye_line(face, e, y) - 0.045
    bags = stroke(bag, 0.010, px) * blob(e - 0.165, y - 0.075, 0.11, 0.09)
    fold_x = 0.115 + 0.55 * (y - 0.165) - 1.0 * (y - 0.165).square() + 0.022 * smile
    fold = stroke(e - fold_x, 0.009, px) * ramp(y, 0.14, 0.20) * ramp(y, 0.36, 0.29)
    lines = 0
    for i, level in enumerate((0.225, 0.275, 0.325)):
        wave = y + level - 0.10 * (e - 0.10).square() * 8 * 0.25
        lines = lines + stroke(wave, 0.007, px) * ramp(e, 0.24 - 0.02 * i, 0.14 - 0.02 * i)
    crow = 0
    for tilt in (-0.5, 0.1, 0.65):
        crow = crow + stroke((y - 0.01) - tilt * (e - 0.27), 0.007, px) * ramp(e, 0.275, 0.295) * ramp(e, 0.355, 0.325)
    jowl = stroke(e - 0.165 - 0.25 * (y - 0.36), 0.009, px) * ramp(y, 0.33, 0.37) * ramp(y, 0.46, 0.42)
    return old * (0.75 * bags + 0.62 * lines + 0.6 * crow + 0.45 * jowl) + (0.03 + 0.68 * old + 0.16 * smile) * fold
