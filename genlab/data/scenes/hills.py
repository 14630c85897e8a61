"""Mountains, hills and woods in layers, the farther the more of the haze before them."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from genlab.data.scenes.canvas import Canvas
from genlab.data.faces.sdf import ramp
from genlab.data.scenes.factors import PEAKS
from genlab.data.scenes.light import Light
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
    return place.skyline + 0.085 + 0.018 * waves(place, "meadow_wave", x, 2.0)


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
    toward = (1.2 * (place.sun[0] - canvas.x)).clamp(-1, 1)
    lit = (0.62 + 1.6 * ridge.slope * toward).clamp(0, 1)
    top = torch.lerp(dark, crest, lit[:, None])
    canvas.paint(torch.lerp(top, foot, ridge.depth(canvas, scale).sqrt_()[:, None]), ridge.below(canvas))


def mountains(canvas: Canvas, place: Place, light: Light) -> None:
    """Peaks one before the other, a lit and a shaded side to each, with snow above a line that winter lowers."""
    c = canvas.band(-0.9, 0.2)
    u, t, alpha = peaks(c, place)
    zig = saw(c.x * 5.3 + t * 3.7 + 0.3) * 0.55 + saw(c.x * 11.7 - t * 5.1) * 0.45
    rough = 0.15 + 0.85 * place.ruggedness
    lit = (0.5 + (u + 0.10 * rough * zig * (t * 4).clamp(max=1)) * (3.0 + 14 * place.ruggedness)).clamp_(0, 1)[:, None]
    snow_y = place.skyline - 0.40 + 0.30 * place.winter
    snow = ((snow_y - c.y + 0.07 * rough * zig) * (5 + 22 * place.ruggedness) + 0.5).clamp_(0, 1)[:, None]
    rock, white = light.season("8793A6", "9AA8BD"), light.season("FAFBFD", "F7F9FD")
    fade = ramp(c.y - place.skyline, -0.42, 0.02)[:, None]

    def layer(surface: Tensor) -> Tensor:
        near = light.far(surface, 0.30, 0.62)
        return torch.lerp(near, light.far(surface, 0.75, 0.97), fade)

    bare = torch.lerp(layer(light.shaded(rock)), layer(light.lit(rock)), lit)
    snowy = torch.lerp(layer(light.shaded(white)), layer(light.lit(white)), lit)
    c.paint(torch.lerp(bare, snowy, snow), alpha)


def peaks(c: Canvas, place: Place) -> tuple[Tensor, Tensor, Tensor]:
    """Across the foremost peak, positive towards the sun; the depth below its top; and coverage by any: (B, h, w) each."""
    round_ = 0.30 - 0.295 * place.ruggedness
    u = t = alpha = torch.zeros(len(place), c.y.shape[1], c.x.shape[2], device=c.image.device)
    for j, (at, low) in enumerate(((-0.75, 0.85), (0.70, 0.9), (0.05, 1.0), (-0.42, 0.62), (0.42, 0.58))):
        x = at + 0.20 * getattr(place, f"peak_x_{j}")
        height = (0.17 + 0.50 * place.relief) * low * (1 + 0.22 * getattr(place, f"peak_height_{j}"))
        slope = (0.55 + 0.75 * place.relief) * (1 + 0.2 * getattr(place, f"peak_slope_{j}"))
        away = c.x - x
        fall = ((away.square() + round_.square()).sqrt_() - round_) * slope
        down = c.y - (place.skyline - height)
        cover = ((down - fall) * (1 / (c.px * (1 + slope.square()).sqrt())) + 0.5).clamp_(0, 1)
        toward = ((place.sun[0] - x) * 3).clamp(-1, 1)
        u, t = torch.lerp(u, (away * toward).expand_as(u), cover), torch.lerp(t, down.expand_as(t), cover)
        alpha = torch.maximum(alpha, cover)
    return u, t, alpha


def saw(x: Tensor) -> Tensor:
    """A zigzag of period 1 between -1 and 1."""
    return (x - x.round()).abs_().mul_(4).sub_(1)


def hills(canvas: Canvas, place: Place, light: Light) -> None:
    """The far and the middle hills, and the woods on them."""
    c = canvas.band(-0.3, 0.35)
    ground = light.season("7FAE8C", "DDE7F2")
    hill(c, place, Ridge.of(far_ridge, place, c), light.far(light.lit(ground), 0.35, 0.70), light.far(light.shaded(ground), 0.35, 0.70),
         light.far(ground, 0.70, 0.96), 0.25)
    woods(c, place, light, far_ridge, 0.045, 0.055, 0.35, 0.72)
    c = canvas.band(-0.15, 0.45)
    ground = light.season("84B463", "EAF0F8")
    hill(c, place, Ridge.of(mid_ridge, place, c), light.far(light.lit(ground), 0.12, 0.40), light.far(light.shaded(ground), 0.12, 0.40),
         light.far(light.lit(ground), 0.30, 0.75), 0.25)
    woods(c, place, light, mid_ridge, 0.09, 0.085, 0.12, 0.45)


def woods(canvas: Canvas, place: Place, light: Light, profile: Profile, tall: float, wide: float, clear: float, hazy: float) -> None:
    """A row of firs along a ridge, where the forest factor lets them grow: a silhouette of peaks."""
    x = canvas.x[..., None] + (torch.arange(3, device=canvas.x.device) - 1) / 3 * canvas.px
    x = x.expand(len(place), -1, -1, -1).flatten(2)
    ridge = profile(place, x)
    grow = (place.forest * 1.5 - 0.5 + 0.5 * waves(place, "wood_wave", x + tall, 2.8) / 0.7)
    tops = tall * firs(x / wide, place.wood_wave_0) * ramp(grow, 0.0, 0.25)
    floor = ridge + 0.3 * tall * ramp(grow, 0.0, 0.3)
    top = (ridge - tops).view(len(place), 1, -1, 3)
    floor = floor.view(len(place), 1, -1, 3)
    low = torch.minimum((canvas.y + 0.5 * canvas.px)[..., None], floor)
    high = torch.maximum((canvas.y - 0.5 * canvas.px)[..., None], top)
    alpha = (low - high).clamp_(min=0).mean(-1) / canvas.px
    leaf, tip = light.season("3E7A5C", "4F7480"), light.season("6FA36A", "EEF3FA")
    t = ((canvas.y - top.mean(-1)) / tall).clamp_(0, 1)[:, None]
    dark = light.far(light.shaded(leaf), clear, hazy)
    canvas.paint(torch.lerp(light.far(light.lit(tip), clear, hazy), dark, (t * 1.6).clamp_(max=1)), alpha)


def firs(x: Tensor, seed: Tensor) -> Tensor:
    """Silhouette of firs one to a unit of x, each of a height of its own, 0 to 1."""
    x = x.double()
    cell = x.floor()
    height = torch.zeros_like(x)
    for step in (-1, 0, 1):
        at = cell + step
        noise = torch.sin(at * 12.9898 + seed.double() * 7.13) * 437.585
        noise = noise - noise.floor()
        middle = at + 0.25 + 0.5 * noise
        height = torch.maximum(height, (0.45 + 0.55 * noise) * (1 - (x - middle).abs() / 0.62))
    return height.clamp(min=0).float()


def plain(canvas: Canvas, place: Place, light: Light) -> None:
    """The valley floor and a swell before it."""
    c = canvas.band(0.05, 1)
    ground = light.season("A9CD62", "F2F6FB")
    hill(c, place, Ridge.of(meadow_ridge, place, c), light.far(light.lit(ground), 0.03, 0.22), light.far(light.shaded(ground), 0.0, 0.2),
         light.far(light.lit(light.season("86B950", "DEE8F4")), 0, 0.1), 0.35)
    c = canvas.band(0.2, 1)
    ground = light.season("95C152", "F4F7FC")
    hill(c, place, Ridge.of(swell_ridge, place, c), light.far(light.lit(ground), 0, 0.12), light.shaded(ground),
         light.lit(light.season("6EA644", "D3E0F0")), 0.35)


def near_hill(canvas: Canvas, place: Place, light: Light) -> None:
    c = canvas.band(0.3, 1)
    ground = light.season("7DB248", "EDF3FA")
    hill(c, place, Ridge.of(near_ridge, place, c), light.lit(ground), light.shaded(ground), light.shaded(light.season("5E9C49", "CBDAEE")), 0.55)


def front_hill(canvas: Canvas, place: Place, light: Light) -> None:
    c = canvas.band(0.55, 1)
    ground = light.season("5C9A45", "E3ECF7")
    hill(c, place, Ridge.of(front_ridge, place, c), light.lit(ground), light.shaded(ground), light.shaded(light.season("3F7F4A", "AFC5E2")), 0.45)
