"""Tables of factors: everything that fixes n drawn pictures, checked when it is made and sampled as a stream."""

import difflib
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from genlab.data.base import Attribute
from genlab.errors import DataError

BLOCK = 256   # pictures that share one generator: reaching picture i draws at most this many


@dataclass(frozen=True)
class FactorTable:
    """The attributes of n pictures, and the identity that stays when attributes change. A subclass names the columns.

    attributes : float32 ndarray of shape (n, K), one column for each of INFO
    identity : float32 ndarray of shape (n, I), one column for each of IDENTITY, each in [-1, 1]
    """

    attributes: np.ndarray
    identity: np.ndarray

    DATASET: ClassVar[str]
    INFO: ClassVar[tuple[Attribute, ...]]
    IDENTITY: ClassVar[tuple[str, ...]]

    def __post_init__(self):
        self._check_shape("attributes", len(self.INFO))
        self._check_shape("identity", len(self.IDENTITY))
        if len(self.attributes) != len(self.identity):
            raise DataError(f"{self.DATASET}: {len(self.attributes)} rows of attributes and {len(self.identity)} of identity; both need as many")
        for k, attribute in enumerate(self.INFO):
            self._check_column(attribute, self.attributes[:, k])
        if not (np.abs(self.identity) <= 1).all():   # False for NaN
            self._check_identity()

    def __len__(self) -> int:
        return len(self.attributes)

    def __getitem__(self, name: str) -> np.ndarray:
        """The column of one attribute or identity component, float32 (n,)."""
        array, k = self._locate(name)
        return getattr(self, array)[:, k]

    def take(self, index: np.ndarray | slice) -> Self:
        """The pictures at these positions, in this order."""
        return type(self)(self.attributes[index], self.identity[index])

    def with_(self, /, **values: object) -> Self:
        """The same pictures with some columns changed: numbers, arrays of n numbers, or the name of a category."""
        arrays = {"attributes": self.attributes.copy(), "identity": self.identity.copy()}
        for name, value in values.items():
            array, k = self._locate(name)
            arrays[array][:, k] = self._column(name, value)
        return type(self)(**arrays)

    def _locate(self, name: str) -> tuple[str, int]:
        """The array that holds a name's column, and its position there."""
        for array, names in (("attributes", tuple(a.name for a in self.INFO)), ("identity", self.IDENTITY)):
            if name in names:
                return array, names.index(name)
        names = tuple(a.name for a in self.INFO)
        near = difflib.get_close_matches(name, names + self.IDENTITY, n=1)
        raise DataError(f"{self.DATASET}: {name!r} is not a factor; " + (f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"))

    def _column(self, name: str, value: object) -> np.ndarray:
        if isinstance(value, str):
            return np.float32(self._category(name, value))
        try:
            column = np.asarray(value, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise DataError(f"{self.DATASET}: {name} is {value!r}; a number or an array of {len(self)} numbers is needed") from error
        if column.shape not in ((), (len(self),)):
            raise DataError(f"{self.DATASET}: {name} has shape {column.shape}; one number or ({len(self)},) is needed")
        return column

    def _category(self, name: str, choice: str) -> int:
        choices = next((a.choices for a in self.INFO if a.name == name), ())
        if choice not in choices:
            raise DataError(f"{self.DATASET}: {name} is {choice!r}; allowed: {', '.join(choices) or 'numbers only'}")
        return choices.index(choice)

    def _check_shape(self, what: str, columns: int) -> None:
        array = getattr(self, what)
        if not isinstance(array, np.ndarray) or array.dtype != np.float32 or array.ndim != 2 or array.shape[1] != columns:
            found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
            raise DataError(f"{self.DATASET}: {what} are {found}; a float32 array (n, {columns}) is needed")

    def _check_column(self, attribute: Attribute, column: np.ndarray) -> None:
        allowed = (column >= attribute.low) & (column <= attribute.high)   # False for NaN
        if attribute.kind != "continuous":
            allowed &= column == np.round(column)
        if not allowed.all():
            at = int(np.flatnonzero(~allowed)[0])
            raise DataError(f"{self.DATASET}: {attribute.name} of picture {at} is {column[at]:g}; allowed: {allowed_values(attribute)}")

    def _check_identity(self) -> None:
        for k, name in enumerate(self.IDENTITY):
            self._check_column(Attribute(name, "continuous", -1.0, 1.0), self.identity[:, k])


def allowed_values(attribute: Attribute) -> str:
    """In words, what an attribute may be."""
    if attribute.kind == "binary":
        return "0 or 1"
    if attribute.kind == "continuous":
        return f"{attribute.low:g} to {attribute.high:g}"
    return ", ".join(f"{i} ({c})" for i, c in enumerate(attribute.choices))


def uniforms(dataset: str, columns: int, n: int, seed: int, first: int) -> np.ndarray:
    """Rows first to first + n - 1 of the endless table of uniform numbers that the seed names, float64 (n, columns).

    Raises DataError for a bad n, seed or first.
    """
    for name, value, low in (("n", n, 1), ("seed", seed, 0), ("first", first, 0)):
        if not isinstance(value, int | np.integer) or isinstance(value, bool) or value < low:
            raise DataError(f"{dataset}: {name} is {value!r}; a whole number of at least {low} is needed")
    n, seed, first = int(n), int(seed), int(first)
    start, stop = first // BLOCK, (first + n - 1) // BLOCK + 1
    blocks = [np.random.default_rng([seed, block]).random((BLOCK, columns)) for block in range(start, stop)]
    return np.concatenate(blocks)[first - start * BLOCK:][:n]
