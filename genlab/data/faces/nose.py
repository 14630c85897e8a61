"""The nose: a ridge in relief, wings, nostrils and the shadow below it."""

import torch
from torch import Tensor

from genlab.data.faces.identity import Face
from genlab.data.faces.sdf import blob, ramp

ROOT = 0.02


def nose_shape(face: Face) -> tuple[Tensor, Tensor]:
    """(height of the tip, half width at the wings)"""
    tip = 0.185 + 0.020 * face.nose_length + 0.008 * face.man + 0.010 * face.old
    wing = 0.068 + 0.012 * face.nose_width + 0.008 * face.man
    return tip, wing


def nose_space(face: Face, u: Tensor, y: Tensor) -> Tensor:
    """u seen from the nose, which stands out of the face and so moves further with a turn."""
    tip, _ = nose_shape(face)
    return u - 0.42 * face.shift * ramp(y, ROOT - 0.05, tip)


def nose_relief(face: Face, u: Tensor, y: Tensor) -> Tensor:
    """Brightness that the nose adds: lit and shaded flanks, a highlight on ridge and tip, the shadow under it."""
    tip, wing = nose_shape(face)
    n = nose_space(face, u, y)
    along = ((y - ROOT) / (tip - ROOT)).clamp(0, 1)
    half = wing * (0.52 + 0.62 * along * along)
    q = n / half
    body = ramp(y, ROOT - 0.11, ROOT + 0.02) * ramp(y, tip + 0.05, tip + 0.01)
    slope = q * (1 - q * q).clamp_(min=0)                        # the derivative of a smooth ridge
    flank = 0.85 * slope * face.light_x
    ridge = 0.16 * blob(n - 0.012 * face.light_x, y - 0.10, 0.022, 0.14) + 0.30 * blob(n - 0.016 * face.light_x, y - tip + 0.022, 0.038, 0.034)
    cast = blob(n + 0.05 * face.light_x, y - tip - 0.055, wing * 1.25, 0.038)
    far = blob(n + (0.055 + wing) * torch.sign(face.light_x), y - tip + 0.05, 0.07, 0.12)
    return body * flank + ridge - 0.38 * cast - 0.34 * face.light_x.abs() * far


def nose_lines(face: Face, u: Tensor, y: Tensor, px: float) -> Tensor:
    """Nostrils and the outer edge of the wings, as ink."""
    tip, wing = nose_shape(face)
    n = nose_space(face, u, y)
    e = n.abs()
    nostril = blob(e - 0.48 * wing, y - tip - 0.030 - 0.15 * (e - 0.03), 0.026, 0.019)
    edge = ((e - wing + 0.010).square() + 0.8 * (y - tip - 0.002).square()).sqrt()
    side = blob(edge - 0.026, y - tip - 0.01, 0.013, 0.035) * ramp(e, wing - 0.018, wing)
    return 1.0 * nostril + 0.6 * side
