"""Firs and round trees, each in a window of its own."""

import torch
from torch import Tensor

from genlab.data.scenes.canvas import saw, span, within
from genlab.data.scenes.grove import Trees
from genlab.data.scenes.sprites import Sprites

PUFFS = ((0.00, 0.70, 0.25), (-0.17, 0.52, 0.19), (0.18, 0.54, 0.18), (0.02, 0.48, 0.21))   # of a crown: x, y and radius in tree heights
BOUGHS = ((0.0, 0.2, 0.0, 0.88, 0.018), (0.0, 0.34, 0.24, 0.60, 0.014), (0.0, 0.48, 0.15, 0.78, 0.012), (0.12, 0.47, 0.26, 0.48, 0.009))
"""From x, y to x, y, and half the thickness; each on both sides."""


def shadow(s: Sprites, t: Trees) -> None:
    """What the tree casts on the ground, away from the sun."""
    x, y, _ = t.local(s)
    r = ((x + 0.15 * t.toward) / (0.24 + 0.08 * t.toward.abs())).square() + (y / 0.045).square()
    s.paint(t.light.shaded(t.light.season("3F6B3C", "8FA6CC"))[t.which], 0.55 * (1.6 - 1.2 * r).clamp_(0, 1))


def trunk(s: Sprites, t: Trees, half: Tensor | float, top: float) -> None:
    x, y, scale = t.local(s)
    dark, bright = t.tones(("7A4F34", "8A6248"), ("5E4A4A", "6E5A56"))
    s.paint(torch.lerp(dark, bright, (0.5 + 9 * x * t.toward).clamp_(0, 1)[:, None]), span(x, 1 / scale, -half, half) * span(y, 1 / scale, 0.0, top))


def fir(s: Sprites, t: Trees) -> None:
    """Four or five tiers of drooping branches; in winter snow on their ends."""
    x, y, scale = t.local(s)
    trunk(s, t, 0.028, 0.3)
    tiers = torch.where(t.form < 0, 4.0, 5.0)
    v = (y - 0.10) * (tiers / 0.90) + 1.3 * x.abs()
    f = v - v.floor().clamp_(min=0).minimum(tiers - 1)              # height within a tier, 0 at the ends of its branches
    half = (0.27 + 0.03 * t.form) / tiers * ((tiers - v) + 0.80 * (1 - f))
    alpha = within(torch.minimum((half - x.abs()) * 0.92, v * 0.20), scale)
    side = within(x * t.toward + 0.02 * saw(y * tiers), 9 * scale / (scale + 12))
    lit = (0.18 + 0.74 * side - 0.55 * (f - 0.5).clamp_(min=0)).clamp_(0, 1)[:, None]
    s.paint(torch.lerp(*t.tones(("1F685E", "47803C"), ("2B5C6A", "4A6A58")), lit), alpha)
    ends = within(0.50 + 0.10 * saw(x * 17) - 0.25 * (1 - side) - f, (0.22 * scale).clamp(min=2.5))
    s.paint(torch.lerp(*snow(t), (lit * 1.3).clamp_(max=1)), 0.96 * ends * t.winter * alpha)


def snow(t: Trees) -> tuple[Tensor, Tensor]:
    """Snow in shade and in light."""
    return t.tones(("F0F5FB", "F0F5FB"), ("F0F5FB", "F0F5FB"))


def round_tree(s: Sprites, t: Trees) -> None:
    """A trunk under a few puffs of leaves; bare boughs and twigs with snow on them in winter."""
    x, y, scale = t.local(s)
    trunk(s, t, 0.030 + 0.018 * (0.25 - y).clamp(min=0), 0.6)
    depth, lit = crown(x, y, t)
    alpha = within(depth, scale)
    s.paint(torch.lerp(*t.tones(("74A83C", "2F8A55"), ("98808A", "706E8A")), lit.clamp(0, 1)[:, None]), alpha * (1 - 0.52 * t.winter))
    s.paint(t.tones(("7A4F34", "8A6248"), ("5E4A4A", "6E5A56"))[0], boughs(x, y, scale) * t.winter)
    s.paint(snow(t)[1], 0.92 * within(lit - 0.69, 7.0) * alpha * t.winter)


def crown(x: Tensor, y: Tensor, t: Trees) -> tuple[Tensor, Tensor]:
    """Depth inside the crown, and how the puff is lit that is nearest."""
    slim = 1 - 0.16 * t.form
    depth = torch.full_like(x + y, -1.0)
    lit = torch.zeros_like(depth)
    for k, (at_x, at_y, radius) in enumerate(PUFFS):
        r = radius * (1 + 0.10 * t.hue * (-1) ** k)
        dx, dy = x / slim - at_x, y - at_y
        inside = r - (dx.square() + dy.square()).sqrt_()
        lit = torch.lerp(lit, 0.46 + (0.50 * dx * t.toward + 0.62 * dy) / r, within(inside - depth, 14.0))
        depth = torch.maximum(depth, inside)
    return depth, lit


def boughs(x: Tensor, y: Tensor, scale: Tensor) -> Tensor:
    """Coverage of bare boughs, the same on both sides."""
    alpha = torch.zeros_like(x + y)
    for x0, y0, x1, y1, half in BOUGHS:
        across, up, run, rise = x.abs() - x0, y - y0, x1 - x0, y1 - y0
        along = ((across * run + up * rise) / (run * run + rise * rise)).clamp_(0, 1)
        off = ((across - run * along).square_() + (up - rise * along).square_()).sqrt_()
        thick = half * (1 - 0.6 * along)
        alpha = torch.maximum(alpha, span(off, 1 / scale, -thick, thick))
    return alpha
