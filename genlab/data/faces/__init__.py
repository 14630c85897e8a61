"""Portraits drawn from known factors: a stream of faces whose every attribute is exactly true."""

import numpy as np

from genlab.data.drawn import Drawn, check_size
from genlab.data.faces.factors import FACTORS, IDENTITY, Factors
from genlab.data.faces.sampling import NATURAL, sample_factors

__all__ = ["FACTORS", "IDENTITY", "NATURAL", "Factors", "facts", "load", "render", "sample_factors", "stream"]


def render(factors: Factors, size: int = 64, device: str = "cpu") -> np.ndarray:
    """Portraits as uint8 (n, 3, size, size): the same factors give the same pixels, whatever else is in the batch.

    Raises DataError for a size outside 16 to 256.
    """
    import torch  # a second to import: only where it is used

    from genlab.data.faces.portrait import portraits

    check_size("faces", size)
    return portraits(factors, int(size), torch.device(device))


_DRAWN = Drawn("faces", sample_factors, render)
stream, facts, load = _DRAWN.stream, _DRAWN.facts, _DRAWN.load
