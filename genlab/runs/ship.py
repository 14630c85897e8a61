"""Shipped runs: trained by committed recipes, pruned to what the pages need, written to checkpoints/."""

import json
import shlex
import shutil
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path

from genlab.errors import RunError
from genlab.files import write_atomic
from genlab.models import find_model
from genlab.paths import checkpoints_dir
from genlab.runs.best import KID, best_row
from genlab.runs.card import model_card
from genlab.runs.folder import Run
from genlab.runs.store import list_runs
from genlab.runs.weights import keep_decoder, split_weights

MAX_FILE_BYTES = 10 * 10**6
MAX_ROWS = 300   # rows of metrics that travel: enough for a curve, small enough for git


@dataclass(frozen=True)
class Recipe:
    """A shipped run: its id, title, the words after `python -m genlab`, the epochs whose snapshots it keeps, and whether those keep their encoder."""

    id: str
    title: str
    words: tuple[str, ...]
    epochs: tuple[int, ...]
    is_whole: bool = False

    @property
    def command(self) -> str:
        return shlex.join(["python", "-m", "genlab", *self.words])


def read_recipes(path: Path | None = None) -> list[Recipe]:
    """The recipes of checkpoints/recipes.toml, in order."""
    recipes = tomllib.loads((path or checkpoints_dir() / "recipes.toml").read_text())["run"]
    return [Recipe(r["id"], r["title"], _words(r), tuple(r["epochs"]), r.get("whole", False)) for r in recipes]


def _words(recipe: dict) -> tuple[str, ...]:
    epochs = ",".join(map(str, recipe.get("snapshots", recipe["epochs"])))
    return (*shlex.split(recipe["command"]), "--snapshots", epochs, "--title", recipe["title"])


def run_of(recipe: Recipe) -> Run | None:
    """The newest local run that this recipe's command made, its options in any order; it may be finished or waiting to be resumed."""
    words = sorted(shlex.split(recipe.command))
    return next((r for r in list_runs() if r.belongs_to("") and sorted(shlex.split(r.config.command)) == words), None)


def ship(run: Run, recipe: Recipe) -> Run:
    """The run as it is shipped: the whole newest snapshot, the decoder alone of the others, thinned metrics, a model card.

    Where a best step was kept, its weights are the newest that travel (see main_step); of later ones pictures and metrics say what became
    of them.
    Raises RunError where the run is not finished or a file would be larger than MAX_FILE_BYTES; nothing is left then.
    """
    if run.status.state != "finished":
        raise RunError(f"{run.id}: is {run.status.state}; only a finished run is shipped")
    draft = Run(checkpoints_dir() / f".{recipe.id}.tmp")
    shutil.rmtree(draft.path, ignore_errors=True)
    for folder in ("weights", "previews"):
        (draft.path / folder).mkdir(parents=True)
    try:
        _copy(run, draft, recipe)
        for path in draft.path.rglob("*"):
            if path.is_file() and path.stat().st_size > MAX_FILE_BYTES:
                raise RunError(f"{recipe.id}: {path.name} has {path.stat().st_size / 1e6:.1f} MB; {MAX_FILE_BYTES / 1e6:.0f} MB are allowed")
        target = checkpoints_dir() / recipe.id
        shutil.rmtree(target, ignore_errors=True)
        return Run(draft.path.rename(target))
    finally:
        shutil.rmtree(draft.path, ignore_errors=True)


def _copy(run: Run, draft: Run, recipe: Recipe) -> None:
    draft.write_config(replace(run.config, title=recipe.title, owner="", command=recipe.command))
    main, last, beside = main_step(run), run.snapshots()[-1], find_model(run.plan.model).beside_decoder
    draft.write_status(replace(run.status, message=""))
    write_atomic(draft.path / "metrics.jsonl", "".join(json.dumps(row) + "\n" for row in thin(run.metrics()[0])))
    shutil.copyfile(run.path / "events.jsonl", draft.path / "events.jsonl")
    per_epoch = round(run.status.step / run.status.epoch)
    for step in sorted({e * per_epoch for e in recipe.epochs} & set(run.snapshots()) | {main, last}):
        if step == main or recipe.is_whole and step < main:
            _keep_whole(run.weights_path(step), draft.weights_path(step), beside)
        elif step < main:
            keep_decoder(run.weights_path(step), draft.weights_path(step), beside)
        for kind in ("recon", "samples"):
            if run.preview_path(f"{step}-{kind}").exists():
                shutil.copyfile(run.preview_path(f"{step}-{kind}"), draft.preview_path(f"{step}-{kind}"))
    for kind in ("recon", "samples"):
        if run.preview_path(f"{main}-{kind}").exists():   # a model without an encoder rebuilds nothing
            shutil.copyfile(run.preview_path(f"{main}-{kind}"), draft.preview_path(f"live-{kind}"))
    write_atomic(draft.path / "MODEL_CARD.md", model_card(draft))


def _keep_whole(source: Path, target: Path, beside: tuple[str, ...]) -> None:
    if source.stat().st_size > MAX_FILE_BYTES:
        split_weights(source, target, beside)
    else:
        shutil.copyfile(source, target)


def main_step(run: Run) -> int:
    """The step whose weights are shipped whole: the best one where samples were measured, else the newest.

    A run whose learning rate falls to its end is shipped at its end, unless its KID there lies above the interval of the lowest.
    """
    rows, newest = run.metrics()[0], run.snapshots()[-1]
    best = best_row(rows)
    if not best or best["step"] not in run.snapshots():
        return newest
    end = next((row for row in rows if row["step"] == newest and KID in row), None)
    is_settled = end and run.plan.lr_schedule != "constant" and end[KID] <= best.get("eval/kid_high", 0)
    return newest if is_settled else best["step"]


def thin(rows: list[dict]) -> list[dict]:
    """At most MAX_ROWS training rows, evenly spread, and every held-out row; numbers to five digits."""
    train = [r for r in rows if "train/loss" in r]
    keep = {id(r) for r in train[:: -(-len(train) // MAX_ROWS) or 1]} | {id(train[-1])}
    return [{k: _short(v) for k, v in r.items()} for r in rows if id(r) in keep or "train/loss" not in r]


def _short(value: float | int | list) -> float | int | list:
    if isinstance(value, list):
        return [_short(v) for v in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value
