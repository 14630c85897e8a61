"""A run as somebody hands it over: exported, or zipped again by Finder, Explorer or hand, or its unpacked folder.

Nothing is written here: members are named as they are in a run, what is not of a run is refused, what systems add is passed over.
"""

import io
import os
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import BinaryIO

from genlab.data.entries import is_clutter
from genlab.errors import RunError

MAX_MEMBERS = 2000
NAME = re.compile(r"config\.json|status\.json|metrics\.jsonl|events\.jsonl|data\.json|state\.safetensors|MODEL_CARD\.md"
                  r"|weights/\d{1,9}(\.beside)?\.safetensors|previews/[A-Za-z0-9-]{1,40}\.png")
"""What a run may bring along. Everything else, a pickle above all, is refused rather than skipped."""
LEFT = frozenset({"control.jsonl", "map.safetensors", "sums.json"})   # of a run's folder, but made anew where it is imported


@dataclass(frozen=True)
class Member:
    """A file that was handed over: its name, its size in bytes, and how to open it."""

    name: str
    size: int
    open: Callable[[], BinaryIO]


def members_of_zip(data: bytes, most: int) -> list[Member]:
    """The files of a zip; where it holds nothing but another zip (of `most` bytes at most), of that one. RunError where it is none."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except zipfile.BadZipFile:
        raise RunError("import: the file is not a zip; choose one that was exported from a run") from None
    found = [Member(m.filename, m.file_size, partial(archive.open, m)) for m in archive.infolist()]
    inner = [m for m in found if not _is_folder(m) and not is_clutter(_slashed(m.name))]
    if len(inner) == 1 and inner[0].name.lower().endswith(".zip") and inner[0].size <= most:
        with reading(), inner[0].open() as file:
            return members_of_zip(file.read(inner[0].size), most)
    return found


@contextmanager
def reading() -> Iterator[None]:
    """What goes wrong while a zip is unpacked becomes a RunError."""
    try:
        yield
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise RunError(f"import: the zip is damaged or protected ({error})") from None


def members_of_folder(folder: Path) -> list[Member]:
    """The files of a folder and of those in it."""
    paths = [Path(parent) / name for parent, _, names in os.walk(folder) for name in sorted(names)]
    return [Member(path.relative_to(folder).as_posix(), path.stat().st_size, partial(path.open, "rb")) for path in paths if path.is_file()]


def members_of_files(files: Iterable[tuple[str, bytes]]) -> list[Member]:
    """Files by name and content."""
    return [Member(name, len(data), partial(io.BytesIO, data)) for name, data in files]


def as_run(members: list[Member], most: int) -> list[Member]:
    """The members that make up the run, named as in its folder wherever it lies among them.

    Raises RunError where there is none or more than one, a member does not belong in a run, or all of them have more than `most` bytes.
    """
    named = [Member(_slashed(m.name), m.size, m.open) for m in members if not _is_folder(m)]
    named = [m for m in named if not is_clutter(m.name)]
    if len(named) > MAX_MEMBERS:
        raise RunError(f"import: it holds {len(named)} files; a run has at most {MAX_MEMBERS}")
    for member in named:
        _check_stays_inside(member.name)
    roots = [PurePosixPath(m.name).parent for m in named if PurePosixPath(m.name).name == "config.json"]
    if not roots:
        raise RunError("import: config.json is missing; this is not a whole run")
    if len(set(roots)) > 1:
        raise RunError(f"import: it holds {len(roots)} runs ({', '.join(str(root) for root in roots[:3])}); import them one by one")
    found = [Member(_below(roots[0], m.name), m.size, m.open) for m in named]
    found = [m for m in found if m.name not in LEFT]
    for name, count in Counter(m.name for m in found).items():
        if not NAME.fullmatch(name):
            raise RunError(f"import: {name[:80]!r} does not belong in a run; nothing was imported")
        if count > 1:
            raise RunError(f"import: {name!r} is in it {count} times; nothing was imported")
    if (total := sum(m.size for m in found)) > most:
        raise RunError(f"import: it unpacks to {total / 1e9:.1f} GB; at most {most / 1e9:.1f} GB are allowed")
    return found


def _slashed(name: str) -> str:
    """A name as other systems write it, too: slashes between folders, no ./ before it."""
    parts = [part for part in name.replace("\\", "/").split("/") if part != "."]
    return "/".join(parts)


def _is_folder(member: Member) -> bool:
    return member.name.endswith(("/", "\\"))


def _check_stays_inside(name: str) -> None:
    if name.startswith("/") or ".." in name.split("/") or PureWindowsPath(name).drive:
        raise RunError(f"import: {name[:80]!r} does not belong in a run: its path leads out of the folder; nothing was imported")


def _below(root: PurePosixPath, name: str) -> str:
    """The name as seen from the run's folder; the whole name of what lies beside it."""
    path = PurePosixPath(name)
    return str(path.relative_to(root)) if path.is_relative_to(root) else name
