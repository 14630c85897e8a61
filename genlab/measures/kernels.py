"""KID: the kernel distance of two sets of features.

M. Bińkowski et al., "Demystifying MMD GANs", 2018, arXiv 1801.01401, section 4: the squared maximum mean discrepancy under the
kernel k(a, b) = (a b / F + 1)^3, by the unbiased estimate of Gretton et al. 2012, equation 3.
"""

import numpy as np

from genlab.errors import LabError
from genlab.latent.intervals import Estimate, around, jackknife_error, together

FEWEST = 10


def polynomial(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(a b / F + 1)^3 for each pair.  (N, F), (M, F) -> (N, M)"""
    return (a @ b.T / a.shape[1] + 1) ** 3


def kid(fake: np.ndarray, real: np.ndarray) -> Estimate:
    """The unbiased squared distance, 0 on average for two sets of one distribution, with a delete-one jackknife interval.

    (N, F), (M, F); may come out below 0. LabError for fewer than 10 of either.
    """
    if min(len(fake), len(real)) < FEWEST:
        raise LabError(f"kid: {len(fake)} and {len(real)} images; at least {FEWEST} of both are needed")
    fake, real = fake.astype(np.float64), real.astype(np.float64)
    within_fake, within_real, across = _rows(fake), _rows(real), polynomial(fake, real)
    cross = across.mean()
    value = _mean_within(within_fake) + _mean_within(within_real) - 2 * cross
    without_fake = _mean_without(within_fake) + _mean_within(within_real) - 2 * _cross_without(across, 1)
    without_real = _mean_within(within_fake) + _mean_without(within_real) - 2 * _cross_without(across, 0)
    return around(value, *together((jackknife_error(without_fake), len(fake)), (jackknife_error(without_real), len(real))))


def _rows(points: np.ndarray) -> np.ndarray:
    """For each point, the sum of the kernel with all others.  (N, F) -> (N,)"""
    k = polynomial(points, points)
    return k.sum(1) - np.diag(k)


def _mean_within(rows: np.ndarray) -> float:
    return rows.sum() / (len(rows) * (len(rows) - 1))


def _mean_without(rows: np.ndarray) -> np.ndarray:
    """The same mean with each point left out in turn.  (N,) -> (N,)"""
    n = len(rows)
    return (rows.sum() - 2 * rows) / ((n - 1) * (n - 2))


def _cross_without(across: np.ndarray, axis: int) -> np.ndarray:
    """The mean over all pairs with each point along the other axis left out in turn."""
    sums = across.sum(axis)
    return (across.sum() - sums) / (across.size - across.shape[axis])
