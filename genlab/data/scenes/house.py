"""A small house: a gable to the front, a long roof to one side, windows that glow when it is dark."""

import functools
from dataclasses import dataclass

import torch
from torch import Tensor

from genlab.data.scenes.canvas import Canvas, span, within
from genlab.data.scenes.light import Light, colour
from genlab.data.scenes.place import Place
from genlab.data.scenes.sprites import Sprites

ROOFS = ("C8553D", "8C4A3C", "4F6D8C", "7A5A6E")
MIDDLE, GABLE, END = -0.42, 0.42, 0.84   # of the front: its middle and half its width; where the side wall ends. Unit: half the house
EAVE, PITCH = 0.52, 1.05                 # height of the walls, slope of the roof
TOP = EAVE + PITCH * GABLE
LEVEL = 0.69                             # distance to a line of that slope per unit of height


@dataclass
class House:
    """b houses on their sprites: x from the corner towards the side wall and y up, in house units; toward is where the sun is."""

    s: Sprites
    light: Light
    x: Tensor
    y: Tensor
    scale: Tensor
    toward: Tensor

    def box(self, left: float, right: float, low: float, high: float) -> Tensor:
        """Coverage of an upright rectangle."""
        return span(self.x, 1 / self.scale, left, right) * span(self.y, 1 / self.scale, low, high)

    def inside(self, *depths: Tensor) -> Tensor:
        """Coverage of what is inside all of these edges."""
        return within(functools.reduce(torch.minimum, depths), self.scale)

    def lit(self, surface: Tensor, share: Tensor) -> Tensor:
        """A surface with this share of sunlight, (b, 1, 1)."""
        return torch.lerp(self.light.shaded(surface), self.light.lit(surface), share.clamp(0, 1)[:, None])


def house(canvas: Canvas, place: Place, light: Light, which: Tensor) -> None:
    """Paint it in the pictures `which` (b,); place and light are those of them alone."""
    x0, y0, unit = place.house_spot
    facing = torch.where(place.house_facing < 0, -1.0, 1.0)
    s = Sprites.cut(canvas, which, x0, y0 - 0.17, 0.29, 0.27)
    toward = ((place.sun[0] - x0) * 3).clamp(-1, 1) * facing
    h = House(s, light, (s.x - x0) / unit * facing, (y0 - s.y) / unit, unit / s.px, toward)
    shadow(h)
    walls(h)
    openings(h)
    chimney(h, place)
    roof(h, place)
    s.stamp(canvas)
    smoke(canvas, place, light, which, unit * facing)


def shadow(h: House) -> None:
    r = ((h.x + 0.25 * h.toward) / 1.15).square() + (h.y / 0.10).square()
    h.s.paint(h.light.shaded(h.light.season("4F7F42", "9DB2D4")), 0.6 * (1.7 - 1.4 * r).clamp_(0, 1))


def walls(h: House) -> None:
    plaster = colour("F3E3CC", h.light.low)
    h.s.paint(h.lit(plaster, 0.35 + 0.45 * h.toward), h.box(0.0, END, 0.0, EAVE))
    off = (h.x - MIDDLE).abs()
    h.s.paint(h.lit(plaster, 0.75 - 0.45 * h.toward), h.inside(GABLE - off, h.y, (EAVE + PITCH * (GABLE - off) - h.y) * LEVEL))


def openings(h: House) -> None:
    h.s.paint(h.light.shaded(colour("9A5B3E", h.light.low)), h.box(-0.53, -0.31, 0.0, 0.36))
    pane = h.light.shaded(colour("7FA3BF", h.light.low))
    glass = torch.lerp(pane, colour("FFD87A", h.light.low), 0.25 + 0.75 * h.light.dusk)
    for left, right, low, high in ((0.14, 0.34, 0.16, 0.38), (0.50, 0.70, 0.16, 0.38), (-0.51, -0.33, 0.52, 0.70)):
        h.s.paint(glass, h.box(left, right, low, high))


def tiles(h: House, place: Place) -> Tensor:
    index = ((place.flat("house_roof") + 1) / 2 * len(ROOFS)).long().clamp(0, len(ROOFS) - 1)
    return torch.cat([colour(code, h.light.low) for code in ROOFS])[index]


def snow(h: House, share: Tensor) -> Tensor:
    return h.lit(colour("F7FAFE", h.light.low), share)


def chimney(h: House, place: Place) -> None:
    h.s.paint(h.lit(tiles(h, place), torch.full_like(h.toward, 0.4)), h.box(0.36, 0.52, 0.7, 1.20))
    h.s.paint(snow(h, torch.ones_like(h.toward)), h.box(0.34, 0.54, 1.18, 1.25) * place.winter)


def roof(h: House, place: Place) -> None:
    """The long side, under snow in winter down to its lower edge, and the boards along the gable."""
    share = 0.55 + 0.45 * h.toward
    lean = (TOP - h.y) / PITCH
    side = h.inside(h.y - EAVE + 0.10, TOP + 0.05 - h.y, (h.x - MIDDLE - lean) * 0.72, (0.52 + 0.95 * lean - h.x) * 0.72)
    h.s.paint(h.lit(tiles(h, place), share), side)
    h.s.paint(snow(h, share), side * within(h.y - EAVE, h.scale) * place.winter)
    off = (h.x - MIDDLE).abs()
    board = span((h.y - EAVE - PITCH * (GABLE - off) - 0.02) * LEVEL, 1 / h.scale, -0.052, 0.052) * within(GABLE + 0.08 - off, h.scale)
    h.s.paint(torch.lerp(h.lit(tiles(h, place), torch.full_like(share, 0.5)), snow(h, share), 0.45 * place.winter[:, None]), board)


def smoke(canvas: Canvas, place: Place, light: Light, which: Tensor, unit: Tensor) -> None:
    """Puffs from the chimney in winter; unit is negative where the house faces left."""
    x0, y0, _ = place.house_spot
    s = Sprites.cut(canvas, which, x0 + 0.55 * unit, y0 - 0.42, 0.16, 0.20)
    x, y = s.x - x0 - 0.44 * unit, y0 - s.y - 0.25
    alpha = torch.zeros_like(x + y)
    for rise, drift, radius in ((0.01, 0.0, 0.018), (0.055, 0.012, 0.027), (0.11, 0.035, 0.038), (0.18, 0.075, 0.050)):
        r2 = ((x - drift * torch.sign(unit)).square() + (y - rise).square()) / radius**2
        alpha = torch.maximum(alpha, (1 - r2).clamp_(min=0) * (0.75 - 2.4 * rise))
    s.paint(torch.lerp(light.haze, torch.ones_like(light.haze), 0.55), alpha * place.winter)
    s.stamp(canvas)
