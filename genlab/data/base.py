"""Images with named attributes, and what it takes to ask for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, Protocol, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from genlab.data.resize import Fit
from genlab.errors import DataError

Progress = Callable[[float, str], None]
"""Told how far a slow step is: (share done in [0, 1], what is being done)."""

MAX_HELD_OUT = 5_000   # these are read even when few images are asked for: two seconds of JPEG decoding


@dataclass(frozen=True)
class Attribute:
    """One named fact about an image.

    kind "binary" holds 0 or 1, "continuous" a number in [low, high], "categorical" an index into choices.
    """

    name: str
    kind: Literal["binary", "continuous", "categorical"] = "binary"
    low: float = 0.0
    high: float = 1.0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class ImageSet:
    """Images and what is known about each.

    x : uint8 ndarray of shape (N, C, H, W), C is 1 or 3 and H = W
    attributes : float32 ndarray of shape (N, K), one column for each of attribute_info; NaN where unknown
    """

    name: str
    x: np.ndarray
    attributes: np.ndarray
    attribute_info: tuple[Attribute, ...] = ()

    def __post_init__(self):
        n, k = len(self.x), len(self.attribute_info)
        if self.x.dtype != np.uint8 or self.x.ndim != 4 or self.x.shape[1] not in (1, 3) or self.x.shape[2] != self.x.shape[3]:
            raise DataError(f"{self.name}: images are {self.x.dtype} of shape {self.x.shape}; uint8 (N, 1 or 3, S, S) is needed")
        if n == 0:
            raise DataError(f"{self.name}: holds no image; at least one is needed")
        if self.attributes.shape != (n, k):
            raise DataError(f"{self.name}: attributes have shape {self.attributes.shape}; ({n}, {k}) is needed")

    def __len__(self) -> int:
        return len(self.x)

    @property
    def attribute_names(self) -> tuple[str, ...]:
        return tuple(a.name for a in self.attribute_info)

    @property
    def size(self) -> int:
        return self.x.shape[2]

    @property
    def channels(self) -> int:
        return self.x.shape[1]

    def take(self, index: np.ndarray | slice) -> "ImageSet":
        """The images at these positions, in this order."""
        return replace(self, x=self.x[index], attributes=self.attributes[index])


@dataclass(frozen=True)
class Facts:
    """What is known about images, without the images: float32 (N, K), a column for each of info."""

    attributes: np.ndarray
    info: tuple[Attribute, ...] = ()

    def __len__(self) -> int:
        return len(self.attributes)


class Images(Protocol):
    """What a loader gives: images by position, read no earlier than they are taken. An ImageSet is one."""

    attributes: np.ndarray
    attribute_info: tuple[Attribute, ...]

    def __len__(self) -> int: ...

    def take(self, index: np.ndarray) -> ImageSet: ...


@dataclass(frozen=True)
class LazySet:
    """Images that stay on disk until they are taken: what makes a few of 200 000 cheap.

    read(index) gives the uint8 images (len(index), C, S, S) at these positions; names says what each is called, where it is a file.
    """

    name: str
    read: Callable[[np.ndarray], np.ndarray]
    attributes: np.ndarray
    attribute_info: tuple[Attribute, ...] = ()
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.attributes)

    def take(self, index: np.ndarray) -> ImageSet:
        """The images at these positions, in this order."""
        return ImageSet(self.name, self.read(index), self.attributes[index], self.attribute_info)


def split_positions(n: int, test_share: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the train and the test part, ascending, disjoint and fixed by the seed; one image alone is both."""
    n_test = min(max(round(n * test_share), 1), n - 1, MAX_HELD_OUT)
    if n_test == 0:
        return np.arange(n), np.arange(n)
    order = np.random.default_rng(seed).permutation(n)
    return np.sort(order[n_test:]), np.sort(order[:n_test])


class DataSpec(BaseModel):
    """What data a run is trained on: enough to load the very same images again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(default="digits", title="Dataset", description="One of the registered datasets.")
    size: int = Field(default=0, ge=0, le=256, title="Image size", description="Height and width in pixels; 0 takes the dataset's own default.")
    channels: Literal[0, 1, 3] = Field(default=0, title="Channels", description="1 grey, 3 colour; 0 takes the dataset's own default.")
    n: int | None = Field(default=None, ge=1, title="Images", description="How many images to train on; empty takes all of them.")
    seed: int = Field(default=0, ge=0, title="Data seed", description="Fixes which images are taken and which are held out.")
    test_share: float = Field(default=0.1, gt=0, lt=1, title="Held-out share", description="Share never trained on, 5 000 images at most.")
    path: str = Field(default="", title="Folder", description="For your own images the upload's id or a folder; for MNIST and its kin one part, "
                      "train or t10k.")
    fit: Fit = Field(default="crop", title="Pictures that are not square", exclude_if=lambda fit: fit == "crop",
                     description="crop cuts them to their middle, pad puts the colour of their border beside them, stretch changes their "
                                 "proportions; of your own images and CelebA.")
    correlations: tuple[tuple[str, str, float], ...] = Field(default=(), max_length=64, title="Correlations", description="Pairs of attributes of "
                                                             "drawn images and how strongly they go together, from -1 to 1.")

    _record: Path | None = PrivateAttr(default=None)

    @property
    def record(self) -> Path | None:
        """The file in which the run that this comes from wrote down what it was trained on (genlab.data.record); it need not be there."""
        return self._record

    def recorded_in(self, path: Path) -> "DataSpec":
        """The same request, of the run whose record lies there."""
        copy = self.model_copy()
        copy._record = path
        return copy

    def __eq__(self, other: object) -> bool:
        """Whether both ask for the same, whichever runs they come from."""
        return isinstance(other, DataSpec) and self.__dict__ == other.__dict__

    def shows_like(self, other: "DataSpec") -> bool:
        """Whether images of the other are images of this one, too: of the same set at the same size, however they are chosen."""
        return all(getattr(self, name) == getattr(other, name) for name in ("name", "size", "channels", "path", "fit"))

    @model_validator(mode="after")
    def _name_a_pair_once(self) -> Self:
        pairs = [frozenset(pair[:2]) for pair in self.correlations]
        for i, (a, b, rho) in enumerate(self.correlations):
            if a == b or pairs.index(pairs[i]) < i:
                raise ValueError(f"{a} with {b} is " + ("no pair" if a == b else "named twice") + "; each pair of two attributes is named once")
            if not -1 <= rho <= 1:
                raise ValueError(f"{a} with {b} is {rho}; a correlation is from -1 to 1")
        return self


@dataclass(frozen=True)
class Dataset:
    """A dataset that can be asked for by name: one line in DATASETS.

    load(spec, progress) gives all images at spec.size and spec.channels (never 0 here), before n and the split are applied.
    is_square : whether all its pictures are square as they come, so that spec.fit says nothing.
    is_local() says whether its files are on this machine; fetch(progress) downloads them, None where that can't be done.
    count() is how many images there are, None where that is not known without reading them.
    stream(spec, first, count) gives images number first to first + count - 1 of a set without an end, None for any other;
    facts(spec, first, count) gives their attributes alone, which is quick, and heeds spec.correlations.
    faults() says in sentences what is missing of files that can be used all the same.
    """

    name: str
    title: str
    about: str
    size: int
    channels: int
    load: Callable[[DataSpec, Progress], Images]
    is_local: Callable[[], bool] = lambda: True
    fetch: Callable[[Progress], None] | None = None
    count: Callable[[], int | None] = lambda: None
    stream: Callable[[DataSpec, int, int], ImageSet] | None = None
    facts: Callable[[DataSpec, int, int], Facts] | None = None
    faults: Callable[[], Sequence[str]] = tuple
    is_square: bool = True
