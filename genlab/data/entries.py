"""Files that may be pictures, wherever they are: looked at one by one, each refused with its own reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

import numpy as np

from genlab.data.names import printable
from genlab.data.picture import MAX_FILE_BYTES, Header, decode, inspect
from genlab.data.reading import in_order
from genlab.data.resize import Fit, fit
from genlab.errors import DataError

CLUTTER = frozenset({"__macosx", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"})
STORAGE = frozenset({   # folders that storage devices and systems make, with small copies or deleted files in them
    "@eadir", "@tmp", "@recycle", "#recycle", "#snapshot", "@recently-snapshot", "@__thumb", "@sharebin", "$recycle.bin", "recycler",
    "system volume information", "lost+found",
})
ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"})
RAW = frozenset({".dng", ".nef", ".nrw", ".cr2", ".cr3", ".arw", ".orf", ".rw2", ".raf", ".pef", ".srw"})

Rejected = tuple[str, str]
"""A file's name and why it was left out, as in ("cat.gif", "is empty")."""


@dataclass(frozen=True)
class Entry:
    """One file that may be a picture, which can be opened as often as wanted.

    path : its whole name as it was written, with / between folders; readings : what else that may be where its encoding is not known
    size : bytes; changed : when it was last written, in ns, where that is known
    """

    path: str
    size: int
    open: Callable[[], BinaryIO]
    readings: tuple[str, ...] = ()
    changed: int = 0

    @property
    def name(self) -> str:
        """Its name as it is shown and stored."""
        return printable(self.path)


Found = tuple[Entry, str]
"""A file, and the reason against it or ""."""


def is_clutter(path: str) -> bool:
    """Whether this is a file that an operating system adds by itself, which is passed over in silence."""
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return any(part.startswith(".") and part != ".." or part.lower() in CLUTTER for part in parts)


def sift(found: Iterable[Found]) -> tuple[list[Entry], list[Rejected]]:
    """The files that are worth a look, and those left out with the reason."""
    entries, rejected = [], []
    for entry, reason in found:
        if is_clutter(entry.path):
            continue
        if reason := reason or _reason_against(entry):
            rejected.append((entry.name, reason))
        else:
            entries.append(entry)
    return entries, rejected


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


def open_entry(entry: Entry) -> BinaryIO:
    """The file, open; a DataError says why it can't be: it is gone, or nobody may read it."""
    try:
        return entry.open()
    except OSError as error:
        raise DataError(f"can't be opened ({error.strerror or error})") from error


def read_one(entry: Entry, size: int, channels: int, how: Fit, bits: int) -> np.ndarray:
    """One entry as uint8 (channels, size, size); bits as in decode."""
    with open_entry(entry) as file:
        return fit(decode(file, bits), size, channels, how)


def _inspect_one(entry: Entry) -> Header:
    with open_entry(entry) as file:
        return inspect(file)


def _reason_against(entry: Entry) -> str:
    path = PurePosixPath(entry.path)
    if any(part.lower() in STORAGE for part in path.parts):
        return "is in a folder that a storage device made for itself"
    if entry.size == 0:
        return "is empty"
    if entry.size > MAX_FILE_BYTES:
        return f"has {entry.size / 1e6:,.0f} MB; at most {MAX_FILE_BYTES // 1_000_000} MB are read"
    if path.suffix.lower() in RAW:
        return "is a camera's raw file; export it as JPEG"
    return "is an archive; unpack it first" if path.suffix.lower() in ARCHIVES else ""
