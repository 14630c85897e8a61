"""Datasets drawn from a table of factors: what faces and scenes have in common."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from genlab.data.base import DataSpec, Facts, ImageSet, Progress
from genlab.data.factors import FactorTable
from genlab.data.resize import fit_all
from genlab.data.streams import TRAIN, stretch
from genlab.errors import DataError

SMALLEST, LARGEST = 16, 256   # pixels


@dataclass(frozen=True)
class Drawn:
    """A stream of drawn pictures.

    name : of the dataset; sample : (n, seed, first, correlations) -> a table of factors; render : (table, size) -> uint8 (n, 3, size, size)
    """

    name: str
    sample: Callable[..., FactorTable]
    render: Callable[..., np.ndarray]

    def stream(self, spec: DataSpec, first: int, count: int) -> ImageSet:
        """Pictures number first to first + count - 1 of spec.seed, with their factors as attributes. Each shows somebody or some place of its own."""
        table = self._table(spec, first, count)
        return ImageSet(self.name, fit_all(self.render(table, spec.size), spec.size, spec.channels), table.attributes, table.INFO)

    def facts(self, spec: DataSpec, first: int, count: int) -> Facts:
        """What is known about these pictures, without drawing them."""
        table = self._table(spec, first, count)
        return Facts(table.attributes, table.INFO)

    def load(self, spec: DataSpec, progress: Progress) -> ImageSet:
        """The first spec.n pictures of spec.seed, 20 000 where it is None."""
        return stretch(self.stream, spec, 0, spec.n or TRAIN, progress)

    def _table(self, spec: DataSpec, first: int, count: int) -> FactorTable:
        return self.sample(count, spec.seed, first, {(a, b): rho for a, b, rho in spec.correlations})


def painted(table: FactorTable, paint: Callable[[FactorTable], np.ndarray], size: int, at_once: int) -> np.ndarray:
    """Pictures as uint8 (n, 3, size, size), painted at most `at_once` at a time, on as many cores as torch may use."""
    import torch  # a second to import: only where it is used

    n, threads = len(table), torch.get_num_threads()
    at_once = max(1, min(at_once, -(-n // threads)))
    out = np.empty((n, 3, size, size), dtype=np.uint8)

    def fill(i: int) -> None:
        with torch.inference_mode():
            out[i : i + at_once] = paint(table.take(slice(i, i + at_once)))

    if n <= at_once:
        fill(0)
        return out
    # A thread for each core, each with whole batches: splitting every small operation among cores costs more than it saves.
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        try:
            list(pool.map(fill, range(0, n, at_once)))
        finally:
            torch.set_num_threads(threads)
    return out


def check_size(dataset: str, size: int) -> None:
    if not isinstance(size, int | np.integer) or not SMALLEST <= size <= LARGEST:
        raise DataError(f"{dataset}: size is {size!r}; allowed: a whole number from {SMALLEST} to {LARGEST}")
