"""Which file a run's weights come from, and which version of it."""

from dataclasses import dataclass
from pathlib import Path

from genlab.errors import RunError
from genlab.runs import Run
from genlab.runs.weights import state_step

NEWEST = -1
"""The step that stands for the newest weights, which change while a run trains."""


@dataclass(frozen=True)
class Source:
    """Which file a model comes from, and which version of it."""

    path: Path
    stamp: tuple[int, int, int]   # inode, size, time written: a replaced file differs in one of them
    is_state: bool = False


def source_of(run: Run, step: int) -> Source:
    """The file behind a step, behind NEWEST the snapshot or the state that is further."""
    if step != NEWEST:
        return _snapshot(run, step)
    steps = run.snapshots()
    state = _stamp(run.state_path)
    if state and (not steps or (state_step(run) or 0) > steps[-1]):
        return Source(run.state_path, state, is_state=True)
    if not steps:
        raise RunError(f"{run.id}: it has no weights yet; they come at the end of its first epoch")
    return _snapshot(run, steps[-1])


def _snapshot(run: Run, step: int) -> Source:
    path = run.weights_path(step)
    stamp = _stamp(path)
    if stamp is None:
        raise RunError(f"{run.id}: no weights at step {step}; kept are {', '.join(map(str, run.snapshots())) or 'none'}")
    return Source(path, stamp)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
