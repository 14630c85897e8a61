"""Random faces: face number i of a seed is always the same, however many are asked for, and any face can be reached at once."""

import numpy as np

from genlab.data.base import Attribute
from genlab.data.copula import Correlations, correlate
from genlab.data.faces.factors import FACTORS, IDENTITY, NAMES, SHARES, Factors
from genlab.data.factors import uniforms

NATURAL: Correlations = {
    ("man", "beard"): 0.85, ("man", "moustache"): 0.85, ("man", "hair_style"): -0.75, ("man", "earrings"): -0.7,
    ("beard", "moustache"): 0.8, ("beard", "hair_style"): -0.6, ("moustache", "hair_style"): -0.6, ("beard", "earrings"): -0.55,
    ("moustache", "earrings"): -0.55, ("earrings", "hair_style"): 0.5, ("glasses", "age"): 0.4, ("smile", "mouth_open"): 0.3,
}
"""Correlations of the kind that photograph collections have; the default is none at all."""


def sample_factors(n: int, seed: int, first: int = 0, correlations: Correlations | None = None) -> Factors:
    """Faces number first to first + n - 1 of the stream that the seed names.

    Independent unless correlations are given, such as {("glasses", "man"): 0.8}: each is the correlation, in [-1, 1], of the two
    normal variables of a Gaussian copula, so every share and range stays as it was; between two halves it shows as a correlation of
    (2 / pi) asin(rho). Categories are ordered as they are listed.
    Raises DataError for a bad n, seed or first, an unknown name, or correlations that no distribution has together.
    """
    u = uniforms("faces", len(FACTORS) + len(IDENTITY), n, seed, first)
    shares, identity = u[:, : len(FACTORS)], u[:, len(FACTORS):]
    if correlations:
        shares = correlate("faces", NAMES, shares, correlations)
    columns = [quantile(attribute, shares[:, k]) for k, attribute in enumerate(FACTORS)]
    return Factors(np.stack(columns, axis=1).astype(np.float32), (2 * identity - 1).astype(np.float32))


def quantile(attribute: Attribute, u: np.ndarray) -> np.ndarray:
    """Uniform numbers -> values of this attribute."""
    if attribute.kind == "binary":
        return (u >= 1 - SHARES[attribute.name]).astype(np.float64)
    if attribute.kind == "categorical":
        return np.minimum(np.floor(u * len(attribute.choices)), len(attribute.choices) - 1)
    return np.clip(attribute.low + u * (attribute.high - attribute.low), attribute.low, attribute.high)
