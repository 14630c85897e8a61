"""Signed distances and the soft steps that turn them into coverage. Distances are negative inside; units: half the picture's width.

Source of the distance forms: I. Quilez, 2D distance functions, iquilezles.org/articles/distfunctions2d.
"""

import torch
from torch import Tensor


def cover(d: Tensor, px: float) -> Tensor:
    """Share of a pixel that lies inside, in [0, 1]: the box filter of an edge at distance d for pixels of side px."""
    return (0.5 - d * (1 / px)).clamp_(0, 1)


def stroke(d: Tensor, half: Tensor | float, px: float) -> Tensor:
    """Coverage of a line with half width `half` around d = 0; lines thinner than a pixel fade instead of breaking up."""
    half = torch.as_tensor(half, device=d.device)
    drawn = half.clamp(min=0.5 * px)
    return cover(d.abs() - drawn, px) * (half / drawn)


def ramp(x: Tensor, low: Tensor | float, high: Tensor | float) -> Tensor:
    """Smooth step: 0 at low, 1 at high, flat at both ends; low may lie above high."""
    t = ((x - low) * (1 / (high - low))).clamp_(0, 1)
    return t * t * (3 - 2 * t)


def bump(t: Tensor) -> Tensor:
    """A soft blob of a squared radius: 1 at t = 0, exactly 0 from t = 1."""
    return (1 - t).clamp_(min=0).square_()


def blob(x: Tensor, y: Tensor, rx: Tensor | float, ry: Tensor | float) -> Tensor:
    """A soft elliptical blob of radii rx, ry around the origin, exactly 0 outside."""
    return bump((x * (1 / rx)).square_() + (y * (1 / ry)).square_())


def ellipse(x: Tensor, y: Tensor, rx: Tensor | float, ry: Tensor | float) -> Tensor:
    """Distance to an ellipse, right to first order at its edge."""
    ax, ay = x * (1 / rx), y * (1 / ry)
    k = (ax * ax + ay * ay).sqrt_()
    slope = ((ax * (1 / rx)).square_() + (ay * (1 / ry)).square_()).sqrt_()
    return k * (k - 1) / (slope + 1e-6)


def box(x: Tensor, y: Tensor, hx: Tensor | float, hy: Tensor | float, radius: Tensor | float) -> Tensor:
    """Distance to a rectangle of half sides hx, hy with rounded corners."""
    qx, qy = x.abs() - (hx - radius), y.abs() - (hy - radius)
    outside = (qx.clamp(min=0).square() + qy.clamp(min=0).square()).sqrt_()
    return outside + torch.maximum(qx, qy).clamp_(max=0) - radius


def join(a: Tensor, b: Tensor, k: float) -> Tensor:
    """Smooth union: the smaller of two distances, rounded where they meet within k."""
    h = (k - (a - b).abs()).clamp_(min=0)
    return torch.minimum(a, b) - h * h * (0.25 / k)
