"""A - B + C: concepts as the means of a few examples' codes, and the same done blindly in pixels.

Source: A. Radford, L. Metz and S. Chintala 2015, arXiv 1511.06434, section 6.3.2 and figure 7: three examples make a concept
stable where single ones do not, and the eight pictures around the answer add uniform noise of scale +-0.25 to it.
"""

import numpy as np
from numpy.typing import ArrayLike

from genlab.errors import LabError
from genlab.latent.arrays import vector

SCALE = 0.25   # of the perturbations, in spreads of the codes
EACH = 3       # examples of a concept
GREY_LEVELS = 255


def combine(a: ArrayLike, b: ArrayLike, c: ArrayLike) -> np.ndarray:
    """mean(A) - mean(B) + mean(C) over the examples of each.  (..., K, D) three times, K may differ -> float64 (..., D)

    Raises LabError where a concept has no example, the codes are of different models, or one is not finite.
    """
    means = []
    for name, z in zip("ABC", (a, b, c), strict=True):
        z = np.asarray(z, np.float64)
        if z.ndim < 2 or not z.shape[-2] or not z.shape[-1]:
            raise LabError(f"arithmetic: {name} has codes of shape {z.shape}; (K, D) with at least one example is needed")
        if not np.isfinite(z).all():
            raise LabError(f"arithmetic: a code of {name} holds NaN or infinity; the model or the picture is damaged, take another")
        means.append(z.mean(-2))
    shapes = {mean.shape for mean in means}
    if len(shapes) > 1:
        raise LabError(f"arithmetic: codes of A, B and C have {', '.join(str(m.shape[-1]) for m in means)} numbers; they must be of one model")
    return means[0] - means[1] + means[2]


def perturbations(z: ArrayLike, spread: ArrayLike, rng: np.random.Generator, count: int = 8, scale: float = SCALE) -> np.ndarray:
    """Codes around z, each number moved by at most `scale` of the spread that it has over images.  (D,), (D,) -> (count, D)"""
    z = vector(z, "perturbations")
    noise = rng.uniform(-scale, scale, (count, len(z)))
    return z + noise * vector(spread, "perturbations", dim=len(z))


def pixel_sum(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """The same sum of the pictures themselves, clipped to what a picture can hold.  uint8 (..., K, C, H, W) three times -> uint8 (..., C, H, W)"""
    flat = [np.asarray(x).reshape(*x.shape[:-3], -1) for x in (a, b, c)]
    return np.rint(combine(*flat)).clip(0, GREY_LEVELS).astype(np.uint8).reshape(*a.shape[:-4], *a.shape[-3:])


def residual(x: np.ndarray, x_hat: np.ndarray) -> np.ndarray:
    """What a picture has and its reconstruction lacks: grey where they agree, brighter where the picture is.  uint8 twice -> uint8, same shape"""
    return (128 + (x.astype(np.int16) - x_hat.astype(np.int16)) / 2).clip(0, GREY_LEVELS).astype(np.uint8)
