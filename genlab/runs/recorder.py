"""Carry out a run: drive the training iterator and write what it hands out into the run folder."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace

import filelock
import numpy as np

from genlab.data import Progress
from genlab.data.opened import load_recorded
from genlab.errors import LabError, RunError
from genlab.files import write_atomic
from genlab.runs.best import KID, BestKept, OpenLook
from genlab.runs.control import Control
from genlab.runs.folder import Run, Status, append_line, read_lines
from genlab.runs.pictures import png, tile
from genlab.runs.weights import load_state, load_weights, save_state, save_weights
from genlab.training import Event, Item, Pace, Preview, Row, Snapshot, State, train

STATUS_EVERY_S = 0.5
ENDINGS = {"started": "running", "resumed": "running", "paused": "paused", "parked": "parked", "stopped": "stopped", "finished": "finished"}


def execute(run: Run, *, watch: Callable[[Item], None] = lambda item: None, progress: Progress = lambda share, what: None,
            open_look: OpenLook | None = None, pace: Pace = Pace()) -> Status:
    """Train a run to its end, from its last state if it has one; the status it ended with.

    watch sees every item as it comes, progress the loading of the data; open_look measures samples of a model that keeps its best
    step (genlab.runs.best). Raises RunError if the run is held by another
    process, and any LabError that ends the run (its status then says "failed" and why). Whatever ends it, the folder is whole.
    """
    if run.is_shipped:
        raise RunError(f"{run.id}: shipped runs are read-only; fork it to train on")
    try:
        with run.lock().acquire(timeout=1):
            return _Recorder(run, watch, progress, open_look, pace).record()
    except filelock.Timeout:
        raise RunError(f"{run.id}: another process trains it already") from None


class _Recorder:
    def __init__(self, run: Run, watch: Callable, progress: Progress, open_look: OpenLook | None, pace: Pace):
        self.run, self.watch, self.progress, self.open_look, self.pace = run, watch, progress, open_look, pace
        self.kept: BestKept | None = None
        self.seconds = 0.0   # of the last row
        self.status = replace(run.status, state="running", message="", started_at=time.time())
        self.status_due = 0.0

    def record(self) -> Status:
        run = self.run
        try:
            self._write_status("Loading the data")
            plan = run.plan
            state = load_state(run)
            self.control = Control(run, state.meta.get("control", 0) if state else 0)
            train_set, test_set = load_recorded(run.plan.data, self.progress)
            self._forget_after(state.step if state else 0)
            weights = load_weights(run.weights_path(0)) if 0 in run.snapshots() else None
            self._open_eyes(state.step if state else 0, len(train_set.x), test_set.x)
            looks = self.kept.epochs if self.kept else frozenset()
            for item in train(plan, train_set.x, test_set.x, commands=self.control, state=state, weights=weights, looks=looks, pace=self.pace):
                self._write(item)
                self.watch(item)
        except BaseException as error:
            interrupted = isinstance(error, (KeyboardInterrupt, SystemExit))
            self.status = replace(self.status, state="interrupted" if interrupted else "failed", message=_reason(error))
            self._write_status(self.status.message)
            raise
        return self.status

    def _forget_after(self, step: int) -> None:
        """Drop rows and snapshots of steps that will be taken again, and a line that a crash cut short."""
        path = self.run.path / "metrics.jsonl"
        rows, whole = read_lines(path)
        kept = [row for row in rows if row["step"] <= step]
        if path.exists() and (len(kept) < len(rows) or whole < path.stat().st_size):
            write_atomic(path, "".join(json.dumps(row) + "\n" for row in kept))
        for later in [s for s in self.run.snapshots() if s > step]:
            self.run.weights_path(later).unlink()

    def _open_eyes(self, step: int, images: int, held_out: np.ndarray) -> None:
        """Get ready to measure samples, or say why they are not measured."""
        if self.open_look is None or not BestKept.wanted(self.run.plan):
            return
        try:
            look, about = self.open_look(self.run.plan, held_out)
        except LabError as error:
            self._tell(step, "unmeasured", f"Samples are not measured: {error}")
        else:
            self.kept = BestKept(self.run, look, images)
            self.status = replace(self.status, best_step=self.kept.best["step"] if self.kept.best else None)
            self._tell(step, "measuring", about)

    def _look(self, snapshot: Snapshot) -> None:
        """Measure a snapshot's samples if it is time to."""
        if not self.kept or not self.kept.is_due(snapshot, self.status.total_steps):
            return
        try:
            metrics = self.kept.measure(snapshot)
        except LabError as error:
            self._tell(snapshot.step, "unmeasured", f"Samples are not measured at step {snapshot.step}: {error}")
            return
        append_line(self.run.path / "metrics.jsonl", {"step": snapshot.step, "epoch": snapshot.epoch, "seconds": self.seconds, **metrics})
        self.status = replace(self.status, best_step=self.kept.best["step"])

    def _tell(self, step: int, kind: str, text: str, **values: float) -> None:
        append_line(self.run.path / "events.jsonl", {"time": time.time(), **asdict(Event(step, kind, text, values))})

    def _write(self, item: Item) -> None:
        match item:
            case Row():
                append_line(self.run.path / "metrics.jsonl", {"step": item.step, "epoch": item.epoch, "seconds": item.seconds, **item.metrics})
                self.seconds = item.seconds
                speed = item.metrics.get("images_per_s", self.status.images_per_s)
                self.status = replace(self.status, step=item.step, epoch=item.epoch, images_per_s=speed)
                if time.monotonic() >= self.status_due:
                    self._write_status("")
            case Event():
                append_line(self.run.path / "events.jsonl", {"time": time.time(), **asdict(item)})
                state = ENDINGS.get(item.kind, self.status.state)
                total = item.values.get("total_steps", self.status.total_steps)
                self.status = replace(self.status, state=state, total_steps=total, step=item.step)
                self._write_status(item.text)
                if item.kind == "finished" and self.kept and (best := self.kept.best):
                    text = f"KID was lowest at step {best['step']} (epoch {best['epoch']:.0f}): {best[KID]:.3g}. Its weights are kept."
                    self._tell(best["step"], "best", text, kid=best[KID])
            case Preview():
                self._write_preview(item)
            case Snapshot():
                self._look(item)
                if item.kept or self.kept.is_best(item.step):
                    save_weights(self.run.weights_path(item.step), item.weights)
            case State():
                save_state(self.run.state_path, item, {"control": self.control.offset})
                if self.kept:
                    self.kept.prune(item.step)

    def _write_preview(self, preview: Preview) -> None:
        pair = np.concatenate([preview.x[: len(preview.x_hat)], preview.x_hat])
        pictures = {"samples": preview.samples, **({"recon": pair} if len(pair) else {})}
        for kind, x in pictures.items():
            picture = png(tile(x, 8))
            write_atomic(self.run.preview_path(f"live-{kind}"), picture)
            if preview.kept:
                write_atomic(self.run.preview_path(f"{preview.step}-{kind}"), picture)

    def _write_status(self, message: str) -> None:
        self.status = replace(self.status, message=message)
        self.run.write_status(self.status)
        self.status_due = time.monotonic() + STATUS_EVERY_S


def _reason(error: BaseException) -> str:
    if isinstance(error, LabError):
        return str(error)
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        return "Interrupted; it can go on from its last state."
    return f"{type(error).__name__}: {error}"
