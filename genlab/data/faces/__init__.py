"""Portraits drawn from known factors: a stream of faces whose every attribute is exactly true."""

import numpy as np

from genlab.data.base import DataSpec, Facts, ImageSet, Progress
from genlab.data.faces.factors import FACTORS, IDENTITY, Factors
from genlab.data.faces.sampling import NATURAL, sample_factors
from genlab.data.resize import fit_all
from genlab.data.streams import TRAIN, stretch
from genlab.errors import DataError

__all__ = ["FACTORS", "IDENTITY", "NATURAL", "Factors", "facts", "load", "render", "sample_factors", "stream"]

SMALLEST, LARGEST = 16, 256


def render(factors: Factors, size: int = 64, device: str = "cpu") -> np.ndarray:
    """Portraits as uint8 (n, 3, size, size): the same factors give the same pixels, whatever else is in the batch.

    Raises DataError for a size outside 16 to 256.
    """
    import torch  # a second to import: only where it is used

    from genlab.data.faces.portrait import portraits

    if not isinstance(size, int | np.integer) or not SMALLEST <= size <= LARGEST:
        raise DataError(f"faces: size is {size!r}; allowed: a whole number from {SMALLEST} to {LARGEST}")
    return portraits(factors, int(size), torch.device(device))


def stream(spec: DataSpec, first: int, count: int) -> ImageSet:
    """Faces number first to first + count - 1 of spec.seed, with their factors as attributes."""
    factors = _factors(spec, first, count)
    return ImageSet("faces", fit_all(render(factors, spec.size), spec.size, spec.channels), factors.attributes, FACTORS)


def facts(spec: DataSpec, first: int, count: int) -> Facts:
    """What is known about these faces, without drawing them."""
    return Facts(_factors(spec, first, count).attributes, FACTORS)


def _factors(spec: DataSpec, first: int, count: int) -> Factors:
    return sample_factors(count, spec.seed, first, {(a, b): rho for a, b, rho in spec.correlations})


def load(spec: DataSpec, progress: Progress) -> ImageSet:
    """The first spec.n faces of spec.seed, 20 000 where it is None."""
    return stretch(stream, spec, 0, spec.n or TRAIN, progress)
