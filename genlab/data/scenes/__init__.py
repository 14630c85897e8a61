"""Landscapes in summer and winter, drawn from known factors: two domains whose true translation is known.

In a stream of them each is a place of its own: summer and winter are never pictures of the same one.
"""

import numpy as np

from genlab.data.drawn import Drawn, check_size
from genlab.data.scenes.factors import FACTORS, LAYOUT, Scenes, counterpart, sample_scenes

__all__ = ["FACTORS", "LAYOUT", "Scenes", "counterpart", "facts", "load", "render_scenes", "sample_scenes", "stream"]


def render_scenes(scenes: Scenes, size: int = 64, device: str = "cpu") -> np.ndarray:
    """Landscapes as uint8 (n, 3, size, size): the same factors give the same pixels, whatever else is in the batch.

    Raises DataError for a size outside 16 to 256.
    """
    import torch  # a second to import: only where it is used

    from genlab.data.scenes.landscape import landscapes

    check_size("scenes", size)
    return landscapes(scenes, int(size), torch.device(device))


_DRAWN = Drawn("scenes", sample_scenes, render_scenes)
stream, facts, load = _DRAWN.stream, _DRAWN.facts, _DRAWN.load
