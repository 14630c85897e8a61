"""What was deleted and can be brought back: folders in a bin, each with the time of its deletion, until that is KEPT_DAYS ago.

A folder that came into the bin without such a time (by an older version, or by hand) gets the time at which it is first seen.
"""

import json
import math
import shutil
import time
import uuid
from contextlib import suppress
from pathlib import Path

import filelock

from genlab.files import write_atomic
from genlab.hold import lock_file

KEPT_DAYS = 30
DAY_S = 86_400
BIN = ".trash"
MARK = "deleted.json"   # in a deleted folder: when that was, and what it was called
GOING = ".going-"       # before the name of one that is being removed: half of it may be gone


def throw_away(folder: Path) -> Path:
    """Move a folder into the bin beside it; where it lies there."""
    place = _free(folder.parent / BIN, folder.name)
    place.parent.mkdir(exist_ok=True)
    _mark(folder, time.time(), folder.name)
    return folder.rename(place)


def bring_back(folder: Path) -> Path:
    """Move a folder out of the bin, to its old name, or to one beside it where that is taken; where it lies then."""
    home = _free(folder.parent.parent, old_name(folder))
    found = folder.rename(home)
    (found / MARK).unlink(missing_ok=True)
    return found


def deleted_at(folder: Path) -> float:
    """When a folder in the bin was deleted, in seconds since 1970; now where nobody wrote it down, or a clock was wrong."""
    told, now = _told(folder), time.time()
    at = told.get("at")
    if not isinstance(at, int | float) or at > now + DAY_S:
        at = now
        _mark(folder, at, old_name(folder))
    return min(at, now)


def old_name(folder: Path) -> str:
    """What a folder in the bin was called."""
    return str(_told(folder).get("name", folder.name))


def days_left(folder: Path) -> int:
    """Whole days, rounded up, until a folder in the bin is removed for good."""
    return max(0, math.ceil(KEPT_DAYS - (time.time() - deleted_at(folder)) / DAY_S))


def thrown(place: Path) -> list[Path]:
    """The folders in the bin of a place, last deleted first."""
    if not (place / BIN).is_dir():
        return []
    return sorted((p for p in (place / BIN).iterdir() if p.is_dir() and not p.name.startswith(".")), key=lambda p: -deleted_at(p))


def clear(place: Path, older_than_s: float = KEPT_DAYS * DAY_S) -> list[str]:
    """Remove for good what was deleted longer ago, unless somebody holds its lock; the names that it had."""
    for left in (place / BIN).glob(f"{GOING}*"):   # of a process that was ended in the middle
        shutil.rmtree(left, ignore_errors=True)
    removed = []
    for folder in thrown(place):
        if time.time() - deleted_at(folder) >= older_than_s:
            removed += _remove(folder)
    return removed


def _remove(folder: Path) -> list[str]:
    """Remove a folder at once as far as others see; its old name, nothing where it is held or gone."""
    name, going = old_name(folder), folder.with_name(f"{GOING}{uuid.uuid4().hex[:8]}")
    try:
        with lock_file(folder / ".lock").acquire(blocking=False):
            folder.rename(going)
    except (filelock.Timeout, FileNotFoundError):   # held, or brought back this moment
        return []
    shutil.rmtree(going, ignore_errors=True)
    return [name]


def _mark(folder: Path, at: float, name: str) -> None:
    with suppress(FileNotFoundError):   # brought back this moment
        write_atomic(folder / MARK, json.dumps({"at": at, "name": name}))


def _told(folder: Path) -> dict:
    try:
        told = json.loads((folder / MARK).read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return told if isinstance(told, dict) else {}


def _free(place: Path, name: str) -> Path:
    """A path of this name in a place, or the first of name-2, name-3, ... that nobody has."""
    names = (name if i == 1 else f"{name}-{i}" for i in range(1, 10_000))
    return next(place / n for n in names if not (place / n).exists())
