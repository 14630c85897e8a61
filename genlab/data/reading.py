"""Many images read at once: decoding and resizing run beside each other, since Pillow lets go of the GIL."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from genlab.data.base import Progress
from genlab.errors import DataError

BLOCK = 128       # images in flight at most; also how often progress is told
MAX_THREADS = 4   # each may hold one decoded picture of 120 MB
MAX_NAMED = 5
T = TypeVar("T")


def in_order(read_one: Callable[[int], T], n: int) -> Iterator[T | DataError]:
    """read_one(0), ..., read_one(n - 1), in this order, with the error in place of an image that can't be read."""

    def attempt(i: int) -> T | DataError:
        try:
            return read_one(i)
        except DataError as error:
            return error

    with ThreadPoolExecutor(min(os.cpu_count() or 1, MAX_THREADS)) as pool:
        for start in range(0, n, BLOCK):
            yield from pool.map(attempt, range(start, min(start + BLOCK, n)))


def read_stack(name: str, read_one: Callable[[int], np.ndarray], n: int, progress: Progress) -> np.ndarray:
    """All of read_one(i) in one array; a DataError names the first few that can't be read."""
    stack, faults = None, []
    for i, image in enumerate(in_order(read_one, n)):
        if isinstance(image, DataError):
            faults.append(str(image))
            continue
        if stack is None:
            stack = np.empty((n, *image.shape), image.dtype)
        stack[i] = image
        if i % BLOCK == 0:
            progress(i / n, f"{name}: image {i} of {n}")
    if faults:
        raise DataError(f"{name}: {named(faults)}. Repair or remove {'it' if len(faults) == 1 else 'them'}")
    progress(1.0, f"{name}: {n} images")
    return stack


def named(faults: Sequence[str]) -> str:
    """The first few faults in one sentence, and how many more there are."""
    more = len(faults) - MAX_NAMED
    return "; ".join(faults[:MAX_NAMED]) + (f"; and {more} more" if more > 0 else "")
