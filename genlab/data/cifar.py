"""CIFAR-10: 60 000 colour photographs of 32x32 in ten classes.

Source: A. Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009. Its "python version" is pickled: it is read by an
unpickler that can build nothing but arrays of bytes and the plain types, so a file that was tampered with runs no code.
"""

import io
import os
import pickle
import tarfile
import zlib
from pathlib import Path, PurePosixPath

import numpy as np

from genlab.data.base import Attribute, DataSpec, LazySet, Progress
from genlab.data.download import Remote, download
from genlab.data.here import candidates, first_that_reads, not_here
from genlab.data.resize import fit_all
from genlab.errors import DataError

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
LABEL = Attribute("object", "categorical", 0, 9, CLASSES)
PLACES = ("", "cifar10", "cifar-10-python", "cifar-10-binary")
PICKLED = ("cifar-10-batches-py", "cifar-10-python.tar.gz", "cifar-10-python.tar")
BINARY = ("cifar-10-batches-bin", "cifar-10-binary.tar.gz", "cifar-10-binary.tar")
LOOSE = ("", "cifar10")   # folders that may hold the batches themselves
BIN = ".bin"      # the suffix of the binary version's batches
BATCHES = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
BROKEN_PICKLE = (pickle.UnpicklingError, EOFError, LookupError, TypeError, ValueError, AttributeError, OverflowError, MemoryError)
MAX_BATCH_BYTES = 100_000_000   # a real one has 31 MB


class PlainDtype:
    """Stands in for numpy.dtype while unpickling: unsigned bytes or nothing."""

    def __init__(self, name: str, *flags: object):
        if name != "u1":
            raise pickle.UnpicklingError(f"it holds an array of {name!r}, and only bytes are read")

    def __setstate__(self, state: object) -> None:
        """The byte order and the like, which bytes have no use for."""


class PlainArray:
    """Stands in for numpy.ndarray while unpickling: NumPy's own constructors trust what a pickle tells them, this one does not."""

    def __init__(self, *arguments: object):
        self.x = np.zeros(0, np.uint8)

    def __setstate__(self, state: tuple) -> None:
        _, shape, _, is_fortran, data = state
        self.x = np.frombuffer(data.encode("latin1") if isinstance(data, str) else data, np.uint8)
        self.x = self.x.reshape(shape, order="F" if is_fortran else "C")


STAND_INS = {
    ("numpy", "dtype"): PlainDtype,
    ("numpy", "ndarray"): PlainArray,
    ("numpy.core.multiarray", "_reconstruct"): PlainArray,
    ("numpy._core.multiarray", "_reconstruct"): PlainArray,
}


class ArrayUnpickler(pickle.Unpickler):
    """An unpickler that builds arrays of bytes, text, numbers, lists and dicts, and nothing else."""

    def find_class(self, module: str, name: str) -> type:
        """The stand-in for one of the names that an array is pickled with; every other name is refused."""
        if (module, name) not in STAND_INS:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, and only arrays of bytes, text, lists and dicts are read")
        return STAND_INS[module, name]


def load(spec: DataSpec, progress: Progress) -> LazySet:
    """All images of the batches that are here, with their class, at the asked size."""
    sources = _found()
    if not sources:
        raise not_here("cifar10", f"{PICKLED[1]} (or {BINARY[1]}, or what unpacks from either)", "cifar10", can_fetch=True)
    x, labels = first_that_reads(read_batches, sources)
    return LazySet("cifar10", lambda index: fit_all(x[index], spec.size, spec.channels), labels[:, None].astype(np.float32), (LABEL,))


def read_batches(source: Path) -> tuple[np.ndarray, np.ndarray]:
    """All images of a folder or an archive, uint8 (N, 3, 32, 32), and their labels (N,); DataError if they can't be read."""
    batches = [(read_binary if name.endswith(BIN) else read_pickled)(data, f"{source}: {name.removesuffix(BIN)}")
               for name, data in batch_bytes(source).items()]
    if not batches:
        raise DataError(f"{source}: holds no batch of CIFAR-10; {', '.join(BATCHES)} are looked for")
    x, labels = (np.concatenate(part) for part in zip(*batches, strict=True))
    return x, labels


def is_local() -> bool:
    """Whether CIFAR-10 is here, in either version, packed or not."""
    return bool(_found())


def _found() -> list[Path]:
    """The folders and archives that hold batches; where there is none, those that bear the name, so that reading them says what is wrong."""
    bearing = list(candidates(PLACES, (*PICKLED, *BINARY)))
    return [path for path in (*bearing, *candidates(LOOSE, ("",))) if _has_batches(path)] or [path for path in bearing if path.is_file()]


def _has_batches(path: Path) -> bool:
    if os.path.isdir(path):
        return any((path / (name + suffix)).is_file() for name in BATCHES for suffix in ("", BIN))
    try:
        return tarfile.is_tarfile(path)
    except (OSError, EOFError, zlib.error):
        return False


def fetch(progress: Progress) -> None:
    """Download the python version, 170 MB, from the address that torchvision knows; it is read without unpacking."""
    from genlab.data.vision import torchvision  # a second to import: only where it is used

    source = torchvision.datasets.CIFAR10
    missing = [] if any(map(_has_batches, _found())) else [Remote(source.filename, (source.url,), source.tgz_md5)]
    download("cifar10", missing, "cifar10", progress)


def batch_bytes(source: Path) -> dict[str, bytes]:
    """The bytes of each batch in a folder or an archive by the name of its file, in the order of BATCHES and of one version alone.

    DataError if the archive is broken.
    """
    wanted = {name + suffix for name in BATCHES for suffix in ("", BIN)}
    found = {}
    try:
        if source.is_dir():
            found = {path.name: path.read_bytes() for path in source.iterdir() if path.name in wanted and path.is_file()}
        else:
            with tarfile.open(source) as tar:
                for member in tar:   # in the archive's own order: going back would mean to decompress it again
                    if member.isfile() and member.size <= MAX_BATCH_BYTES and (name := PurePosixPath(member.name).name) in wanted:
                        found[name] = tar.extractfile(member).read()
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise DataError(f"{source}: can't be read ({error}); put a whole copy in its place") from error
    suffix = "" if any(name in found for name in BATCHES) else BIN
    return {name + suffix: found[name + suffix] for name in BATCHES if name + suffix in found}


def read_pickled(data: bytes, where: str) -> tuple[np.ndarray, np.ndarray]:
    """One batch of the python version: uint8 (N, 3, 32, 32) and labels (N,). DataError names what is wrong."""
    try:
        batch = ArrayUnpickler(io.BytesIO(data), encoding="latin1").load()
        x, labels = batch["data"].x, np.asarray(batch["labels"])
    except BROKEN_PICKLE as error:
        raise DataError(f"{where}: is not a batch of CIFAR-10 ({error}); put the original in its place") from error
    return checked(x, labels, where)


def read_binary(data: bytes, where: str) -> tuple[np.ndarray, np.ndarray]:
    """One batch of the binary version: 3 073 bytes for each image, the label first."""
    if len(data) % 3073:
        raise DataError(f"{where}: has {len(data)} bytes, which is no multiple of 3 073; put the original in its place")
    rows = np.frombuffer(data, np.uint8).reshape(-1, 3073)
    return checked(rows[:, 1:], rows[:, 0], where)


def checked(x: np.ndarray, labels: np.ndarray, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Images (N, 3, 32, 32) and labels (N,), if they are what they should be; DataError otherwise."""
    is_label = labels.dtype.kind in "iu" and np.isin(labels, range(10)).all()
    if x.ndim != 2 or x.shape[1] != 3072 or labels.shape != (len(x),) or not is_label:
        raise DataError(f"{where}: images {x.shape} and labels {labels.shape}; (N, 3072) bytes and N labels of 0 to 9 are needed")
    return x.reshape(-1, 3, 32, 32), labels
