"""What can be said about a face: the attributes that a picture shows, and the identity that stays when they change."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlab.data.base import Attribute
from genlab.errors import DataError

HAIR_COLOURS = ("black", "brown", "auburn", "ginger", "blond")
HAIR_STYLES = ("bald", "buzz", "short", "quiff", "fringe", "curly", "bob", "wavy", "long", "braids")
BACKGROUNDS = ("sand", "terracotta", "sage", "teal", "blue", "plum")

FACTORS: tuple[Attribute, ...] = (
    Attribute("man"),
    Attribute("glasses"),
    Attribute("beard"),
    Attribute("moustache"),
    Attribute("hat"),
    Attribute("earrings"),
    Attribute("smile", "continuous", -0.5, 1.0),
    Attribute("mouth_open", "continuous", 0.0, 1.0),
    Attribute("eyes_open", "continuous", 0.3, 1.0),
    Attribute("age", "continuous", 20.0, 80.0),
    Attribute("skin_tone", "continuous", 0.0, 1.0),
    Attribute("yaw", "continuous", -25.0, 25.0),
    Attribute("tilt", "continuous", -15.0, 15.0),
    Attribute("gaze", "continuous", -1.0, 1.0),
    Attribute("light", "continuous", -60.0, 60.0),
    Attribute("hair_colour", "categorical", 0, len(HAIR_COLOURS) - 1, HAIR_COLOURS),
    Attribute("hair_style", "categorical", 0, len(HAIR_STYLES) - 1, HAIR_STYLES),
    Attribute("background", "categorical", 0, len(BACKGROUNDS) - 1, BACKGROUNDS),
)
"""The columns of a face's attributes. Angles (yaw, tilt, light) in degrees, positive to the viewer's right; age in years."""

SHARES = {"man": 0.5, "glasses": 0.4, "beard": 0.25, "moustache": 0.25, "hat": 0.25, "earrings": 0.35}
"""Share of faces that have each binary attribute; categories are equally likely, continuous ones uniform in their range."""

PROPORTIONS = (
    "face_width", "face_length", "jaw", "chin", "cheekbones", "forehead", "eye_size", "eye_distance", "eye_slant", "eye_colour",
    "brow_thickness", "brow_arch", "brow_height", "nose_length", "nose_width", "nose_tip", "mouth_width", "mouth_height", "lip_fullness", "ear_size",
)
WARDROBE = (
    "hair_volume", "hair_parting", "beard_length", "glasses_shape", "glasses_colour", "hat_shape", "hat_colour",
    "earring_shape", "earring_colour", "clothes_cut", "clothes_colour",
)
IDENTITY: tuple[str, ...] = PROPORTIONS + WARDROBE
"""The columns of a face's identity, each uniform in [-1, 1]: proportions, then what this person would wear."""

NAMES = tuple(a.name for a in FACTORS)


@dataclass(frozen=True)
class Factors:
    """Everything that fixes n portraits.

    attributes : float32 ndarray of shape (n, K), one column for each of FACTORS
    identity : float32 ndarray of shape (n, I), one column for each of IDENTITY
    """

    attributes: np.ndarray
    identity: np.ndarray

    def __post_init__(self):
        check_shape("attributes", self.attributes, len(FACTORS))
        check_shape("identity", self.identity, len(IDENTITY))
        if len(self.attributes) != len(self.identity):
            raise DataError(f"faces: {len(self.attributes)} rows of attributes and {len(self.identity)} of identity; both need the same number")
        for k, attribute in enumerate(FACTORS):
            check_column(attribute, self.attributes[:, k])
        for k, name in enumerate(IDENTITY):
            check_column(Attribute(name, "continuous", -1.0, 1.0), self.identity[:, k])

    def __len__(self) -> int:
        return len(self.attributes)

    def __getitem__(self, name: str) -> np.ndarray:
        """The column of one attribute or identity component, float32 (n,)."""
        kind, k = locate(name)
        return getattr(self, kind)[:, k]

    def take(self, index: np.ndarray | slice) -> "Factors":
        """The faces at these positions (a slice or an array of positions), in this order."""
        return Factors(self.attributes[index], self.identity[index])

    def with_(self, /, **values: float | str | Sequence | np.ndarray) -> "Factors":
        """The same faces with some columns changed: numbers, arrays of n numbers, or the name of a category."""
        arrays = {"attributes": self.attributes.copy(), "identity": self.identity.copy()}
        for name, value in values.items():
            kind, k = locate(name)
            arrays[kind][:, k] = self._column(name, value)
        return Factors(**arrays)

    def _column(self, name: str, value: float | str | Sequence | np.ndarray) -> np.ndarray:
        if isinstance(value, str):
            return np.float32(category(name, value))
        try:
            column = np.asarray(value, dtype=np.float32)
        except (TypeError, ValueError) as error:
            raise DataError(f"faces: {name} is {value!r}; a number or an array of {len(self)} numbers is needed") from error
        if column.shape not in ((), (len(self),)):
            raise DataError(f"faces: {name} has shape {column.shape}; one number or ({len(self)},) is needed")
        return column


def locate(name: str) -> tuple[str, int]:
    """Where a name's column is: ("attributes" or "identity", position)."""
    if name in NAMES:
        return "attributes", NAMES.index(name)
    if name in IDENTITY:
        return "identity", IDENTITY.index(name)
    near = difflib.get_close_matches(name, NAMES + IDENTITY, n=1)
    raise DataError(f"faces: {name!r} is not a factor; " + (f"did you mean {near[0]!r}?" if near else f"there are {', '.join(NAMES)}"))


def category(name: str, choice: str) -> int:
    """The index that stands for a category's name."""
    choices = next((a.choices for a in FACTORS if a.name == name), ())
    if choice not in choices:
        raise DataError(f"faces: {name} is {choice!r}; allowed: {', '.join(choices) or 'numbers only'}")
    return choices.index(choice)


def check_shape(what: str, array: np.ndarray, columns: int) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != np.float32 or array.ndim != 2 or array.shape[1] != columns:
        found = f"{array.dtype} {array.shape}" if isinstance(array, np.ndarray) else type(array).__name__
        raise DataError(f"faces: {what} are {found}; a float32 array (n, {columns}) is needed")


def check_column(attribute: Attribute, column: np.ndarray) -> None:
    """Raises a DataError that names the first face whose value is not allowed."""
    allowed = (column >= attribute.low) & (column <= attribute.high)   # False for NaN
    if attribute.kind != "continuous":
        allowed &= column == np.round(column)
    if allowed.all():
        return
    at = int(np.flatnonzero(~allowed)[0])
    raise DataError(f"faces: {attribute.name} of face {at} is {column[at]:g}; allowed: {describe(attribute)}")


def describe(attribute: Attribute) -> str:
    if attribute.kind == "binary":
        return "0 or 1"
    if attribute.kind == "continuous":
        return f"{attribute.low:g} to {attribute.high:g}"
    return ", ".join(f"{i} ({c})" for i, c in enumerate(attribute.choices))
