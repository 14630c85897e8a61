"""All runs: find, list, create, fork, rename, delete and bring back."""

import difflib
import re
import secrets
import shlex
import shutil
import time
from dataclasses import replace
from pathlib import Path

from genlab.data import find_dataset, load_dataset
from genlab.errors import RunError
from genlab.models import find_model
from genlab.paths import checkpoints_dir, runs_dir
from genlab.runs.folder import Run, RunConfig, Status, append_line
from genlab.runs.weights import copy_weights, is_whole
from genlab.settings import build_config
from genlab.training import TrainPlan, refuse_faults, resolve_plan

TRASH = ".trash"
TITLE_LENGTH = 80


def list_runs() -> list[Run]:
    """Every whole run, shipped ones first, then own ones, newest first. Damaged and half-written folders are left out."""
    shipped = sorted((r for r in _runs_in(checkpoints_dir())), key=lambda r: r.id)
    own = sorted((r for r in _runs_in(runs_dir())), key=lambda r: r.config.created, reverse=True)
    return shipped + own


def find_run(run_id: str) -> Run:
    """The run of this id; RunError names the nearest id otherwise. The id is never a path."""
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", run_id or ""):
        for folder in (runs_dir(), checkpoints_dir()):
            if (folder / run_id / "config.json").exists():
                return Run(folder / run_id)
    near = difflib.get_close_matches(run_id or "", [r.id for r in list_runs()], n=1)
    raise RunError(f"run {run_id!r} is not known" + (f"; did you mean {near[0]!r}?" if near else "; it may have been deleted"))


def create_run(plan: TrainPlan, *, title: str = "", owner: str = "", parent: dict | None = None, command: str = "",
               weights: Path | None = None) -> Run:
    """A new run folder with a resolved plan, queued and waiting for whoever carries it out; weights become its step 0.

    Raises ConfigError or DataError where the plan cannot be carried out; nothing is written then.
    """
    plan = resolve_plan(plan)
    refuse_faults(plan)
    if not find_dataset(plan.data.name).is_local():
        load_dataset(plan.data)   # says where the files belong
    run_id = f"{plan.model}-{plan.data.name}-{time.strftime('%m%d-%H%M%S')}-{secrets.token_hex(2)}"
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
        return Run(half_written.path.rename(runs_dir() / run_id))
    finally:
        shutil.rmtree(half_written.path, ignore_errors=True)


def fork(run: Run, step: int | None = None, *, changes: dict | None = None, title: str = "", owner: str = "", command: str = "") -> Run:
    """A new run that starts from a kept snapshot of this one (by default the newest), with fields of the plan changed.

    Settings in changes["settings"] are laid over the parent's. Raises RunError where there is no such snapshot.
    """
    steps = run.snapshots()
    step = steps[-1] if step is None and steps else step
    if step not in steps:
        raise RunError(f"{run.id}: no weights at step {step}; kept are {', '.join(map(str, steps)) or 'none'}")
    if not is_whole(run.weights_path(step)):
        raise RunError(f"{run.id}: the snapshot at step {step} holds the decoder alone; fork from step {steps[-1]}")
    changes = dict(changes or {})
    settings = {**run.plan.settings, **changes.pop("settings", {})}
    values = {**run.plan.model_dump(), "device": "auto", "precision": "auto", "threads": 0, **changes, "settings": settings}
    plan = build_config(TrainPlan, values)
    title = title or f"{run.title}, forked at step {step}"
    return create_run(plan, title=title[:TITLE_LENGTH], owner=owner, parent={"run": run.id, "step": step}, command=command,
                      weights=run.weights_path(step))


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
    """Put a run into the trash, from which `restore` brings it back; RunError while it trains or where it is shipped."""
    _check_own(run)
    if run.is_held:
        raise RunError(f"{run.id}: it is training; stop it first")
    target = runs_dir() / TRASH / run.id
    target.parent.mkdir(exist_ok=True)
    run.path.rename(target)


def restore(run_id: str) -> Run:
    """Bring a run back from the trash; RunError where it is not there."""
    if run_id not in {r.id for r in trashed()}:
        raise RunError(f"run {run_id!r} is not in the trash")
    return Run((runs_dir() / TRASH / run_id).rename(runs_dir() / run_id))


def trashed() -> list[Run]:
    """Runs in the trash."""
    return _runs_in(runs_dir() / TRASH)


def empty_trash(older_than_s: float = 0.0) -> int:
    """Remove what has lain in the trash for longer; how many runs that were."""
    old = [r for r in trashed() if time.time() - r.path.stat().st_mtime >= older_than_s]
    for run in old:
        shutil.rmtree(run.path)
    return len(old)


def _check_own(run: Run) -> None:
    if run.is_shipped:
        raise RunError(f"{run.id}: shipped runs are read-only; fork it to change it")


def _runs_in(folder: Path) -> list[Run]:
    if not folder.is_dir():
        return []
    places = [p for p in folder.iterdir() if p.is_dir() and not p.name.startswith(".")]
    return [run for run in map(Run, places) if _is_whole(run)]


def _is_whole(run: Run) -> bool:
    try:
        return bool(run.config and run.status)
    except RunError:
        return False
