"""What the judge says about pictures, and how far apart it finds two people."""

from dataclasses import dataclass, fields

import numpy as np

from genlab.data import Attribute
from genlab.errors import DataError


@dataclass(frozen=True)
class Readings:
    """What was read from N pictures.

    info : the attributes, in order; attributes : float32 (N, K) in their units, as an ImageSet has them, binaries decided at 1/2
    chances : float32 (N, K), calibrated: of a binary that it is 1, of a category that it is the one decided for, NaN for a continuous one
    spreads : float32 (N, K), standard deviations of the continuous ones, NaN for the others
    identity, identity_spread : float32 (N, I), the traits of the person in [-1, 1] and how uncertain each is
    damage : float32 (N,), how far the picture seems to be from a clean drawing: root mean square, grey levels in [0, 1]
    """

    info: tuple[Attribute, ...]
    attributes: np.ndarray
    chances: np.ndarray
    spreads: np.ndarray
    identity: np.ndarray
    identity_spread: np.ndarray
    damage: np.ndarray

    def __len__(self) -> int:
        return len(self.attributes)

    def __getitem__(self, name: str) -> np.ndarray:
        """What is decided for an attribute, in its units, float32 (N,)."""
        return self.attributes[:, self._place(name)]

    def chance(self, name: str) -> np.ndarray:
        """The calibrated probability of a binary attribute, or of the category decided for, float32 (N,)."""
        k = self._place(name)
        if self.info[k].kind == "continuous":
            raise DataError(f"judge: {name} is continuous and has a spread, not a chance")
        return self.chances[:, k]

    def spread(self, name: str) -> np.ndarray:
        """The standard deviation of a continuous attribute, in its units, float32 (N,)."""
        k = self._place(name)
        if self.info[k].kind != "continuous":
            raise DataError(f"judge: {name} is {self.info[k].kind} and has a chance, not a spread")
        return self.spreads[:, k]

    def take(self, index: np.ndarray | slice) -> "Readings":
        """The readings at these positions."""
        arrays = {f.name: getattr(self, f.name)[index] for f in fields(self) if f.name != "info"}
        return Readings(self.info, **arrays)

    def _place(self, name: str) -> int:
        names = [a.name for a in self.info]
        if name not in names:
            raise DataError(f"judge: {name!r} is not an attribute; there are {', '.join(names)}")
        return names.index(name)


def identity_distance(a: Readings, b: Readings) -> np.ndarray:
    """How different the people in two equally long rows of pictures are, (N,): 0 the same, about 1 for two strangers.

    Root mean square difference of the traits over that of two strangers, sqrt(2/3) for traits uniform in [-1, 1]. A trait counts by
    the share of its variance that both readings are sure of, so glasses that nobody wears do not tell people apart.
    """
    if len(a) != len(b):
        raise DataError(f"judge: {len(a)} and {len(b)} readings; pairs need as many of both")
    prior = 1 / 3
    known = np.minimum(*(np.clip(1 - r.identity_spread**2 / prior, 0.0, 1.0) for r in (a, b))) + 1e-6
    return np.sqrt((known * (a.identity - b.identity) ** 2).sum(1) / (known.sum(1) * 2 * prior)).astype(np.float32)
