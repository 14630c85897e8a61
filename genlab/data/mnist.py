"""MNIST and two sets in its format: 70 000 grey images of 28x28 in ten classes each.

Sources: Y. LeCun, C. Cortes, C. Burges, The MNIST database of handwritten digits, 1998; H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST,
2017, arXiv:1708.07747; T. Clanuwat et al., Deep Learning for Classical Japanese Literature, 2018, arXiv:1812.01718.
The files are IDX: a big-endian header (two zero bytes, the type 8 = uint8, the number of axes, each axis as uint32), then the bytes.
"""

import gzip
import math
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genlab.data.base import Attribute, Dataset, DataSpec, LazySet, Progress
from genlab.data.download import Remote, download, find, not_here
from genlab.data.resize import fit_all
from genlab.errors import DataError

UINT8 = 8
MAX_BYTES = 100_000_000   # the largest of these files has 47 MB
PARTS = ("train", "t10k")   # whichever are here are used together: the split is ours
IMAGES, LABELS = "{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"


def read_header(path: Path, axes: int) -> tuple[int, ...]:
    """The axes that an IDX file of bytes states, plain or .gz; DataError if it is another kind of file."""
    return tuple(int(n) for n in np.frombuffer(_read(path, axes, 0)[4:], ">u4"))


def read_idx(path: Path, axes: int) -> np.ndarray:
    """The bytes of an IDX file, uint8 with this many axes; DataError if it is cut short or another kind of file."""
    shape = read_header(path, axes)
    if math.prod(shape) > MAX_BYTES:
        raise DataError(f"{path}: states {math.prod(shape)} bytes; at most {MAX_BYTES} are read")
    body = _read(path, axes, math.prod(shape))[4 + 4 * axes :]
    if len(body) != math.prod(shape):
        raise DataError(f"{path}: is cut short, {len(body)} of {math.prod(shape)} bytes; put a whole copy in its place")
    return np.frombuffer(body, np.uint8).reshape(shape)


def _read(path: Path, axes: int, n_bytes: int) -> bytes:
    head = 4 + 4 * axes
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as file:
            data = file.read(head + n_bytes)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: can't be read ({error}); put a whole copy in its place") from error
    if len(data) < head or data[:4] != bytes([0, 0, UINT8, axes]):
        raise DataError(f"{path}: is not an IDX file of bytes with {axes} axes; put a whole copy in its place")
    return data


@dataclass(frozen=True)
class IdxSet:
    """One dataset of IDX files: its name here, its class in torchvision, what its attribute is called, and its classes."""

    name: str
    title: str
    about: str
    torchvision_name: str
    attribute: str
    classes: tuple[str, ...]

    def dataset(self) -> Dataset:
        """Its line in the table of datasets."""
        return Dataset(self.name, self.title, self.about, 32, 1, self.load, self.is_local, self.fetch, self.count)

    def load(self, spec: DataSpec, progress: Progress) -> LazySet:
        """All images that are here, or those of the part that spec.path names; padded to 32x32, then resized if asked."""
        if spec.path not in ("", *PARTS):
            raise DataError(f"{self.name}: part {spec.path!r} is not known; {' or '.join(PARTS)} can be named, or nothing for all that is here")
        parts = [part for part in PARTS if spec.path in ("", part) and self._find(IMAGES, part)]
        if not parts:
            files = ", ".join(pattern.format(part) + ".gz" for part in PARTS for pattern in (IMAGES, LABELS))
            raise not_here(self.name, files, self.name, can_fetch=True)
        x = np.concatenate([self._images(part) for part in parts])
        labels = np.concatenate([self._labels(part) for part in parts])
        info = (Attribute(self.attribute, "categorical", 0, len(self.classes) - 1, self.classes),)
        return LazySet(self.name, lambda index: fit_all(pad(x[index]), spec.size, spec.channels), labels[:, None], info)

    def is_local(self) -> bool:
        """Whether the images of at least one part are here."""
        return any(self._find(IMAGES, part) for part in PARTS)

    def count(self) -> int | None:
        """How many images are here, from the headers alone."""
        found = [path for part in PARTS if (path := self._find(IMAGES, part))]
        return sum(read_header(path, 3)[0] for path in found) if found else None

    def fetch(self, progress: Progress) -> None:
        """Download the files that are not here yet, about 12 to 30 MB, from the addresses that torchvision knows."""
        from genlab.data.vision import torchvision  # a second to import: only where it is used

        source = getattr(torchvision.datasets, self.torchvision_name)
        remotes = [Remote(file, tuple(mirror + file for mirror in source.mirrors), md5) for file, md5 in source.resources]
        missing = [r for r in remotes if not find(self._places(), [r.file, r.file.removesuffix(".gz")])]
        download(self.name, missing, self.name, progress)

    def _images(self, part: str) -> np.ndarray:
        x = read_idx(self._find(IMAGES, part), 3)
        if x.shape[1:] != (28, 28):
            raise DataError(f"{self.name}: {IMAGES.format(part)} holds images of {x.shape[1]}x{x.shape[2]}; 28x28 is needed")
        return x

    def _labels(self, part: str) -> np.ndarray:
        """Class indices as float32; all unknown where the labels' file is not here."""
        n = read_header(self._find(IMAGES, part), 3)[0]
        if not (path := self._find(LABELS, part)):
            return np.full(n, np.nan, np.float32)
        labels = read_idx(path, 1)
        if len(labels) != n or labels.max(initial=0) >= len(self.classes):
            raise DataError(f"{path}: {len(labels)} labels up to {labels.max(initial=0)}; {n} below {len(self.classes)} are needed")
        return labels.astype(np.float32)

    def _find(self, pattern: str, part: str) -> Path | None:
        return find(self._places(), [pattern.format(part), pattern.format(part) + ".gz"])

    def _places(self) -> tuple[str, ...]:
        return self.name, f"{self.torchvision_name}/raw", f"{self.name}/{self.torchvision_name}/raw"


def pad(x: np.ndarray) -> np.ndarray:
    """28x28 images (N, 28, 28) in the middle of black 32x32 ones (N, 1, 32, 32)."""
    return np.pad(x, ((0, 0), (2, 2), (2, 2)))[:, None]


MNIST = IdxSet("mnist", "Handwritten digits", "70 000 digits, 28x28 padded to 32x32, 12 MB", "MNIST", "digit", tuple("0123456789"))
FASHION = IdxSet(
    "fashion-mnist", "Clothes", "70 000 pictures of clothes, 28x28 padded to 32x32, 31 MB", "FashionMNIST", "garment",
    ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)
KUZUSHIJI = IdxSet(
    "kmnist", "Old Japanese handwriting", "70 000 cursive hiragana, 28x28 padded to 32x32, 21 MB", "KMNIST", "hiragana",
    ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
)
