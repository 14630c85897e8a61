"""Random faces: face number i of a seed is always the same, however many are asked for, and any face can be reached at once."""

from collections.abc import Mapping

import numpy as np

from genlab.data.base import Attribute
from genlab.data.faces.factors import FACTORS, IDENTITY, NAMES, SHARES, Factors, locate
from genlab.errors import DataError

BLOCK = 256   # faces that share one generator: reaching face i draws at most this many
Correlations = Mapping[tuple[str, str], float]

NATURAL: Correlations = {
    ("man", "beard"): 0.85, ("man", "moustache"): 0.85, ("man", "hair_style"): -0.75, ("man", "earrings"): -0.7,
    ("beard", "moustache"): 0.8, ("beard", "hair_style"): -0.6, ("moustache", "hair_style"): -0.6, ("beard", "earrings"): -0.55,
    ("moustache", "earrings"): -0.55, ("earrings", "hair_style"): 0.5, ("glasses", "age"): 0.4, ("smile", "mouth_open"): 0.3,
}
"""Correlations of the kind that photograph collections have; the default is none at all."""


def sample_factors(n: int, seed: int, first: int = 0, correlations: Correlations | None = None) -> Factors:
    """Faces number first to first + n - 1 of the stream that the seed names.

    Independent unless correlations are given, such as {("glasses", "man"): 0.8}: each is the correlation, in [-1, 1], of the two
    normal variables of a Gaussian copula (Nelsen, An Introduction to Copulas, 2006, eq. 2.3.6), so every share and range stays as
    it was; between two halves it shows as a correlation of (2 / pi) asin(rho). Categories are ordered as they are listed.
    Raises DataError for a bad n, seed or first, an unknown name, or correlations that no distribution has together.
    """
    for name, value, low in (("n", n, 1), ("seed", seed, 0), ("first", first, 0)):
        if not isinstance(value, int | np.integer) or value < low:
            raise DataError(f"faces: {name} is {value!r}; a whole number of at least {low} is needed")
    u = uniforms(int(n), int(seed), int(first))
    shares, identity = u[:, : len(FACTORS)], u[:, len(FACTORS):]
    if correlations:
        shares = correlate(shares, mixing(correlations))
    columns = [quantile(attribute, shares[:, k]) for k, attribute in enumerate(FACTORS)]
    return Factors(np.stack(columns, axis=1).astype(np.float32), (2 * identity - 1).astype(np.float32))


def uniforms(n: int, seed: int, first: int) -> np.ndarray:
    """Rows first to first + n - 1 of an endless table of uniform numbers, float64 (n, K + I)."""
    width = len(FACTORS) + len(IDENTITY)
    start, stop = first // BLOCK, (first + n - 1) // BLOCK + 1
    blocks = [np.random.default_rng([seed, block]).random((BLOCK, width)) for block in range(start, stop)]
    return np.concatenate(blocks)[first - start * BLOCK:][:n]


def quantile(attribute: Attribute, u: np.ndarray) -> np.ndarray:
    """Uniform numbers -> values of this attribute."""
    if attribute.kind == "binary":
        return (u >= 1 - SHARES[attribute.name]).astype(np.float64)
    if attribute.kind == "categorical":
        return np.minimum(np.floor(u * len(attribute.choices)), len(attribute.choices) - 1)
    return np.clip(attribute.low + u * (attribute.high - attribute.low), attribute.low, attribute.high)


def mixing(correlations: Correlations) -> np.ndarray:
    """The lower triangle L (K, K) with L L^T the asked correlation matrix."""
    c = np.eye(len(FACTORS))
    for (a, b), rho in correlations.items():
        places = locate(a), locate(b)
        if any(kind != "attributes" for kind, _ in places) or a == b:
            raise DataError(f"faces: correlation of {a!r} with {b!r}; two different attributes are needed, of {', '.join(NAMES)}")
        if not -1 <= rho <= 1:
            raise DataError(f"faces: correlation of {a!r} with {b!r} is {rho}; allowed: -1 to 1")
        i, j = places[0][1], places[1][1]
        c[i, j] = c[j, i] = rho
    lowest = np.linalg.eigvalsh(c)[0]
    if lowest < -1e-9:
        raise DataError(f"faces: the correlations {dict(correlations)} contradict each other (smallest eigenvalue {lowest:.3f}); weaken one of them")
    return np.linalg.cholesky(c + 1e-9 * np.eye(len(c)))


def correlate(u: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Independent uniforms (n, K) -> uniforms with the Gaussian copula of lower."""
    import torch  # a second to import: only where it is used

    z = torch.special.ndtri(torch.from_numpy(np.clip(u, 1e-12, 1 - 1e-12))).numpy()
    return torch.special.ndtr(torch.from_numpy(z @ lower.T)).numpy()
