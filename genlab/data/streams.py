"""Datasets without an end: image number i of a seed is always the same, and any stretch of them can be had."""

from collections.abc import Callable

import numpy as np

from genlab.data.base import DataSpec, ImageSet, Progress
from genlab.errors import DataError

Stream = Callable[[DataSpec, int, int], ImageSet]
"""stream(spec, first, count): the images number first to first + count - 1 of spec.seed, at spec.size and spec.channels."""

TRAIN, TEST = 20_000, 2_000   # images where spec.n asks for no number, and held out
HELD_OUT = 2**40              # the first held-out number: no training set reaches it
MAX_BYTES = 4 * 10**9         # all of a training set is in memory
PART = 512                    # images between two reports of progress


def load_stream(stream: Stream, spec: DataSpec, progress: Progress) -> tuple[ImageSet, ImageSet]:
    """Train and test images: the first spec.n (20 000 where it is None), and 2 000 from far beyond, the same whatever n is.

    Raises DataError where they would not fit into MAX_BYTES.
    """
    n = spec.n or TRAIN
    if (bytes_needed := (n + TEST) * spec.channels * spec.size**2) > MAX_BYTES:
        raise DataError(f"{spec.name}: {n} images of {spec.size} px take {bytes_needed / 1e9:.1f} GB; at most {MAX_BYTES / 1e9:.0f} GB are held")
    train = stretch(stream, spec, 0, n, lambda share, what: progress(share * n / (n + TEST), what))
    test = stretch(stream, spec, HELD_OUT, TEST, lambda share, what: progress((n + share * TEST) / (n + TEST), what))
    return train, test


def stretch(stream: Stream, spec: DataSpec, first: int, count: int, progress: Progress) -> ImageSet:
    """Images first to first + count - 1, made in parts that report their progress."""
    x, attributes = None, None
    for start in range(0, count, PART):
        part = stream(spec, first + start, min(PART, count - start))
        if x is None:
            x = np.empty((count, *part.x.shape[1:]), np.uint8)
            attributes = np.empty((count, part.attributes.shape[1]), np.float32)
        x[start : start + PART], attributes[start : start + PART] = part.x, part.attributes
        progress(min(start + PART, count) / count, f"drawing {spec.name}: {min(start + PART, count)} of {count}")
    return ImageSet(part.name, x, attributes, part.attribute_info)
