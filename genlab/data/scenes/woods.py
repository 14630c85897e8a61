"""Rows of firs and bushes along a ridge, as silhouettes: a height for every x."""

from collections.abc import Callable

import torch
from torch import Tensor

from genlab.data.faces.sdf import ramp
from genlab.data.scenes.canvas import Canvas, span
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place
from genlab.data.scenes.ridges import Profile, waves


def woods(canvas: Canvas, place: Place, light: Light, profile: Profile, tall: float, wide: float, clear: float, hazy: float) -> None:
    """A row of firs along a ridge, where the forest factor lets them grow."""
    x = columns(canvas, place)
    grow = place.forest * 1.5 - 0.5 + 0.7 * waves(place, "wood_wave", x + tall, 2.8)
    tops = tall * firs(x / wide, place.wood_wave_0) * ramp(grow, 0.0, 0.25)
    leaf, tip = light.season("3E7A5C", "4F7480"), light.season("6FA36A", "EEF3FA")
    dark, bright = light.far(light.shaded(leaf), clear, hazy), light.far(light.lit(tip), clear, hazy)
    row(canvas, profile(place, x), tops, 0.3 * tall * ramp(grow, 0.0, 0.3), bright, dark, tall / 1.6)


def bushes(canvas: Canvas, place: Place, light: Light, profile: Profile, tall: float, wide: float) -> None:
    """Round bushes here and there along a ridge, more of them the more forest there is."""
    x = columns(canvas, place)
    grow = place.forest * 1.1 - 0.75 + 0.8 * waves(place, "wood_wave", 1.7 * x - tall, 4.1)
    tops = tall * mounds(x / wide, place.wood_wave_1) * ramp(grow, 0.0, 0.35)
    leaf, tip = light.season("3F8148", "8D9DB8"), light.season("82B84E", "FAFCFE")
    row(canvas, profile(place, x), tops, 0.12 * tall * ramp(grow, 0.0, 0.35), light.lit(tip), light.shaded(leaf), tall)


def columns(canvas: Canvas, place: Place) -> Tensor:
    """Three places in every pixel column, (B, 1, 3 w): what is thinner than a pixel is then drawn at its right share."""
    x = canvas.x[..., None] + (torch.arange(3, device=canvas.x.device) - 1) / 3 * canvas.px
    return x.expand(len(place), -1, -1, -1).flatten(2)


def row(canvas: Canvas, ridge: Tensor, tops: Tensor, foot: Tensor, bright: Tensor, dark: Tensor, scale: float) -> None:
    """What rises by `tops` from a ridge and reaches down by `foot`, all at columns(): bright above, dark from `scale` below the top on."""
    top, floor = ((ridge + d).unflatten(-1, (-1, 3)) for d in (-tops, foot))
    t = ((canvas.y - top.mean(-1)) / scale).clamp_(0, 1)[:, None]
    canvas.paint(torch.lerp(bright, dark, t), span(canvas.y[..., None], canvas.px, top, floor).mean(-1))


def firs(x: Tensor, seed: Tensor) -> Tensor:
    """Silhouette of firs one to a unit of x, each of a height of its own, 0 to 1."""
    return tallest(x, seed, lambda off, noise: (0.45 + 0.55 * noise) * (1 - off.abs() / 0.62))


def mounds(x: Tensor, seed: Tensor) -> Tensor:
    """Silhouette of round bushes one to a unit of x, each of a size of its own, 0 to 1."""
    return tallest(x, seed, lambda off, noise: (0.4 + 0.6 * noise) * (1 - (off / (0.45 + 0.25 * noise)).square()).clamp(min=0).sqrt())


def tallest(x: Tensor, seed: Tensor, shape: Callable[[Tensor, Tensor], Tensor]) -> Tensor:
    """The highest of shape(distance from its middle, its own number in [0, 1)) over the neighbours in a row, one to a unit of x."""
    x = x.double()
    height = torch.zeros_like(x)
    for step in (-1, 0, 1):
        cell = x.floor() + step
        noise = torch.sin(cell * 12.9898 + seed.double() * 7.13) * 437.585
        noise = noise - noise.floor()
        height = torch.maximum(height, shape(x - cell - 0.25 - 0.5 * noise, noise))
    return height.float()
