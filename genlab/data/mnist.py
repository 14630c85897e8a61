"""MNIST and two sets in its format: 70 000 grey images of 28x28 in ten classes each.

Sources: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits, 1998; H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST,
2017, arXiv:1708.07747; T. Clanuwat et al., Deep Learning for Classical Japanese Literature, 2018, arXiv:1812.01718.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path

import numpy as np

from genlab.data.base import Attribute, Dataset, DataSpec, LazySet, Progress
from genlab.data.download import Remote, download
from genlab.data.here import candidates, inside, not_here, squeezed
from genlab.data.idx import is_whole, read_header, read_idx
from genlab.data.resize import fit_all
from genlab.errors import DataError

log = logging.getLogger(__name__)
PARTS = ("train", "t10k")   # whichever are here are used together: the split is ours
IMAGES, LABELS = "{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"
STRAIGHT = ("", "raw")   # places that do not say which of the three sets it is
N_INK = 200              # images that tell how much ink a set has


@dataclass(frozen=True)
class IdxSet:
    """One dataset of IDX files: its name here, its class in torchvision, what its attribute is called, its classes, and its ink.

    ink : the mean grey level, from 0 to 255. All three sets' files bear the same names, and this tells them apart.
    """

    name: str
    title: str
    about: str
    torchvision_name: str
    attribute: str
    classes: tuple[str, ...]
    ink: float

    def dataset(self) -> Dataset:
        """Its line in the table of datasets."""
        return Dataset(self.name, self.title, self.about, 32, 1, self.load, self.is_local, self.fetch, self.count, faults=self.faults)

    def load(self, spec: DataSpec, progress: Progress) -> LazySet:
        """All images that are here, or those of the part that spec.path names; padded to 32x32, then resized if asked."""
        if spec.path not in ("", *PARTS):
            raise DataError(f"{self.name}: part {spec.path!r} is not known; {' or '.join(PARTS)} can be named, or nothing for all that is here")
        here = {part: images for part, images in self._here().items() if spec.path in ("", part)}
        if not here:
            files = ", ".join(pattern.format(part) + ".gz" for part in PARTS for pattern in (IMAGES, LABELS))
            raise not_here(self.name, files, self.name, can_fetch=True)
        for fault in self.faults():
            log.warning("%s: %s", self.name, fault)
        x = np.concatenate([self._images(images) for images in here.values()])
        labels = np.concatenate([self._labels(part, images) for part, images in here.items()])
        info = (Attribute(self.attribute, "categorical", 0, len(self.classes) - 1, self.classes),)
        return LazySet(self.name, lambda index: fit_all(pad(x[index]), spec.size, spec.channels), labels[:, None], info)

    def is_local(self) -> bool:
        """Whether the images of at least one part are here."""
        return bool(self._here())

    def count(self) -> int | None:
        """How many images are here, from the headers alone."""
        here = self._here()
        return sum(read_header(images, 3)[0] for images in here.values()) if here else None

    def faults(self) -> list[str]:
        """The parts whose images are here and whose labels are not."""
        return [f"{LABELS.format(part)} is not beside {images}, so nothing is known of these images"
                for part, images in self._here().items() if not self._find_labels(part, images)]

    def fetch(self, progress: Progress) -> None:
        """Download the files that are not here yet, about 12 to 30 MB, from the addresses that torchvision knows."""
        from genlab.data.vision import torchvision  # a second to import: only where it is used

        source = getattr(torchvision.datasets, self.torchvision_name)
        usable = set()
        for part, images in self._here().items():
            labels = self._find_labels(part, images)
            usable |= {IMAGES.format(part) + ".gz"} if are_images(images) else set()
            usable |= {LABELS.format(part) + ".gz"} if labels and are_labels(labels, images) else set()
        missing = [Remote(file, tuple(mirror + file for mirror in source.mirrors), md5) for file, md5 in source.resources if file not in usable]
        download(self.name, missing, self.name, progress)

    def _images(self, path: Path) -> np.ndarray:
        x = read_idx(path, 3)
        if x.shape[1:] != (28, 28):
            raise DataError(f"{self.name}: {path.name} holds images of {x.shape[1]}x{x.shape[2]}; 28x28 is needed")
        return x

    def _labels(self, part: str, images: Path) -> np.ndarray:
        """Class indices as float32; all unknown where the labels' file is not here."""
        n = read_header(images, 3)[0]
        if not (path := self._find_labels(part, images)):
            return np.full(n, np.nan, np.float32)
        labels = read_idx(path, 1)
        if len(labels) != n or labels.max(initial=0) >= len(self.classes):
            raise DataError(f"{path}: {len(labels)} labels up to {labels.max(initial=0)}; {n} below {len(self.classes)} are needed")
        return labels.astype(np.float32)

    def _here(self) -> dict[str, Path]:
        """The images' file of each part that is here: one that can be used, else one that can't, so that reading it says why."""
        found = {part: self._files_of_images(part) for part in PARTS}
        return {part: chosen for part, paths in found.items() if (chosen := usable_first(paths, are_images))}

    def _files_of_images(self, part: str) -> Iterator[Path]:
        files = [IMAGES.format(part), IMAGES.format(part) + ".gz"]
        yield from candidates(self._places(), files)
        yield from (path for path in candidates(STRAIGHT, files) if path.is_file() and self._is_mine(path))

    def _find_labels(self, part: str, images: Path) -> Path | None:
        """The labels' file of these images, beside them first, and in no place that may be another set's."""
        files = [LABELS.format(part), LABELS.format(part) + ".gz"]
        has_folder_each = squeezed(images.parent.name) in {squeezed(IMAGES.format(part) + end) for end in ("", ".gz")}
        folder = images.parent.parent if has_folder_each else images.parent
        return usable_first(chain((path for file in files for path in inside(folder, file)), candidates(self._places(), files)),
                            lambda path: are_labels(path, images))

    def _places(self) -> tuple[str, ...]:
        set_of = self.torchvision_name
        return self.name, f"{set_of}/raw", f"{self.name}/{set_of}/raw", set_of, f"{self.name}/raw"

    def _is_mine(self, images: Path) -> bool:
        """Whether images in a folder that does not say which set it is are of this one; what is unlike all three is MNIST's."""
        names = {squeezed(parent.name) for parent in images.parents[:2]}
        told = [s for s in SETS if names & {squeezed(s.name), squeezed(s.torchvision_name)}]
        return self is (told or [nearest(images)])[0]


def usable_first(paths: Iterable[Path], is_usable: Callable[[Path], bool]) -> Path | None:
    """The first file that can be used, else the first one at all; None where there is none."""
    first = None
    for path in paths:
        if path.is_file():
            if is_usable(path):
                return path
            first = first or path
    return first


def are_images(path: Path) -> bool:
    """Whether a file is whole and holds images of 28x28."""
    return is_whole(path, 3) and read_header(path, 3)[0] > 0 and read_header(path, 3)[1:] == (28, 28)


def are_labels(path: Path, images: Path) -> bool:
    """Whether a file is whole and holds as many labels as there are of these images."""
    return is_whole(path, 1) and are_images(images) and read_header(path, 1)[0] == read_header(images, 3)[0]


def nearest(images: Path) -> IdxSet:
    """The set that has about as much ink as these images; MNIST where none has."""
    try:
        facts = images.stat()
        ink = _ink(images, facts.st_size, facts.st_mtime_ns)
    except (OSError, DataError):
        return MNIST
    near = min(SETS, key=lambda s: abs(s.ink - ink))
    return near if abs(near.ink - ink) < 10 else MNIST


@lru_cache(maxsize=32)
def _ink(images: Path, size: int, changed: int) -> float:
    return float(read_idx(images, 3, N_INK).mean())


def pad(x: np.ndarray) -> np.ndarray:
    """28x28 images (N, 28, 28) in the middle of black 32x32 ones (N, 1, 32, 32)."""
    return np.pad(x, ((0, 0), (2, 2), (2, 2)))[:, None]


MNIST = IdxSet("mnist", "Handwritten digits", "70 000 digits, 28x28 padded to 32x32, 12 MB", "MNIST", "digit", tuple("0123456789"), 33.3)
FASHION = IdxSet(
    "fashion-mnist", "Clothes", "70 000 pictures of clothes, 28x28 padded to 32x32, 31 MB", "FashionMNIST", "garment",
    ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"), 72.9,
)
KUZUSHIJI = IdxSet(
    "kmnist", "Old Japanese handwriting", "70 000 cursive hiragana, 28x28 padded to 32x32, 21 MB", "KMNIST", "hiragana",
    ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"), 48.9,
)
SETS = (MNIST, FASHION, KUZUSHIJI)
