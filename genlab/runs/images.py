"""The images of a run: the same as it was trained on, or it says so before anything is done with others."""

import time
from contextlib import suppress

from genlab.data.opened import check_same, keep_same
from genlab.data.record import DataChanged, write_record
from genlab.errors import DataError, RunError
from genlab.runs.folder import Run, append_line


def check_images(run: Run) -> None:
    """DataChanged where the run's images are not those that it was trained on; what is not here says so where it is used."""
    if not run.plan.data.record.exists():   # of an older version, or it has not begun
        return
    try:
        check_same(run.plan.data)
    except DataChanged:
        raise
    except DataError:
        return


def has_same_images(run: Run) -> bool:
    """Whether nothing says that the run's images are others by now."""
    with suppress(DataChanged):
        check_images(run)
        return True
    return False


def go_on_with_same(run: Run) -> str:
    """Let the run go on with those of its images that are still the same; how many those are, in a sentence.

    Its held-out images stay held out. RunError where it trains or is shipped, DataError where nothing is known or none is the same.
    """
    if run.is_shipped:
        raise RunError(f"{run.id}: shipped runs are read-only; fork it to train on")
    if run.is_held:
        raise RunError(f"{run.id}: it is training; stop it first")
    kept = keep_same(run.plan.data)
    write_record(run.plan.data.record, kept)
    text = f"It goes on with those of its images that are the same: {len(kept.train)} to train on, {len(kept.test)} held out."
    append_line(run.path / "events.jsonl", {"time": time.time(), "step": run.status.step, "kind": "images", "text": text, "values": {}})
    return text
