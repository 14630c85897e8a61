"""A dataset of which only a few images are wanted: by part and position, without reading or drawing the rest.

What pages and commands look at is the part "seen": the held-out images, and where they are few the training images after them. Whatever
is measured of how well a model does on images it does not know takes "test" alone.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from genlab.data import find_dataset, load_dataset, positions, resolve
from genlab.data.base import DataSpec, Images, ImageSet, Progress
from genlab.data.record import DataRecord, places, record_for, record_of, same_of, verify, write_record
from genlab.data.streams import HELD_OUT, TEST, TRAIN
from genlab.errors import DataError

PARTS = {"train": "training image", "test": "held-out image", "seen": "image"}
LOADED = ("train", "test")   # the parts that load_dataset gives
ENOUGH = 100   # held-out images; with fewer, training images are seen, too


@dataclass(frozen=True)
class Opened:
    """The same images at the same positions as load_dataset gives, each read when it is taken.

    at : positions of each part among the images, or their numbers in a stream; "seen" begins with all of "test"
    images : None for a stream
    record : what the run that asks was trained on, None where that is not known: what is taken is compared with it
    """

    spec: DataSpec
    at: dict[str, np.ndarray | range]
    images: Images | None
    record: DataRecord | None = None

    def take(self, part: str, index: list[int]) -> ImageSet:
        """Images of a part, one of PARTS, at these positions, in this order; DataError names one that is not there."""
        if part not in PARTS:
            raise DataError(f"{self.spec.name}: part {part!r} is not known; there are train and test, and seen, which pages show")
        count = len(self.at[part])
        wrong = [i for i in index if not 0 <= i < count]
        if wrong or not index:
            raise DataError(f"{self.spec.name}: {PARTS[part]} {wrong[0] if wrong else 'none'} is not there; it has 0 to {count - 1}")
        where = np.array([self.at[part][i] for i in index])
        found = self.images.take(where) if self.images else _drawn(self.spec, where)
        if self.record:
            verify(self.record, self.at, where, found.x, self.spec.record)
        return found

    @property
    def is_few(self) -> bool:
        """Whether so few images are held out that training images are seen, too."""
        return len(self.at["test"]) < ENOUGH

    @property
    def seen_words(self) -> str:
        """What the images seen are called."""
        return "images" if self.is_few else "held-out images"

    @property
    def few_words(self) -> str:
        """That training images are seen, and which; empty where enough are held out."""
        held, seen = len(self.at["test"]), len(self.at["seen"])
        if not self.is_few:
            return ""
        if held == seen:
            return "This run has one image: the model was trained on it, and nothing is held out."
        whose = "the image trained on is" if seen - held == 1 else "the images trained on are"
        return f"Only {_named(0, held)} {'is' if held == 1 else 'are'} held out, so {whose} shown, too: {_named(held, seen)}."


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
    """The choice of a spec among images already read; DataError where it asks for more than there are, DataChanged where they are others."""
    spec = resolve(spec)
    record = record_for(spec)
    if images is None:
        train, test = range(spec.n or TRAIN), range(HELD_OUT, HELD_OUT + TEST)
        return Opened(spec, {"train": train, "test": test, "seen": test}, None, record)
    is_pinned = record is not None and record.is_pinned
    at = dict.fromkeys(LOADED) if is_pinned else dict(zip(LOADED, _positions(spec, len(images)), strict=True))
    at = places(record, images, at, spec.record) if record else at
    return Opened(spec, at | {"seen": _seen(at["train"], at["test"])}, images, record)


def _named(first: int, end: int) -> str:
    """Images by their numbers: "image 0", "images 0 to 6"."""
    return f"image {first}" if end - first == 1 else f"images {first} to {end - 1}"


def _seen(train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """The held-out positions, then those of training images where fewer than ENOUGH are held out; one image that is both comes once."""
    return test if len(test) >= ENOUGH else np.concatenate([test, train[~np.isin(train, test)]])


def load_recorded(spec: DataSpec, progress: Progress) -> tuple[ImageSet, ImageSet]:
    """As load_dataset, of a run: compared with what it was trained on, which is written down where nobody did so yet."""
    spec = resolve(spec)
    dataset, record = find_dataset(spec.name), record_for(spec)
    if dataset.stream:
        train, test = load_dataset(spec, progress)
        there = opened(spec, None)
    else:
        there = opened(spec, dataset.load(spec, progress))
        taken = there.images.take(np.concatenate([there.at["train"], there.at["test"]]))   # one reading, so that progress runs from 0 to 1 once
        train, test = taken.take(slice(0, len(there.at["train"]))), taken.take(slice(len(there.at["train"]), None))
    if record:
        for part, images in (("train", train), ("test", test)):
            verify(record, there.at, np.asarray(there.at[part]), images.x, spec.record)
    elif spec.record:
        write_record(spec.record, record_of(spec, there.images, there.at, train, test))
    return train, test


def check_same(spec: DataSpec) -> None:
    """DataChanged where the images of a run are others, as far as their listing and one of them say; DataError where they are not here."""
    opened(spec, read_images(spec)).take("test", [0])


def keep_same(spec: DataSpec) -> DataRecord:
    """The record of a run's request, pinned to those of its images that are still the same; DataError where there is none, or none is."""
    spec = resolve(spec)
    record = record_for(spec)
    if record is None:
        name = spec.record.parent.name if spec.record else spec.name
        raise DataError(f"{name}: nobody wrote down what it was trained on, so that nothing is compared")
    return same_of(record, spec, read_images(spec), spec.record)


_positions = lru_cache(maxsize=8)(positions)


def _drawn(spec: DataSpec, numbers: np.ndarray) -> ImageSet:
    """Images of a stream: neighbours are drawn together."""
    stream = find_dataset(spec.name).stream
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) != 1) + 1)
    parts = [stream(spec, int(run[0]), len(run)) for run in runs]
    first = parts[0]
    return ImageSet(first.name, np.concatenate([p.x for p in parts]), np.concatenate([p.attributes for p in parts]), first.attribute_info)
