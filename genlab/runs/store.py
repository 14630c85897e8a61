"""All runs: find, list, create, fork, rename, delete and bring back."""

import difflib
import os
import secrets
import shlex
import shutil
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import filelock

from genlab import trash
from genlab.data import DataSpec, find_dataset, load_dataset, own, positions
from genlab.data.record import FILE, DataRecord, write_record
from genlab.errors import RunError
from genlab.files import is_id
from genlab.models import find_model
from genlab.paths import checkpoints_dir, runs_dir
from genlab.runs.folder import Run, RunConfig, Status, append_line
from genlab.runs.images import check_images
from genlab.runs.weights import copy_weights
from genlab.settings import build_config
from genlab.training import TrainPlan, check_here, refuse_faults, resolve_plan

PATIENCE_S = 0.5   # others hold a run for moments, too
TITLE_LENGTH = 80
OF_THE_MACHINE = ("device", "precision", "threads")
"""Fields of a plan that are open until the first state of a run is kept."""


def list_runs() -> list[Run]:
    """Every whole run, shipped ones first, then own ones, newest first: each can be found by its id. Damaged and half-written folders are left out.

    An own run hides a shipped one of the same id, as find_run gives it.
    """
    own = sorted((r for r in _runs_in(runs_dir())), key=lambda r: r.config.created, reverse=True)
    hidden = {run.id for run in own}
    return sorted((r for r in _runs_in(checkpoints_dir()) if r.id not in hidden), key=lambda r: r.id) + own


def misnamed() -> list[str]:
    """Names of folders beside the runs that hold a run but cannot be an id, so that they are not listed."""
    places = runs_dir().iterdir() if runs_dir().is_dir() else ()
    return sorted(p.name for p in places if not p.name.startswith(".") and not is_id(p.name) and (p / "config.json").exists())


def find_run(run_id: str) -> Run:
    """The run of this id; RunError says what became of it, or names the nearest id. The id is never a path."""
    if is_id(run_id or ""):
        for folder in (runs_dir(), checkpoints_dir()):
            if (folder / run_id / "config.json").exists():
                return Run(folder / run_id)
    ids = {unicodedata.normalize("NFC", run.id): run for run in list_runs()}
    if run := ids.get(unicodedata.normalize("NFC", run_id or "")):   # accents are written in two ways
        return run
    if any(trash.old_name(run.path) == run_id for run in trashed()):
        raise RunError(f"run {run_id!r} is not known: it was deleted; `python -m genlab restore {shlex.quote(run_id)}` brings it back")
    if run_id in misnamed():
        raise RunError(f"run {run_id!r} is not known: its folder's name is no id; rename it to letters, digits, spaces and . _ - ( ) [ ]")
    near = difflib.get_close_matches(run_id or "", list(ids), n=1)
    raise RunError(f"run {run_id!r} is not known" + (f"; did you mean {near[0]!r}?" if near else "; it may have been deleted"))


def create_run(plan: TrainPlan, *, title: str = "", owner: str = "", parent: dict | None = None, command: str = "",
               weights: Path | None = None, record: DataRecord | None = None) -> Run:
    """A new run folder, queued and waiting for whoever carries it out; weights become its step 0.

    Its plan is resolved but for device, precision and threads: where those are open, the process that trains the run decides.

    record : what its images must be, for one that begins where another stopped

    Raises ConfigError or DataError where the plan cannot be carried out; nothing is written then.
    """
    resolved = resolve_plan(plan)
    refuse_faults(resolved)
    if not os.environ.get("GENLAB_SCHEDULER"):   # whose workers may have what this machine lacks
        check_here(plan)
    _check_data(resolved.data)
    plan = resolved.model_copy(update={name: getattr(plan, name) for name in OF_THE_MACHINE})
    run_id = _new_id(plan)
    images = "own images" if plan.data.name == "own" else plan.data.name
    title = check_title(title) if title else f"{find_model(plan.model).title} on {images}"
    config = RunConfig(plan, title, owner, time.time(), parent, command)
    half_written = Run(runs_dir() / f".{run_id}.tmp")
    for folder in ("weights", "previews"):
        (half_written.path / folder).mkdir(parents=True)
    try:
        half_written.write_config(config)
        half_written.write_status(Status(queued_at=config.created))
        if weights:
            copy_weights(weights, half_written.weights_path(0))
        if record:
            write_record(half_written.path / FILE, record)
        return Run(half_written.path.rename(runs_dir() / run_id))
    finally:
        shutil.rmtree(half_written.path, ignore_errors=True)


def _new_id(plan: TrainPlan) -> str:
    """An id that no run has: several may be made in a second."""
    while True:
        run_id = f"{plan.model}-{plan.data.name}-{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(2)}"
        if not (runs_dir() / run_id).exists() and not (runs_dir() / f".{run_id}.tmp").exists():
            return run_id


def _check_data(spec: DataSpec) -> None:
    """DataError where the images are not here, or fewer than are asked for; none is read."""
    dataset = find_dataset(spec.name)
    if not dataset.is_local():
        load_dataset(spec)   # says where the files belong
    if spec.name == "own":
        own.find(spec.path)
    if dataset.stream is None and (count := dataset.count()):
        positions(spec, count)


def rename(run: Run, title: str) -> None:
    """Give a run another title; RunError where it is empty, too long or the run is shipped."""
    _check_own(run)
    run.write_config(replace(run.config, title=check_title(title)))


def lengthen(run: Run, epochs: int) -> None:
    """Let a run that has ended train on to a later epoch: to the same bits as if it had been asked for that in the beginning.

    Raises RunError where it trains or is shipped, where its plan ends it otherwise than by its epochs, and where epochs are not more.
    """
    _check_own(run)
    config = run.config
    plan = config.plan
    if run.is_held or run.status.state == "queued":
        raise RunError(f"{run.id}: it is {run.status.state}; stop it first, then let it train on")
    check_images(run)
    if why := fixed_end(plan):
        raise RunError(f"{run.id}: {why}; fork it to train on")
    if epochs <= plan.epochs:
        raise RunError(f"{run.id}: epochs = {epochs}; its plan has {plan.epochs}, so {plan.epochs + 1} or more are needed")
    longer = build_config(TrainPlan, {**plan.model_dump(), "epochs": epochs})
    run.write_config(replace(config, plan=longer, command=_with_epochs(config.command, epochs)))
    append_line(run.path / "events.jsonl", {"time": time.time(), "step": run.status.step, "kind": "lengthened",
                                            "text": f"To train on to epoch {epochs}; at first to epoch {plan.epochs}.", "values": {}})


def fixed_end(plan: TrainPlan) -> str:
    """Why more epochs would make another run of a plan than a longer one; empty where they would not."""
    if plan.lr_schedule != "constant":
        return f"its learning rate falls to its end at epoch {plan.epochs} ({plan.lr_schedule})"
    return f"it was to take {plan.max_steps} steps at most" if plan.max_steps else ""


def _with_epochs(command: str, epochs: int) -> str:
    """The command that makes the longer run at once."""
    words = shlex.split(command)
    if "--epochs" in words:
        words[words.index("--epochs") + 1] = str(epochs)
    elif words:
        words += ["--epochs", str(epochs)]
    return shlex.join(words)


def check_title(title: str) -> str:
    """The title in one line without outer spaces; RunError where nothing is left or it is too long."""
    clean = " ".join(title.split())
    if not 1 <= len(clean) <= TITLE_LENGTH:
        raise RunError(f"title {title[:20]!r}...: has {len(clean)} characters; 1 to {TITLE_LENGTH} are allowed")
    return clean


def delete(run: Run) -> None:
    """Put a run into the trash, from which `restore` brings it back for KEPT_DAYS; RunError while it trains or where it is shipped."""
    _check_own(run)
    with _held(run, "it is training; stop it first"):
        trash.throw_away(run.path)


def restore(run_id: str) -> Run:
    """Bring a run back from the trash, the one deleted last of several of this id; RunError where it is not there.

    Where another run has its id by now, it comes back under one beside it.
    """
    found = next((run for run in trashed() if run_id in (run.id, trash.old_name(run.path))), None)
    if found is None:
        raise RunError(f"run {run_id!r} is not in the trash")
    with _held(found, "it is just being removed"):
        return Run(trash.bring_back(found.path))


def trashed() -> list[Run]:
    """Runs in the trash, last deleted first."""
    return [run for run in map(Run, trash.thrown(runs_dir())) if is_id(run.id) and _is_whole(run)]


@contextmanager
def _held(run: Run, otherwise: str) -> Iterator[None]:
    """Nobody trains, removes or brings back the run meanwhile; RunError where somebody does."""
    try:
        with run.lock().acquire(timeout=PATIENCE_S):
            yield
    except filelock.Timeout:
        raise RunError(f"{run.id}: {otherwise}") from None


def _check_own(run: Run) -> None:
    if run.is_shipped:
        raise RunError(f"{run.id}: shipped runs are read-only; fork it to change it")


def _runs_in(folder: Path) -> list[Run]:
    if not folder.is_dir():
        return []
    places = [p for p in folder.iterdir() if is_id(p.name) and p.is_dir()]
    return [run for run in map(Run, places) if _is_whole(run)]


def _is_whole(run: Run) -> bool:
    try:
        return bool(run.config and run.status)
    except RunError:
        return False
