"""Files that may be pictures, wherever they are: looked at one by one, each refused with its own reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np

from genlab.data.picture import Header, decode, inspect
from genlab.data.reading import in_order
from genlab.data.resize import fit
from genlab.errors import DataError

CLUTTER = frozenset({"__MACOSX", "Thumbs.db", "desktop.ini"})

Rejected = tuple[str, str]
"""A file's name and why it was left out, as in ("cat.gif", "is empty")."""


@dataclass(frozen=True)
class Entry:
    """One file that may be a picture: its name, its size in bytes, and how to open it (as often as wanted)."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


def printable(name: str) -> str:
    """A file's name as it can be shown and stored: no control characters, at most 200 characters."""
    return "".join(c if c.isprintable() else "?" for c in name)[-200:]


def is_clutter(name: str) -> bool:
    """Whether this is a file that an operating system adds by itself, which is passed over in silence."""
    parts = PurePosixPath(name).parts
    return any(part.startswith(".") and part != ".." or part in CLUTTER for part in parts)


def inspect_all(entries: Sequence[Entry]) -> tuple[list[Entry], list[Header], list[Rejected]]:
    """The entries that look like usable pictures with their headers, and the others with the reason."""
    usable, headers, rejected = [], [], []
    for entry, header in zip(entries, in_order(lambda i: _inspect_one(entries[i]), len(entries)), strict=True):
        if isinstance(header, DataError):
            rejected.append((entry.name, str(header)))
        else:
            usable.append(entry)
            headers.append(header)
    return usable, headers, rejected


def read_one(entry: Entry, size: int, channels: int) -> np.ndarray:
    """One entry's middle square as uint8 (channels, size, size)."""
    with entry.open() as file:
        return fit(decode(file), size, channels)


def _inspect_one(entry: Entry) -> Header:
    with entry.open() as file:
        return inspect(file)
