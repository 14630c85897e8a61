"""A dataset of which only a few images are wanted: by part and position, without reading or drawing the rest."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from genlab.data import find_dataset, positions, resolve
from genlab.data.base import DataSpec, Images, ImageSet
from genlab.data.streams import HELD_OUT, TEST, TRAIN
from genlab.errors import DataError

PARTS = ("train", "test")


@dataclass(frozen=True)
class Opened:
    """The same images at the same positions as load_dataset gives, each read when it is taken.

    at : positions of each part among the images, or their numbers in a stream
    images : None for a stream
    """

    spec: DataSpec
    at: dict[str, np.ndarray | range]
    images: Images | None

    def take(self, part: str, index: list[int]) -> ImageSet:
        """Images of a part, "train" or "test", at these positions, in this order; DataError names one that is not there."""
        if part not in PARTS:
            raise DataError(f"{self.spec.name}: part {part!r} is not known; there are {' and '.join(PARTS)}")
        count = len(self.at[part])
        wrong = [i for i in index if not 0 <= i < count]
        if wrong or not index:
            raise DataError(f"{self.spec.name}: image {wrong[0] if wrong else 'none'} of the {part} part; it holds 0 to {count - 1}")
        where = np.array([self.at[part][i] for i in index])
        return self.images.take(where) if self.images else _drawn(self.spec, where)


def read_images(spec: DataSpec) -> Images | None:
    """All images that a spec chooses from, None for a stream; DataError where it is unknown or its files are missing.

    What it chooses (seed, n, held-out share) does not matter here: images once read serve every choice.
    """
    dataset = find_dataset(spec.name)
    if dataset.stream is not None:
        return None
    if not dataset.is_local():
        raise DataError(f"{spec.name}: its files are not on this machine")
    return dataset.load(resolve(spec), lambda share, what: None)


def opened(spec: DataSpec, images: Images | None) -> Opened:
    """The choice of a spec among images already read; DataError where it asks for more than there are."""
    spec = resolve(spec)
    if images is None:
        return Opened(spec, {"train": range(spec.n or TRAIN), "test": range(HELD_OUT, HELD_OUT + TEST)}, None)
    return Opened(spec, dict(zip(PARTS, _positions(spec, len(images)), strict=True)), images)


_positions = lru_cache(maxsize=8)(positions)


def _drawn(spec: DataSpec, numbers: np.ndarray) -> ImageSet:
    """Images of a stream: neighbours are drawn together."""
    stream = find_dataset(spec.name).stream
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1)
    parts = [stream(spec, int(run[0]), len(run)) for run in runs]
    first = parts[0]
    return ImageSet(first.name, np.concatenate([p.x for p in parts]), np.concatenate([p.attributes for p in parts]), first.attribute_info)
