"""What latents are drawn from, each number alone: N(0, 1), or evenly from [-1, 1]. A model says which; nobody else assumes it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri

TINY = 1e-12   # of a share: where a latent lies at or beyond the border


@dataclass(frozen=True)
class Law:
    """The law of one number of a latent. symbol : as people write it, of the whole latent

    std : its spread; bound : the largest number that is drawn; reach : how far a slider goes to each side, in spreads
    """

    name: str
    symbol: str
    std: float
    bound: float
    reach: float

    def share_below(self, z: ArrayLike) -> np.ndarray:
        """Share of the law that lies below each number, in [0, 1]; same shape as z."""
        z = np.asarray(z, np.float64)
        return ndtr(z) if self is NORMAL else (z.clip(-1, 1) + 1) / 2

    def to_normal(self, z: ArrayLike) -> np.ndarray:
        """The numbers of N(0, 1) that have as much below them; same shape as z, which counts as at the border where it lies beyond."""
        return np.asarray(z, np.float64) if self is NORMAL else ndtri(self.share_below(z).clip(TINY, 1 - TINY))

    def from_normal(self, g: ArrayLike) -> np.ndarray:
        """What to_normal turns into g: draws of N(0, 1) become draws of this law."""
        return np.asarray(g, np.float64) if self is NORMAL else 2 * ndtr(g) - 1

    def room(self, z: ArrayLike, direction: ArrayLike) -> tuple[float, float]:
        """How far to go from z along a direction, back and forth, in multiples of it.  (D,), (D,)

        `reach` to each side; along a single number of a law that ends somewhere, as far as that. In tenths, 0 always among them.
        """
        z, moves = np.asarray(z, np.float64), np.flatnonzero(direction)
        if not np.isfinite(self.bound) or len(moves) != 1:
            return -self.reach, self.reach
        ends = (np.array([-self.bound, self.bound]) - z[moves[0]]) / np.asarray(direction, np.float64)[moves[0]]
        low, high = np.fix(10 * np.sort(ends) + [-1e-9, 1e-9]) / 10
        return min(float(low), 0.0), max(float(high), 0.0)


NORMAL = Law("normal", "N(0, I)", 1.0, float("inf"), 3.0)
UNIFORM = Law("uniform", "U[-1, 1]", 3**-0.5, 1.0, 1.7)
LAWS: dict[str, Law] = {law.name: law for law in (NORMAL, UNIFORM)}
