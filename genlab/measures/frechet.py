"""FID: the distance of two Gaussians fitted to two sets of features.

M. Heusel et al., "GANs trained by a two time-scale update rule converge to a local Nash equilibrium", 2017, arXiv 1706.08500,
equation 6; D. Dowson and B. Landau, "The Fréchet distance between multivariate normal distributions", 1982.
"""

import numpy as np

from genlab.errors import LabError
from genlab.latent.intervals import Estimate, by_jackknife

SAMPLES_PER_FEATURE = 2   # below that a covariance is mostly noise


def frechet_distance(mean1: np.ndarray, cov1: np.ndarray, mean2: np.ndarray, cov2: np.ndarray) -> float:
    """|m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2)), never below 0.  (F,), (F, F) twice

    tr (C1 C2)^(1/2) is the sum of the roots of the eigenvalues of R C2 R with R = C1^(1/2): symmetric, so real however C1 is ranked.
    """
    values, vectors = np.linalg.eigh(cov1)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    trace = np.sqrt(np.linalg.eigvalsh(root @ cov2 @ root).clip(0)).sum()
    return float(max(0.0, np.square(mean1 - mean2).sum() + np.trace(cov1) + np.trace(cov2) - 2 * trace))


def frechet_of_sets(fake: np.ndarray, real: np.ndarray) -> float:
    """The distance of the Gaussians fitted to two sets.  (N, F), (M, F)"""
    return frechet_distance(*_gaussian(fake), *_gaussian(real))


def fid(fake: np.ndarray, real: np.ndarray, seed: int) -> Estimate:
    """The Fréchet distance with its jackknife interval; biased upwards for few samples, so compare equal numbers alone.

    (N, F), (M, F); LabError for fewer than 2 F of either.
    """
    least = SAMPLES_PER_FEATURE * fake.shape[1]
    if min(len(fake), len(real)) < least:
        raise LabError(f"fid: {len(fake)} and {len(real)} images; at least {least} of both are needed, {SAMPLES_PER_FEATURE} for each feature")
    return by_jackknife(frechet_of_sets, [fake.astype(np.float64), real.astype(np.float64)], seed)


def distance_to_prior(codes: np.ndarray, seed: int) -> Estimate:
    """The Fréchet distance of codes to N(0, I), for any model with codes.  (N, D); LabError for fewer than 2 D."""
    n, d = codes.shape
    if n < SAMPLES_PER_FEATURE * d:
        raise LabError(f"code_gap: {n} codes of {d} dimensions; at least {SAMPLES_PER_FEATURE * d} are needed")
    return by_jackknife(lambda z: frechet_distance(*_gaussian(z), np.zeros(d), np.eye(d)), [codes.astype(np.float64)], seed)


def _gaussian(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return points.mean(0), np.cov(points, rowvar=False).reshape(points.shape[1], -1)
