"""Carry out a run: drive the training iterator and write what it hands out into the run folder."""

import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace

import filelock
import numpy as np
import torch

from genlab.data import Progress
from genlab.data.opened import load_recorded
from genlab.errors import LabError, RunError
from genlab.files import write_atomic
from genlab.paths import explained
from genlab.runs.best import KID, BestKept, OpenLook, best_in_words
from genlab.runs.control import Control
from genlab.runs.folder import ACTIVE, Run, Status, append_line, read_lines
from genlab.runs.pictures import png, sheets, tile
from genlab.runs.weights import load_state, load_weights, save_state, save_weights
from genlab.training import Event, Item, Pace, Preview, Row, Snapshot, State, TrainPlan, columns_for, settle, train
from genlab.training.here import changes, facts

STATUS_EVERY_S = 0.5
ENDINGS = {"started": "running", "resumed": "running", "paused": "paused", "parked": "parked", "stopped": "stopped", "finished": "finished"}


def execute(run: Run, *, watch: Callable[[Item], None] = lambda item: None, progress: Progress = lambda share, what: None,
            open_look: OpenLook | None = None, pace: Pace = Pace()) -> Status:
    """Train a run to its end, from its last state if it has one; the status it ended with.

    watch sees every item as it comes, progress the loading of the data; open_look measures samples of a model that keeps its best
    step (genlab.runs.best). Raises RunError if the run is held by another process, and any LabError that ends the run: its status
    then says "failed" and why, or what it said before where the run was at rest and took no step. Whatever ends it, the folder is whole.
    """
    if run.is_shipped:
        raise RunError(f"{run.id}: shipped runs are read-only; fork it to train on")
    threads = torch.get_num_threads()
    try:
        with run.lock().acquire(timeout=1):
            return _Recorder(run, watch, progress, open_look, pace).record()
    except filelock.Timeout:
        raise RunError(f"{run.id}: another process trains it already") from None
    finally:
        torch.set_num_threads(threads)   # the next run here takes what the process may use, not what this one asked for


class _Recorder:
    def __init__(self, run: Run, watch: Callable, progress: Progress, open_look: OpenLook | None, pace: Pace):
        self.run, self.watch, self.progress, self.open_look, self.pace = run, watch, progress, open_look, pace
        self.kept: BestKept | None = None
        self.seconds = 0.0   # of the last row
        status = run.written_status
        if status.state in ACTIVE:   # whoever trained it is gone, since the lock is ours
            status = replace(status, state="interrupted")
        self.status = replace(status, state="running", message="", started_at=time.time(), before=status.at_rest)
        self.status_due = 0.0

    def record(self) -> Status:
        try:
            with explained():
                self._train()
        except BaseException as error:
            self._fail(error)
            raise
        return self.status

    def _train(self) -> None:
        run = self.run
        self._write_status("Loading the data")
        state = load_state(run)
        plan = self._settle(state)
        self.control = Control(run, state.meta.get("control", 0) if state else 0)
        train_set, test_set = load_recorded(run.plan.data, self.progress)
        self._forget_after(state.step if state else 0)
        weights = load_weights(run.weights_path(0)) if 0 in run.snapshots() else None
        self._open_eyes(plan, state.step if state else 0, len(train_set.x), test_set.x)
        looks = self.kept.epochs if self.kept else frozenset()
        data, held_out = columns_for(plan, train_set), columns_for(plan, test_set)
        for item in train(plan, data, held_out, commands=self.control, state=state, weights=weights, looks=looks, pace=self.pace):
            self._write(item)
            self.watch(item)

    def _settle(self, state: State | None) -> TrainPlan:
        """The plan as this process can carry it out, to be written down with the first state; an event says what is otherwise than before."""
        asked = self.run.plan
        self.settled = settle(asked)
        if state:
            if words := changes({**_named(asked), **self._began_on()}, facts(self.settled)):
                self._tell(state.step, "moved", f"From step {state.step} on it trains {words}. Sums are added in another order there, so its bits "
                                                "may differ from those of a run that was never moved.")
        elif words := changes(_named(asked), facts(self.settled)):
            self._tell(0, "moved", f"It trains {words}: this machine has no more to give.")
        return self.settled

    def _began_on(self) -> dict:
        """What the run last trained on, as its events say; empty where they are of an older version."""
        told = [event["values"].get("on") for event in self.run.events() if isinstance(event.get("values"), dict)]
        return next((on for on in reversed(told) if isinstance(on, dict)), {})

    def _fail(self, error: BaseException) -> None:
        """Say why it ended. A run that was at rest and has not taken a step since is what it was before."""
        interrupted, reason = isinstance(error, (KeyboardInterrupt, SystemExit)), _reason(error)
        if before := self.status.before:
            self.status = replace(self.status, state=before, before="")
            if not interrupted:
                reason = f"It could not go on: {reason}"
                self._tell(self.status.step, "failed", reason)
        else:
            self.status = replace(self.status, state="interrupted" if interrupted else "failed")
        self._write_status(reason)

    def _forget_after(self, step: int) -> None:
        """Drop rows and snapshots of steps that will be taken again, and a line that a crash cut short."""
        path = self.run.path / "metrics.jsonl"
        rows, whole = read_lines(path)
        kept = [row for row in rows if row["step"] <= step]
        if path.exists() and (len(kept) < len(rows) or whole < path.stat().st_size):
            write_atomic(path, "".join(json.dumps(row) + "\n" for row in kept))
        for later in [s for s in self.run.snapshots() if s > step]:
            self.run.weights_path(later).unlink()

    def _open_eyes(self, plan: TrainPlan, step: int, images: int, held_out: np.ndarray) -> None:
        """Get ready to measure samples, or say why they are not measured."""
        if self.open_look is None or not BestKept.wanted(plan):
            return
        try:
            look, about = self.open_look(plan, held_out)
        except LabError as error:
            self._tell(step, "unmeasured", f"Samples are not measured: {error}")
        else:
            self.kept = BestKept(self.run, plan, look, images)
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
        event = Event(step, kind, text, values)
        append_line(self.run.path / "events.jsonl", {"time": time.time(), **asdict(event)})
        self.watch(event)

    def _write(self, item: Item) -> None:
        match item:
            case Row():
                append_line(self.run.path / "metrics.jsonl", {"step": item.step, "epoch": item.epoch, "seconds": item.seconds, **item.metrics})
                self.seconds = item.seconds
                speed = item.metrics.get("images_per_s", self.status.images_per_s)
                self.status = replace(self.status, step=item.step, epoch=item.epoch, images_per_s=speed, before="")
                if time.monotonic() >= self.status_due:
                    self._write_status("")
            case Event():
                append_line(self.run.path / "events.jsonl", {"time": time.time(), **asdict(item)})
                state = ENDINGS.get(item.kind, self.status.state)
                known = {name: item.values[name] for name in ("total_steps", "batch_size") if item.kind == "started"}
                self.status = replace(self.status, state=state, step=item.step, **known)
                self._write_status(item.text)
                if item.kind == "finished" and self.kept and (best := self.kept.best):
                    self._tell(best["step"], "best", f"{best_in_words(best)} Its weights are kept.", kid=best[KID])
            case Preview():
                self._write_preview(item)
            case Snapshot():
                self._look(item)
                if item.kept or self.kept.is_best(item.step):
                    save_weights(self.run.weights_path(item.step), item.weights)
            case State():
                self._write_plan()
                save_state(self.run.state_path, item, {"control": self.control.offset})
                if self.kept:
                    self.kept.prune(item.step)

    def _write_plan(self) -> None:
        """Write down what the process decided: from the first state on the run's bits depend on it."""
        config = self.run.config
        if config.plan != self.settled:
            self.run.write_config(replace(config, plan=self.settled))

    def _write_preview(self, preview: Preview) -> None:
        for kind, x in sheets(preview.panels).items():
            picture = png(tile(x, 8))
            write_atomic(self.run.preview_path(f"live-{kind}"), picture)
            if preview.kept:
                write_atomic(self.run.preview_path(f"{preview.step}-{kind}"), picture)

    def _write_status(self, message: str) -> None:
        self.status = replace(self.status, message=message)
        self.run.write_status(self.status)
        self.status_due = time.monotonic() + STATUS_EVERY_S


def _named(plan: TrainPlan) -> dict:
    """What a plan asks for by name of the machine."""
    return {name: value for name in ("device", "precision", "threads") if (value := getattr(plan, name)) not in ("auto", 0)}


def _reason(error: BaseException) -> str:
    if isinstance(error, LabError):
        return str(error)
    if isinstance(error, (KeyboardInterrupt, SystemExit)):
        return "Interrupted; it can go on from its last state."
    return f"{type(error).__name__}: {error}"
