"""Sky, sun and clouds."""

import torch
from torch import Tensor

from genlab.data.faces.sdf import bump, ramp
from genlab.data.scenes.canvas import Canvas, span, within
from genlab.data.scenes.factors import CLOUDS
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place
from genlab.data.scenes.sprites import Sprites

HEAPS = ((-0.80, 0.2), (0.40, 0.7), (-0.40, 0.45), (0.80, 0.9), (0.0, 0.0), (-0.96, 0.55))   # about where, and how far: 1 at the skyline
PUFFS = ((-0.80, 0.28), (-0.40, 0.42), (0.10, 0.58), (0.55, 0.40), (0.90, 0.26))             # place and radius, in units of the heap
assert len(HEAPS) == CLOUDS


def sky(canvas: Canvas, place: Place, light: Light) -> None:
    """A gradient from the zenith down to the skyline, bright around the sun."""
    up = ((place.skyline - canvas.y) * (1 / 1.1)).clamp(0, 1)[:, None]
    rows = torch.lerp(torch.lerp(light.low, light.middle, (up * 2).clamp(0, 1)), light.zenith, (up * 2 - 1).clamp(0, 1))
    canvas.image.copy_(rows.expand_as(canvas.image))
    c = canvas.band(-1, 0.3)
    c.paint(light.glow, halo(c, place) * (0.80 - 0.45 * place.elevation) * (1 - 0.6 * place.cloudiness))


def halo(canvas: Canvas, place: Place) -> Tensor:
    """Brightness around the sun, 1 at its middle, falling off with distance -> (B, h, w)."""
    x, y = place.sun
    r2 = torch.addcmul((canvas.y - y).square() * 1.4, canvas.x - x, canvas.x - x)
    return r2.mul_(5).add_(1).reciprocal_()


def sun(canvas: Canvas, place: Place, light: Light) -> None:
    """The disc, larger when it is low, with a soft ring."""
    x, y = place.sun
    radius = 0.085 + 0.035 * (1 - place.elevation)
    s = Sprites.cut(canvas, torch.arange(len(place), device=canvas.image.device), x, y, 0.26, 0.26)
    r = ((s.x - x).square() + (s.y - y).square()).sqrt_()
    veil = 1 - 0.5 * place.cloudiness
    s.paint(light.glow, 0.5 * bump((r / (radius * 2.1)).square()) * veil)
    s.paint(torch.lerp(light.glow, torch.ones_like(light.glow), 0.45), within(radius - r, 1 / canvas.px) * (0.65 + 0.35 * veil))
    s.stamp(canvas)


def clouds(canvas: Canvas, place: Place, light: Light) -> None:
    """Heaps with a flat foot, which come one by one and grow as it gets cloudier."""
    for i in range(CLOUDS):
        grown = (place.flat("cloudiness") * (CLOUDS + 0.5) - i).clamp(0, 1)
        which = grown.nonzero().flatten()
        if len(which):
            cloud(canvas, place.take(which), light, which, i, grown[which, None, None])


def cloud(canvas: Canvas, place: Place, light: Light, which: Tensor, i: int, grown: Tensor) -> None:
    """One heap in each of these scenes: puffs side by side, as a height above every x."""
    form, size = getattr(place, f"cloud_form_{i}"), getattr(place, f"cloud_size_{i}")   # (b, 1, 1)
    at, depth = HEAPS[i]
    x = at + 0.22 * getattr(place, f"cloud_x_{i}")
    foot = -0.80 + 0.50 * depth + 0.07 * getattr(place, f"cloud_y_{i}")
    scale = (0.30 - 0.15 * depth) * (1 + 0.25 * size) * (0.5 + 0.5 * grown)
    s = Sprites.cut(canvas, which, x, foot - 0.3 * scale, 0.46, 0.20)
    top = foot[..., None] - scale[..., None] * heap(s.columns(3), x[..., None], scale[..., None], form[..., None])
    alpha = span(s.y[..., None], s.px, top, foot[..., None]).mean(-1)
    lit = torch.lerp(light.lit(torch.ones_like(light.low)), light.glow, 0.35)
    dark = torch.lerp(light.middle, light.haze, 0.5)
    t = ramp((foot - s.y) / scale, 0.62, -0.06)[:, None]
    s.paint(torch.lerp(lit[which], torch.lerp(lit, dark, 0.75)[which], t), alpha * (0.25 + 0.70 * grown))
    s.stamp(canvas)


def heap(x: Tensor, middle: Tensor, scale: Tensor, form: Tensor) -> Tensor:
    """Height of a cloud at x, in units of its scale, 0 beside it; (b, 1, w, n) -> the same."""
    u = (x - middle) / scale
    height = torch.zeros_like(u)
    for k, (at, radius) in enumerate(PUFFS):
        at = at + 0.07 * torch.sin(3.0 * form + 2.1 * k)
        radius = radius * (1 + 0.15 * torch.sin(5.0 * form + 1.7 * k))
        disc = (radius * radius - (u - at).square()).clamp_(min=0).sqrt_()
        height = torch.maximum(height, disc * (1.12 - 0.06 * k * form))
    return height
