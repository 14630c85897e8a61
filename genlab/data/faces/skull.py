"""Ears and the bare head. What stands out of the head or lines it is gathered first, then all of it is lit at once."""

import torch
from torch import Tensor

from genlab.data.faces.canvas import Canvas
from genlab.data.faces.head import SCALE, Head, skin, window
from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import blob, cover, ellipse, ramp

LIT, INK, RED = range(3)   # channels of the form: brightness added, dark lines, colour in the cheeks


def ears(canvas: Canvas, face: Face, head: Head) -> None:
    """Both ears, behind the head; a turn hides one and shows the other."""
    c = window(canvas, -0.52, -0.08, 0.52, 0.23)
    x, y = head.at(c)
    size = 1 + 0.12 * face.ear_size + 0.10 * face.old
    e = (x + 0.22 * face.shift).abs() - head.half - 0.006
    e = e + 0.18 * (y - 0.07)                                   # ears lean in towards the jaw
    d = ellipse(e, y - 0.07, 0.058 * size, 0.118 * size)
    inner = ellipse(e + 0.006, y - 0.06, 0.032 * size, 0.075 * size)
    lit = 0.50 + 0.30 * face.light_x * torch.sign(x) - 0.55 * cover(inner, 3 * c.px) + 0.6 * blob(e - 0.04, y - 0.02, 0.03, 0.10)
    c.paint(torch.lerp(skin(face, lit.clamp(0, 1)), face.blush, 0.30), cover(d * SCALE, c.px))


def skull(canvas: Canvas, face: Face, head: Head, form: Canvas) -> None:
    """The head's skin, shaped by its form, but neither eyes nor lips."""
    c, f = (window(layer, -0.47, -0.56, 0.47, 0.60) for layer in (canvas, form))
    across, down, radius = head.radius(*head.at(c))
    lit = lighting(face, across, down, radius) + f.image[:, LIT]
    colour = skin(face, lit.clamp_(0, 1))
    for tone, channel in ((face.blush, RED), (face.skin_line, INK)):
        colour.lerp_(tone.expand_as(colour), f.image[:, channel, None].clamp(0, 1).expand_as(colour))
    c.paint(colour, cover((radius - 1) * (0.43 * SCALE), c.px))


def lighting(face: Face, across: Tensor, down: Tensor, radius: Tensor) -> Tensor:
    """Brightness of the head taken for an egg, with a darker far side and a thin bright rim on it."""
    facing = (1 - radius * radius).clamp_(min=0).sqrt_()
    lambert = across * face.light_x + down * (0.75 * face.light_to[1]) + facing * face.light_to[2]
    lit = 0.06 + 0.62 * ramp(lambert, -0.50, 1.0)
    rim = ramp(radius, 0.86, 1.0) * ramp(across * -torch.sign(face.light_x), 0.55, 0.95)
    return lit + rim * (0.26 * face.light_x.abs())


def sockets(form: Canvas, face: Face, head: Head) -> None:
    """Brow bone and the hollows of the eyes."""
    c = window(form, -0.31, -0.44, 0.31, 0.06)
    x, y = head.at(c)
    u = head.around(x)
    socket = blob(u.abs() - 0.155, y + 0.055, 0.135, 0.105)
    c.image[:, LIT] += 0.09 * blob(u, y + 0.27, 0.30, 0.17) - (0.17 - 0.05 * face.light_x * torch.sign(u)) * socket


def cheeks(form: Canvas, face: Face, head: Head) -> None:
    """Cheeks that rise and redden with a smile, the hollows below them."""
    c = window(form, -0.42, 0.03, 0.42, 0.44)
    x, y = head.at(c)
    u = head.around(x)
    e = u.abs()
    rise = 0.03 * face.smile
    glow = (0.12 + 0.07 * face.smile) * (1 + 0.5 * face.light_x * torch.sign(u))
    c.image[:, LIT] += glow * blob(e - 0.235, y - 0.165 + rise, 0.13, 0.10) - (0.06 + 0.03 * face.man) * blob(e - 0.20, y - 0.30, 0.15, 0.13)
    c.image[:, RED] += (0.52 - 0.30 * face.old + 0.22 * face.smile - 0.16 * face.man) * blob(e - 0.245, y - 0.185 + rise, 0.15, 0.115)


def chin(form: Canvas, face: Face, head: Head) -> None:
    c = window(form, -0.16, 0.36, 0.16, 0.56)
    x, y = head.at(c)
    c.image[:, LIT] += 0.10 * blob(head.around(x), y - 0.445 - 0.03 * face.mouth_open, 0.10, 0.07)
