"""Mountains far away: a lit and a shaded side to each, with snow above a line that winter lowers."""

import torch
from torch import Tensor

from genlab.data.faces.sdf import ramp
from genlab.data.scenes.canvas import Canvas, saw, within
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place

PEAKS = ((-0.75, 0.85), (0.70, 0.90), (0.05, 1.00), (-0.42, 0.62), (0.42, 0.58))   # about where, and how high; farthest first


def mountains(canvas: Canvas, place: Place, light: Light) -> None:
    """Peaks one before the other: round where ruggedness is 0, with sharp edges where it is 1."""
    c = canvas.band(-0.9, 0.2)
    across, toward, depth, alpha = peaks(c, place)
    sharp = 3 * torch.exp2(4.3 * place.ruggedness)
    rough = 0.1 + 0.9 * place.ruggedness
    split = 0.055 * rough * saw(depth * 5.5 + place.peak_x_0) * (depth * 5).clamp(0, 1)
    lit = within((across - split) * toward, sharp)[:, None]
    zigzag = 0.045 * saw(c.x * 4.3 + place.peak_x_1) + 0.025 * saw(c.x * 9.7 + place.peak_x_2)
    line = place.skyline - 0.36 + 0.27 * place.winter + (0.3 + 0.7 * rough) * zigzag
    snow = within(line - c.y, 60 + sharp)[:, None]
    fade = ramp(c.y - place.skyline, -0.42, 0.02)[:, None]

    def veiled(surface: Tensor) -> Tensor:
        return torch.lerp(light.far(surface, 0.15, 0.62), light.far(surface, 0.55, 0.96), fade)

    rock, white = light.season("7D90B0", "93A4C0"), light.season("FAFBFD", "F7F9FD")
    bare, snowy = (torch.lerp(veiled(light.shaded(surface)), veiled(light.lit(surface)), lit) for surface in (rock, white))
    c.paint(torch.lerp(bare, snowy, snow), alpha)


def peaks(c: Canvas, place: Place) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """To the right of the foremost peak; whether the sun is right (1) or left (-1) of it; depth below its top; coverage by any. (B, h, w) each."""
    round_ = 0.30 - 0.295 * place.ruggedness
    across = toward = depth = alpha = torch.zeros(len(place), c.y.shape[1], c.x.shape[2], device=c.image.device)
    for j, (at, low) in enumerate(PEAKS):
        x = at + 0.20 * getattr(place, f"peak_x_{j}")
        height = (0.17 + 0.50 * place.relief) * low * (1 + 0.22 * getattr(place, f"peak_height_{j}"))
        slope = (0.55 + 0.75 * place.relief) * (1 + 0.2 * getattr(place, f"peak_slope_{j}"))
        away = c.x - x
        fall = ((away.square() + round_.square()).sqrt_() - round_) * slope
        down = c.y - (place.skyline - height)
        cover = within(down - fall, 1 / (c.px * (1 + slope.square()).sqrt()))
        sun = ((place.sun[0] - x) * 3).clamp(-1, 1)
        across, toward, depth = (torch.lerp(old, new.expand_as(old), cover) for old, new in ((across, away), (toward, sun), (depth, down)))
        alpha = torch.maximum(alpha, cover)
    return across, toward, depth, alpha
