"""A - B + C: concepts as the means of a few examples' codes, and the same done blindly in pixels.

Source: A. Radford, L. Metz and S. Chintala 2015, arXiv 1511.06434, section 6.3.2 and figure 7: three examples make a concept
stable where single ones do not, and the eight pictures around the answer add uniform noise of scale +-0.25 to it.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from genlab.errors import LabError
from genlab.latent.arrays import vector

SCALE = 0.25   # of the perturbations, in spreads of the codes
EACH = 3       # examples of a concept
GREY_LEVELS = 255


def examples_of(fits: Sequence[Sequence[int]], seed: ArrayLike, *, can_share: bool = False) -> tuple[list[int], ...]:
    """EACH examples of each concept among those that fit it, at random by a seed, ascending, none in two concepts.

    With can_share a concept that has too few of its own also takes others' examples, and fewer than EACH where no more fit. LabError
    where that is not allowed and a concept comes short.
    """
    by_need = np.argsort([len(rows) for rows in fits], kind="stable")   # who has little to choose from chooses first
    for order in (range(len(fits)), by_need):
        if found := _shared_out(fits, order, np.random.default_rng(seed), 0):
            return found
    if not can_share:
        counts = ", ".join(str(len(rows)) for rows in fits)
        raise LabError(f"sum: {counts} images fit A, B and C, some of them more than one; each needs {EACH} of its own")
    return _shared_out(fits, by_need, np.random.default_rng(seed), EACH)


def _shared_out(fits: Sequence[Sequence[int]], order: Iterable[int], rng: np.random.Generator, most_shared: int) -> tuple[list[int], ...] | None:
    """Examples of each concept, chosen in this order, at most so many of them others' too; None where one comes short of EACH."""
    taken, found = set(), {}
    for i in order:
        own = [row for row in fits[i] if row not in taken]
        chosen = rng.choice(own, EACH, replace=False).tolist() if len(own) >= EACH else own
        others = [row for row in fits[i] if row in taken]
        shared = rng.permutation(others)[: min(most_shared, EACH - len(chosen))].tolist()
        if len(chosen) + len(shared) < EACH and not most_shared:
            return None
        found[i] = sorted(chosen + shared)
        taken.update(found[i])
    return tuple(found[i] for i in range(len(fits)))


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
