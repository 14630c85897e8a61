"""IDX, the format of MNIST and its kin: a big-endian header (two zero bytes, the type 8 = uint8, the number of axes, each axis as uint32),
then the bytes; plain or gzipped, which the first bytes tell and not the name."""

import gzip
import math
import os
import zlib
from pathlib import Path

import numpy as np

from genlab.errors import DataError

UINT8 = 8
GZIP = b"\x1f\x8b"
MAX_BYTES = 100_000_000   # the largest of these files has 47 MB


def read_header(path: Path, axes: int) -> tuple[int, ...]:
    """The axes that an IDX file of bytes states; DataError if it is another kind of file."""
    return tuple(int(n) for n in np.frombuffer(_read(path, axes, 0)[4:], ">u4"))


def read_idx(path: Path, axes: int, count: int | None = None) -> np.ndarray:
    """The bytes of an IDX file, uint8 with this many axes, or the first `count` along the first of them.

    DataError if it is cut short or another kind of file.
    """
    shape = read_header(path, axes)
    if count is not None:
        shape = (min(count, shape[0]), *shape[1:])
    if math.prod(shape) > MAX_BYTES:
        raise DataError(f"{path}: states {math.prod(shape)} bytes; at most {MAX_BYTES} are read")
    body = _read(path, axes, math.prod(shape))[4 + 4 * axes :]
    if len(body) != math.prod(shape):
        raise DataError(f"{path}: is cut short, {len(body)} of {math.prod(shape)} bytes; put a whole copy in its place")
    return np.frombuffer(body, np.uint8).reshape(shape)


def is_whole(path: Path, axes: int) -> bool:
    """Whether a path is an IDX file that has as many bytes as it states; little of it is read."""
    try:
        stated = 4 + 4 * axes + math.prod(read_header(path, axes))
        with open(path, "rb") as file:
            if file.read(2) != GZIP:
                return os.path.getsize(path) >= stated
            file.seek(-4, os.SEEK_END)   # where gzip keeps the size
            return int.from_bytes(file.read(4), "little") == stated
    except (DataError, OSError):
        return False


def _read(path: Path, axes: int, n_bytes: int) -> bytes:
    head = 4 + 4 * axes
    try:
        with open(path, "rb") as file:
            is_packed = file.read(2) == GZIP
            file.seek(0)
            data = (gzip.GzipFile(fileobj=file) if is_packed else file).read(head + n_bytes)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path}: can't be read ({error}); put a whole copy in its place") from error
    if len(data) < head or data[:4] != bytes([0, 0, UINT8, axes]):
        raise DataError(f"{path}: is not an IDX file of bytes with {axes} axes; put a whole copy in its place")
    return data
