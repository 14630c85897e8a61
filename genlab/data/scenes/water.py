"""River and lake: water that shows the sky, under ice in winter."""

import torch
from torch import Tensor

from genlab.data.faces.sdf import ramp
from genlab.data.scenes.canvas import Canvas, span, within
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place

BANK = "8FB155", "CBDAEE"


def river(canvas: Canvas, place: Place, light: Light) -> None:
    """A band that winds from the hills to the front."""
    c = canvas.band(0.0, 1)
    rows = c.y.expand(len(place), -1, -1)
    middle, half = place.river_at(rows)
    slope = (place.river_at(rows + 0.5 * c.px)[0] - place.river_at(rows - 0.5 * c.px)[0]) / c.px
    scale = 1 / (c.px * (1 + slope.square()).sqrt())
    begun = ((rows - place.skyline - 0.085) / c.px).clamp(0, 1)
    off = (c.x - middle).abs_()
    c.paint(light.shaded(light.season(*BANK)), within(half * 1.16 + 0.006 - off, scale) * begun)
    near = ramp(rows, 0.1, 0.8)[:, None]
    c.paint(water_colour(place, light, near), within(half - off, scale) * begun)


def water_colour(place: Place, light: Light, near: Tensor) -> Tensor:
    """The sky in the water or in the ice, and by day its own blue; near is 0 at the far shore, 1 in front."""
    sky = torch.lerp(light.low, torch.lerp(light.middle, light.zenith, 0.35), near)
    own = light.season("3D97CC", "A4CCE8") * torch.lerp(light.sunlit, light.shade, 0.25)
    return torch.lerp(sky, own, 0.04 + (0.58 + 0.14 * place.winter[:, None]) * (1 - light.dusk))


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
    top, bottom = level - 0.045 * lens, level + 0.095 * lens + ripple
    wet = (lens > 0).float()
    c.paint(light.shaded(light.season(*BANK)), span(c.y, c.px, top - 0.004 * wet, bottom + 0.012 * wet))
    depth = ((c.y - level + 0.045) / 0.15).clamp(0, 1)[:, None]
    tone = water_colour(place, light, 0.15 + 0.85 * depth)
    water = torch.lerp(mirror(canvas, c, place), tone, 0.45 + 0.2 * place.winter[:, None])
    c.paint(water, span(c.y, c.px, top, bottom))


def mirror(canvas: Canvas, c: Canvas, place: Place) -> Tensor:
    """The picture above the far shore, upside down and pressed together, at the rows of a window -> (B, 3, h, w)."""
    size = canvas.image.shape[-1]
    edge = lake_level(place) - 0.07
    source = edge - (c.y - edge).abs() * 3.2
    row = ((source + 1) / canvas.px - 0.5).round().long().clamp(0, size - 1)
    index = row[:, None].expand(-1, 3, -1, size)
    return canvas.image.gather(2, index)
