"""A small house: a gable to the front, a long roof to one side, windows that glow when it is dark."""

import torch
from torch import Tensor

from genlab.data.scenes.canvas import Canvas
from genlab.data.scenes.light import Light, colour
from genlab.data.scenes.place import Place
from genlab.data.scenes.sprites import Sprites

ROOFS = ("C8553D", "8C4A3C", "4F6D8C", "7A5A6E")
GABLE, LONG, EAVE, PITCH = 0.42, 1.0, 0.52, 1.05   # half width of the gable, length of the side, height of the walls, slope of the roof


def house(canvas: Canvas, place: Place, light: Light, which: Tensor) -> None:
    """Paint it in these scenes, (b,); place and light are of them alone."""
    x0, y0, unit = place.house_spot
    facing = torch.where(place.house_facing < 0, -1.0, 1.0)
    s = Sprites.cut(canvas, which, x0, y0 - 0.16, 0.26, 0.24)
    x, y, scale = (s.x - x0) / unit * facing, (y0 - s.y) / unit, unit / s.px
    toward = ((place.sun[0] - x0) * 3).clamp(-1, 1) * facing
    _shadow(s, light, x, y, toward)
    _walls(s, light, x, y, scale, toward)
    _openings(s, light, x, y, scale)
    _roof(s, place, light, x, y, scale, toward)
    s.stamp(canvas)


def inside(scale: Tensor, *depths: Tensor) -> Tensor:
    """Coverage of what is inside all of these edges: depths positive inside."""
    least = depths[0]
    for depth in depths[1:]:
        least = torch.minimum(least, depth)
    return (least * scale + 0.5).clamp_(0, 1)


def box(x: Tensor, y: Tensor, scale: Tensor, left: float, right: float, low: float, high: float) -> Tensor:
    return ((torch.minimum(x - left, right - x) * scale + 0.5).clamp(0, 1) * (torch.minimum(y - low, high - y) * scale + 0.5).clamp(0, 1))


def _shadow(s: Sprites, light: Light, x: Tensor, y: Tensor, toward: Tensor) -> None:
    r = ((x + 0.25 * toward) / 1.15).square() + (y / 0.10).square()
    s.paint(light.shaded(light.season("4F7F42", "9DB2D4")), 0.6 * (1.7 - 1.4 * r).clamp_(0, 1))


def _walls(s: Sprites, light: Light, x: Tensor, y: Tensor, scale: Tensor, toward: Tensor) -> None:
    wall = colour("F3E3CC", light.low)
    lit, dark = light.lit(wall), light.shaded(wall)
    front = x + 0.42
    s.paint(torch.lerp(dark, lit, (0.35 + 0.45 * toward).clamp(0, 1)[:, None]), box(x, y, scale, 0.0, 0.84, 0.0, EAVE))
    gable = inside(scale, GABLE - front.abs(), y, (EAVE + PITCH * (GABLE - front.abs()) - y) * 0.69)
    s.paint(torch.lerp(dark, lit, (0.75 - 0.45 * toward).clamp(0, 1)[:, None]), gable)


def _openings(s: Sprites, light: Light, x: Tensor, y: Tensor, scale: Tensor) -> None:
    door = light.shaded(colour("9A5B3E", light.low))
    s.paint(door, box(x, y, scale, -0.53, -0.31, 0.0, 0.36))
    glass = torch.lerp(light.shaded(colour("7FA3BF", light.low)), colour("FFD87A", light.low), (0.25 + 0.75 * light.night)[:, None].clamp(0, 1))
    for left, right, low, high in ((0.14, 0.34, 0.16, 0.38), (0.50, 0.70, 0.16, 0.38), (-0.51, -0.33, 0.52, 0.70)):
        s.paint(glass, box(x, y, scale, left, right, low, high))


def _roof(s: Sprites, place: Place, light: Light, x: Tensor, y: Tensor, scale: Tensor, toward: Tensor) -> None:
    top = EAVE + PITCH * GABLE
    which = ((place.flat("house_roof") + 1) / 2 * len(ROOFS)).long().clamp(0, len(ROOFS) - 1)
    tiles = torch.cat([colour(code, light.low) for code in ROOFS])[which]
    white = colour("F7FAFE", light.low)
    brick, snow = light.shaded(tiles), (0.92 * place.winter)[:, None]
    s.paint(torch.lerp(brick, light.lit(tiles), 0.4), box(x, y, scale, 0.36, 0.52, 0.7, 1.20))
    s.paint(light.lit(white), box(x, y, scale, 0.34, 0.54, 1.18, 1.25) * place.winter)
    lean = (top - y) / PITCH
    slope = inside(scale, y - EAVE + 0.07, top + 0.05 - y, (x + 0.42 - lean) * 0.72, (0.52 + lean * 0.95 - x) * 0.72)
    bright = (0.55 + 0.45 * toward).clamp(0, 1)[:, None]
    s.paint(torch.lerp(brick, light.lit(tiles), bright), slope)
    s.paint(torch.lerp(light.shaded(white), light.lit(white), bright), slope * ((y - EAVE + 0.02) * scale + 0.5).clamp(0, 1) * place.winter)
    front = (x + 0.42).abs()
    edge = EAVE + PITCH * (GABLE - front)
    board = inside(scale, (0.075 - (y - edge - 0.02).abs()) * 0.69, GABLE + 0.08 - front)
    s.paint(torch.lerp(torch.lerp(brick, light.lit(tiles), 0.5), light.lit(white), snow), board)
