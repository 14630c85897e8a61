"""How much of two sets of features lies within the other: precision, recall, density, coverage.

T. Kynkäänniemi et al., "Improved precision and recall metric for assessing generative models", 2019, arXiv 1904.06991, equations 1
and 2, k = 3. M. F. Naeem et al., "Reliable fidelity and diversity metrics for generative models", 2020, arXiv 2002.09797, equations 4
and 5, k = 5. A ball around each point reaches to its k-th nearest neighbour in its own set.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from genlab.errors import LabError
from genlab.latent.intervals import Estimate, by_jackknife, of_mean, of_share

K_PRECISION, K_DENSITY = 3, 5
FEWEST = 50       # points of each set
ROWS = 1000       # of a table of distances at once


@dataclass(frozen=True)
class Overlap:
    """precision: share of fakes in a real's ball; recall: of reals in a fake's ball; density: mean number of real balls around a fake,
    over k; coverage: share of reals with a fake in their ball. Intervals take the other set as given."""

    precision: Estimate
    recall: Estimate
    density: Estimate
    coverage: Estimate


def overlap(fake: np.ndarray, real: np.ndarray) -> Overlap:
    """(N, F), (N, F) -> Overlap; LabError for sets of different size or of fewer than 50, or where all reals are one point."""
    if len(fake) != len(real) or len(real) < FEWEST:
        raise LabError(f"precision, recall, density, coverage: {len(fake)} and {len(real)} images; as many of both, at least {FEWEST}, are needed")
    real_radii, fake_radii = radii(real, (K_PRECISION, K_DENSITY)), radii(fake, (K_PRECISION,))
    if not real_radii.any():
        raise LabError("precision, recall, density, coverage: all real images are the same; different ones are needed")
    n = len(real)
    precise, covering, recalled, covered = np.zeros(n, bool), np.zeros(n), np.zeros(n, bool), np.zeros(n, bool)
    for start in range(0, n, ROWS):
        d = cdist(real[start : start + ROWS], fake)   # (rows of real, fake)
        precise |= (d <= real_radii[start : start + ROWS, :1]).any(0)
        within = d <= real_radii[start : start + ROWS, 1:]
        covering += within.sum(0)
        covered[start : start + ROWS] = within.any(1)
        recalled[start : start + ROWS] = (d <= fake_radii[:, 0]).any(1)
    return Overlap(of_share(int(precise.sum()), n), of_share(int(recalled.sum()), n), of_mean(covering / K_DENSITY),
                   of_share(int(covered.sum()), n))


def diversity(fake: np.ndarray, real: np.ndarray, seed: int) -> Estimate:
    """Total variance of the fakes over that of the reals, and its jackknife interval: 0 where all fakes are one, 1 where they vary as much.

    (N, F), (M, F); LabError for fewer than 50 of either, or where all reals are one point.
    """
    if min(len(fake), len(real)) < FEWEST:
        raise LabError(f"diversity: {len(fake)} and {len(real)} images; at least {FEWEST} of both are needed")
    if not real.var(0).any():
        raise LabError("diversity: all real images are the same; different ones are needed")
    return by_jackknife(lambda a, b: float(a.var(0).sum() / b.var(0).sum()), (fake.astype(np.float64), real.astype(np.float64)), seed)


def radii(points: np.ndarray, ks: tuple[int, ...]) -> np.ndarray:
    """Distance from each point to its k-th nearest other one, for each k.  (N, F) -> (N, len(ks))"""
    out = np.empty((len(points), len(ks)))
    for start in range(0, len(points), ROWS):
        d = cdist(points[start : start + ROWS], points)
        d = np.partition(d, ks, axis=1)               # place 0 is the point itself
        out[start : start + ROWS] = d[:, ks]
    return out
