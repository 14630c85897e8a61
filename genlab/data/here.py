"""Where a dataset's files are on this machine: what can be read is looked for, not what bears the name."""

import logging
import os
import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from genlab import paths
from genlab.errors import DataError

log = logging.getLogger(__name__)
T = TypeVar("T")


def candidates(places: Sequence[str], files: Sequence[str]) -> Iterator[Path]:
    """What bears one of these names in one of these places, below each folder that may hold data, the likelier first.

    Neither capitals nor dashes, dots and underscores matter, nor the (1) of a second download. A folder that bears the name of a file
    is looked into: some programs unpack a file into one. Whether it can be read is for who calls to say.
    """
    for folder in paths.local_data_dirs():
        for place in places:
            for base in named(folder, place):
                for file in files:
                    yield from inside(base, file)


def inside(folder: Path, file: str) -> Iterator[Path]:
    """All paths of this name in a folder, and in what bears the name there and is a folder itself."""
    for path in named(folder, file):
        yield path
        if os.path.isdir(path):
            yield from named(path, file.rsplit("/", 1)[-1])


def named(folder: Path, place: str) -> list[Path]:
    """The paths below a folder that a place, as celeba/Anno, may mean: the one that is spelled so first."""
    found = [folder]
    for part in filter(None, place.split("/")):
        found = [path for base in found for path in _children(base, part)]
    return found


def squeezed(name: str) -> str:
    """A name's letters and digits, without the mark of a second copy."""
    return re.sub(r"\s*\(\d+\)|[^a-z0-9]", "", name.lower())


def first_that_reads(read: Callable[[Path], T], found: Sequence[Path]) -> T:
    """What `read` gives of the first of these paths that it can read; the first one's DataError where it can read none."""
    errors = []
    for path in found:
        try:
            value = read(path)
        except DataError as error:
            errors.append(error)
            continue
        for error in errors:
            log.warning("%s; %s is used", error, path)
        return value
    raise errors[0]


def not_here(name: str, files: str, place: str, can_fetch: bool) -> DataError:
    """What to raise where a dataset's files were not found: it says what to put where."""
    looked = " and ".join(str(folder) for folder in paths.local_data_dirs())
    fetch = f"; or download them with: python -m genlab data fetch {name}" if can_fetch else ""
    return DataError(
        f"{name}: its files are not on this machine (looked in {looked}). "
        f"Put {files} into {paths.data_dir() / place}, or into {place}/ below a folder that GENLAB_DATA names{fetch}"
    )


def _children(folder: Path, name: str) -> list[Path]:
    try:
        alike = _alike(str(folder), folder.stat().st_mtime_ns, squeezed(name))
    except OSError:   # not there, no folder, or not to be looked into
        return []
    return [folder / child for child in sorted(alike, key=lambda child: (child != name, child))]


@lru_cache(maxsize=256)
def _alike(folder: str, changed: int, name: str) -> tuple[str, ...]:
    """What lies in a folder and has this squeezed name; `changed` is when something was last put in or taken out."""
    return tuple(child for child in os.listdir(folder) if squeezed(child) == name)
