"""What was deleted leaves the disk in time: runs, what was worked out for them, and what killed processes left of runs and of uploads."""

import logging
import shutil
import threading
import time
from pathlib import Path

from genlab import trash
from genlab.data import shelf
from genlab.data.disk import clear_parts
from genlab.data.upload import uploads_dir
from genlab.hold import is_locked
from genlab.paths import runs_dir

log = logging.getLogger("genlab.runs.clearing")

EVERY_S = 3600.0
LIMIT_S = trash.KEPT_DAYS * trash.DAY_S


def empty_trash(older_than_s: float = 0.0) -> int:
    """Remove for good all that was deleted longer ago; how many runs that were. Otherwise as clear_away."""
    return len(clear_away(older_than_s))


def clear_away(older_than_s: float = LIMIT_S) -> list[str]:
    """Remove for good what was deleted longer ago, by default trash.KEPT_DAYS; what that was, by its names.

    A run that somebody holds stays. Uploads go by their own limit. What a killed process left half-written, of either, goes after a day.
    """
    removed = trash.clear(runs_dir(), older_than_s)
    for run_id in removed:
        if not (runs_dir() / run_id).exists():
            shutil.rmtree(runs_dir() / ".cache" / run_id, ignore_errors=True)   # its maps
    _clear_half_written(runs_dir(), ".*.tmp")
    clear_parts(uploads_dir())
    shelf.clear_old()
    return removed


def keep_clear(ending: threading.Event) -> None:
    """Empty the trash of what is past its time, now and every hour, until the event is set."""
    while True:
        try:
            if removed := clear_away():
                log.info("removed for good: %s", ", ".join(removed))
        except Exception:
            log.exception("the trash could not be emptied; it is tried again in an hour")
        if ending.wait(EVERY_S):
            return


def _clear_half_written(place: Path, pattern: str) -> None:
    """Remove what a process that was killed left a day ago or more."""
    for left in place.glob(pattern) if place.is_dir() else ():
        if left.is_dir() and time.time() - left.stat().st_mtime > trash.DAY_S and not is_locked(left / ".lock"):
            shutil.rmtree(left, ignore_errors=True)
