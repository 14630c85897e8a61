"""Landscapes in summer and winter, drawn from known factors: two domains whose true translation is known."""

import numpy as np

from genlab.data.base import DataSpec, Facts, ImageSet, Progress
from genlab.data.resize import fit_all
from genlab.data.scenes.factors import FACTORS, LAYOUT, Scenes, counterpart, sample_scenes
from genlab.data.streams import TRAIN, stretch
from genlab.errors import DataError

__all__ = ["FACTORS", "LAYOUT", "Scenes", "counterpart", "facts", "load", "render_scenes", "sample_scenes", "stream"]

SMALLEST, LARGEST = 16, 256


def render_scenes(scenes: Scenes, size: int = 64, device: str = "cpu") -> np.ndarray:
    """Landscapes as uint8 (n, 3, size, size): the same factors give the same pixels, whatever else is in the batch.

    Raises DataError for a size outside 16 to 256.
    """
    import torch  # a second to import: only where it is used

    from genlab.data.scenes.landscape import landscapes

    if not isinstance(size, int | np.integer) or not SMALLEST <= size <= LARGEST:
        raise DataError(f"scenes: size is {size!r}; allowed: a whole number from {SMALLEST} to {LARGEST}")
    return landscapes(scenes, int(size), torch.device(device))


def stream(spec: DataSpec, first: int, count: int) -> ImageSet:
    """Scenes number first to first + count - 1 of spec.seed, with their factors as attributes.

    Each is a place of its own: summer and winter are never pictures of the same one.
    """
    scenes = _scenes(spec, first, count)
    return ImageSet("scenes", fit_all(render_scenes(scenes, spec.size), spec.size, spec.channels), scenes.attributes, FACTORS)


def facts(spec: DataSpec, first: int, count: int) -> Facts:
    """What is known about these scenes, without drawing them."""
    return Facts(_scenes(spec, first, count).attributes, FACTORS)


def _scenes(spec: DataSpec, first: int, count: int) -> Scenes:
    return sample_scenes(count, spec.seed, first, {(a, b): rho for a, b, rho in spec.correlations})


def load(spec: DataSpec, progress: Progress) -> ImageSet:
    """The first spec.n scenes of spec.seed, 20 000 where it is None."""
    return stretch(stream, spec, 0, spec.n or TRAIN, progress)
