"""The files below a folder of this machine, linked folders included, as entries to read one by one."""

import os
import stat
from collections import deque
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from genlab.data.entries import Entry, Found, Rejected, is_clutter, sift
from genlab.data.names import decoded
from genlab.errors import DataError

MAX_FILES = 1_000_000
Identity = tuple[int, int]
"""What tells a folder from any other, by whatever path it is reached."""


def list_folder(folder: Path) -> tuple[list[Entry], list[Rejected]]:
    """The files below a folder that are worth a look, by path, and those left out with the reason.

    A linked folder is read where it is linked, and no folder is read twice. DataError where there are more than MAX_FILES files.
    """
    found = []
    for item in _Walk(folder).files():
        found.append(item)
        if len(found) > MAX_FILES:
            raise DataError(f"{folder}: holds more than {MAX_FILES} files; name a folder with pictures alone")
    return sift(sorted(found, key=lambda item: item[0].path.split("/")))


class _Walk:
    """One way through a folder: what lies in it itself first, then what its links lead to."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.above = {identity for parent in folder.resolve().parents if (identity := _identity(parent))}
        self.seen: set[Identity] = set()

    def files(self) -> Iterator[Found]:
        """Every file, and every folder that can't be read, with the reason."""
        waiting = deque([self.folder])
        while waiting:
            links: list[Path] = []
            start = waiting.popleft()
            if reason := self._reason_against(start):
                yield self._found(start, 0, 0, reason)
                continue
            yield from self._below(start, links)
            waiting.extend(sorted(links))

    def _below(self, start: Path, links: list[Path]) -> Iterator[Found]:
        unreadable: list[OSError] = []
        for parent, folders, names in os.walk(start, onerror=unreadable.append):
            here = Path(parent)
            self.seen.add(_identity(here) or (0, 0))
            wanted = [name for name in folders if not is_clutter(name)]
            links += [here / name for name in wanted if os.path.islink(here / name)]
            folders[:] = [name for name in wanted if not os.path.islink(here / name) and _identity(here / name) not in self.seen]
            yield from (self._file(here / name) for name in names)
        for error in unreadable:
            yield self._found(Path(error.filename), 0, 0, f"can't be opened ({error.strerror})")

    def _reason_against(self, folder: Path) -> str:
        identity = _identity(folder)
        if identity in self.above:
            return "is a link to a folder that it lies in"
        return "is a link to a folder that is read already" if identity in self.seen else ""

    def _file(self, path: Path) -> Found:
        try:
            facts = path.stat()
        except OSError as error:
            return self._found(path, 0, 0, "is a link that leads nowhere" if os.path.islink(path) else f"can't be opened ({error.strerror})")
        return self._found(path, facts.st_size, facts.st_mtime_ns, "" if stat.S_ISREG(facts.st_mode) else "is no file")

    def _found(self, path: Path, size: int, changed: int, reason: str) -> Found:
        name, readings = decoded(os.fsencode(path.relative_to(self.folder).as_posix()), "cp1252")
        return Entry(name, size, partial(open, path, "rb"), readings, changed), reason


def _identity(folder: Path) -> Identity | None:
    try:
        facts = folder.stat()
    except OSError:
        return None
    return facts.st_dev, facts.st_ino
