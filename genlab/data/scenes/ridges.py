"""Ridges: a height for every x, and the hill below it."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genlab.data.scenes.canvas import Canvas
from genlab.data.scenes.place import Place

Profile = Callable[[Place, Tensor], Tensor]
"""profile(place, x): the height of a ridge at x, (B, 1, n) -> (B, 1, n)."""


def waves(place: Place, name: str, x: Tensor, first: float) -> Tensor:
    """Three sines of growing frequency with the phases of this layer, about -1 to 1; in double, so that any device agrees."""
    x = x.double()
    total = torch.zeros_like(x)
    for k, (frequency, part) in enumerate(((1.0, 0.60), (2.3, 0.28), (5.1, 0.12))):
        phase = getattr(place, f"{name}_{k}").double() * math.pi
        total = total + part * torch.sin(first * frequency * x + phase)
    return total.float()


def far_ridge(place: Place, x: Tensor) -> Tensor:
    return place.skyline - 0.07 - 0.05 * place.relief + (0.045 + 0.05 * place.relief) * waves(place, "far_wave", x, 3.2)


def mid_ridge(place: Place, x: Tensor) -> Tensor:
    return place.skyline - 0.01 + 0.05 * waves(place, "mid_wave", x, 2.4)


def meadow_ridge(place: Place, x: Tensor) -> Tensor:
    return place.skyline + 0.085 + 0.026 * waves(place, "meadow_wave", x, 2.0)


def swell_ridge(place: Place, x: Tensor) -> Tensor:
    return place.skyline + 0.34 - 0.07 * place.swell_tilt * x + 0.035 * waves(place, "swell_wave", x, 1.9)


def near_ridge(place: Place, x: Tensor) -> Tensor:
    return 0.67 - 0.03 * place.near_height - 0.17 * place.side * x + 0.035 * waves(place, "near_wave", x, 1.7)


def front_ridge(place: Place, x: Tensor) -> Tensor:
    return 0.87 - 0.03 * place.front_height + 0.10 * place.side * x + 0.03 * waves(place, "front_wave", x, 2.1)


@dataclass
class Ridge:
    """A ridge at the columns of a canvas: height and slope, (B, 1, w)."""

    y: Tensor
    slope: Tensor

    @classmethod
    def of(cls, profile: Profile, place: Place, canvas: Canvas) -> "Ridge":
        edges = torch.cat([canvas.x - 0.5 * canvas.px, canvas.x[..., -1:] + 0.5 * canvas.px], dim=-1)
        at = profile(place, edges.expand(len(place), -1, -1))
        return cls((at[..., 1:] + at[..., :-1]) / 2, (at[..., 1:] - at[..., :-1]) / canvas.px)

    def below(self, canvas: Canvas) -> Tensor:
        """Coverage of everything below the ridge, (B, h, w)."""
        k = 1 / (canvas.px * (1 + self.slope.square()).sqrt())
        return torch.addcmul(0.5 - self.y * k, canvas.y, k).clamp_(0, 1)

    def depth(self, canvas: Canvas, scale: float) -> Tensor:
        """How far below the ridge, from 0 on it to 1 at `scale` and beyond."""
        return torch.add(-self.y / scale, canvas.y / scale).clamp_(0, 1)


def hill(canvas: Canvas, place: Place, ridge: Ridge, crest: Tensor, dark: Tensor, foot: Tensor, scale: float) -> None:
    """One layer: its crest lit by slope and sun, fading with a soft edge of light into the colour of its foot."""
    toward = 1.2 * (place.sun[0] - canvas.x)
    lit = (0.75 - 0.22 * toward.abs() + 2.0 * ridge.slope * toward.clamp(-1, 1)).clamp(0, 1)
    top = torch.lerp(dark, crest, lit[:, None])
    canvas.paint(torch.lerp(top, foot, ridge.depth(canvas, scale).sqrt_()[:, None]), ridge.below(canvas))
