"""River and lake: water that shows the sky, under ice in winter."""

import math

import torch
from torch import Tensor

from genlab.data.scenes.canvas import Canvas
from genlab.data.faces.sdf import ramp
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place


def river_course(place: Place, y: Tensor) -> tuple[Tensor, Tensor]:
    """Middle and half width of the river at a height, the nearer the wider; (B, h, 1) -> the same."""
    p = ((y - place.skyline - 0.09) / 0.80).clamp(min=0)
    s = p.sqrt()
    swing = torch.sin((2.6 * math.pi * s + 2 * place.river_phase).double()).float()
    middle = 0.45 * place.river_x * (1 - 0.6 * s) - 0.35 * place.side * s + (0.06 + 0.30 * s) * (0.7 + 0.3 * place.river_bend) * swing * 0.6
    return middle, 0.012 + 0.20 * p * s


def river(canvas: Canvas, place: Place, light: Light) -> None:
    """A band that winds from the hills to the front."""
    c = canvas.band(0.0, 1)
    rows = c.y.expand(len(place), -1, -1)
    middle, half = river_course(place, rows)
    edge = (rows + 0.5 * c.px, rows - 0.5 * c.px)
    slope = (river_course(place, edge[0])[0] - river_course(place, edge[1])[0]) / c.px
    start = (rows - place.skyline - 0.085) / c.px
    k = 1 / (c.px * (1 + slope.square()).sqrt())
    off = (c.x - middle).abs_()
    bank = half * 1.20 + 0.008
    c.paint(light.shaded(light.season("8FA552", "C9D8EC")), (torch.addcmul(0.5 + bank * k, off, k, value=-1)).clamp_(0, 1) * start.clamp(0, 1))
    near = ramp(rows, 0.1, 0.8)[:, None]
    deep = torch.lerp(light.low, light.middle, near)
    water = torch.lerp(deep, light.season("4E9FC4", "DCEBF5") * light.sunlit, torch.lerp(0.35 + 0.20 * near, 0.75 - 0.2 * near, place.winter[:, None]))
    c.paint(water, (torch.addcmul(0.5 + half * k, off, k, value=-1)).clamp_(0, 1) * start.clamp(0, 1))


def lake_level(place: Place) -> Tensor:
    return place.skyline + 0.175


def lake(canvas: Canvas, place: Place, light: Light) -> None:
    """A long lake before the hills, which stand on their heads in it."""
    c = canvas.band(0.0, 0.5)
    half = 0.75 + 0.25 * place.lake_width
    u = (c.x - 0.35 * place.lake_x) / half
    lens = (1 - u.square()).clamp(min=0).sqrt()
    ripple = 0.012 * torch.sin((9 * c.x + 4 * place.lake_x).double()).float() * lens
    level = lake_level(place)
    top, bottom = level - 0.045 * lens, level + 0.115 * lens + ripple
    shore = between(c, top - 0.008 * (lens > 0), bottom + 0.012 * (lens > 0))
    c.paint(light.shaded(light.season("A0AF62", "C6D6EC")), shore)
    depth = ((c.y - level + 0.045) / 0.17).clamp(0, 1)[:, None]
    tone = torch.lerp(light.low, light.middle, depth) * light.season("C8E4F0", "F4F9FF")
    mirrored = torch.lerp(mirror(canvas, c, place), tone, torch.lerp(torch.full_like(light.night, 0.40), torch.full_like(light.night, 0.62), place.winter)[:, None])
    iced = torch.lerp(mirrored, light.lit(light.season("6FB4D6", "EAF3FA")), (0.18 + 0.27 * place.winter)[:, None])
    c.paint(iced, between(c, top, bottom))


def between(c: Canvas, top: Tensor, bottom: Tensor) -> Tensor:
    """Coverage of what lies between two heights, (B, 1, w) each."""
    low, high = torch.minimum(c.y + 0.5 * c.px, bottom), torch.maximum(c.y - 0.5 * c.px, top)
    return (low - high).clamp_(min=0) / c.px


def mirror(canvas: Canvas, c: Canvas, place: Place) -> Tensor:
    """The picture above the far shore, upside down and pressed together, at the rows of a window -> (B, 3, h, w)."""
    size = canvas.image.shape[-1]
    edge = lake_level(place) - 0.07
    source = edge - (c.y - edge).abs() * 3.2
    row = ((source + 1) / canvas.px - 0.5).round().long().clamp(0, size - 1)
    index = row[:, None].expand(-1, 3, -1, size)
    return canvas.image.gather(2, index)
