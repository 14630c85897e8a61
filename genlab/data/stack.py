"""Images written to a .npy file one after another, so that memory holds a few at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np


class Stack:
    """A file that grows by uint8 images of one shape."""

    def __init__(self, file: BinaryIO, shape: tuple[int, ...]):
        self.file, self.shape, self.count = file, shape, 0
        self._write_header()

    def append(self, image: np.ndarray) -> None:
        self.file.write(image.tobytes())
        self.count += 1

    def finish(self) -> None:
        """Write how many images there are: the header comes last as well as first."""
        self.file.seek(0)
        self._write_header()

    def _write_header(self) -> None:
        """NumPy pads a header so that the first axis may grow without moving what follows."""
        np.lib.format.write_array_header_1_0(self.file, {"descr": "|u1", "fortran_order": False, "shape": (self.count, *self.shape)})


@contextmanager
def growing(path: Path, shape: tuple[int, ...]) -> Iterator[Stack]:
    """A new file for images of this shape."""
    with open(path, "wb") as file:
        stack = Stack(file, shape)
        yield stack
        stack.finish()
