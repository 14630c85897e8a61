"""Where comparisons of losses are kept: with the lab (checkpoints/losses) or with one's own runs, by what the runs share."""

import base64
import json
from pathlib import Path

from genlab.errors import LabError
from genlab.files import write_atomic
from genlab.paths import checkpoints_dir, runs_dir
from genlab.runs import Run, find_run, list_runs
from genlab.studies.losses import Group, N, Told, compare, find_groups, group_of

FOLDER = "losses"


def kept_path(digest: str, *, shipped: bool) -> Path:
    return checkpoints_dir() / FOLDER / f"{digest}.json" if shipped else runs_dir() / f".{FOLDER}" / f"{digest}.json"


def read_kept(path: Path) -> dict | None:
    """A comparison from its file; None where there is none or it cannot be read, since it can always be made again."""
    try:
        found = json.loads(path.read_text())
        return found if found["format"] == 1 and found["runs"] and found["table"] else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def all_kept() -> list[dict]:
    """Every comparison at hand, shipped ones first, those of the most losses and runs first; of one digest the one with more runs."""
    found: dict[str, dict] = {}
    for folder in (checkpoints_dir() / FOLDER, runs_dir() / f".{FOLDER}"):
        for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
            if (one := read_kept(path)) and len(one["runs"]) > len(found.get(one["digest"], {"runs": []})["runs"]):
                found[one["digest"]] = one
    return sorted(found.values(), key=lambda one: (-len(one["table"]), -len(one["runs"])))


def covers(found: dict | None, group: Group) -> bool:
    """Whether a comparison holds every run of a group at the step that is its best."""
    steps = {(run["loss"], run["seed"]): run["step"] for run in found["runs"]} if found else {}
    return all(steps.get((run.plan.settings["loss"], run.plan.seed)) == run.status.best_step for run in group.runs)


def make(runs: list[str], n: int = N, shipped: bool = False, told: Told = lambda share, what: None) -> str:
    """Compare these runs and keep what came out: what a worker does for a page. The digest that it is found by."""
    group = group_of([find_run(run_id) for run_id in runs])
    keep(compare(group, n, told=told), shipped=shipped)
    return group.digest


def keep(found: dict, *, shipped: bool) -> Path:
    """Write a comparison with its pictures: what the first run of each loss makes of the same latents at its best step and at its end."""
    path = kept_path(found["digest"], shipped=shipped)
    path.parent.mkdir(parents=True, exist_ok=True)
    firsts = {run["loss"]: run for run in reversed(found["runs"])}
    pictures = {loss: _pictures(find_run(run["run"]), run["step"]) for loss, run in firsts.items()}
    write_atomic(path, json.dumps({**found, "pictures": pictures}, indent=1))
    return path


def _pictures(run: Run, best: int) -> dict[str, str]:
    """PNGs in base64, of those that were kept."""
    last = run.status.step
    paths = {name: run.preview_path(f"{step}-samples") for name, step in (("best", best), ("last", last))}
    return {name: base64.b64encode(path.read_bytes()).decode() for name, path in paths.items() if path.exists()}


def largest_group(*, shipped: bool = False) -> Group:
    """The group of the most losses and runs here, or among those that shipped runs belong to; LabError where there is none."""
    groups = [g for g in find_groups(list_runs()) if not shipped or any(run.is_shipped for run in g.runs)]
    if not groups:
        raise LabError(f"no two finished GAN runs {'that are shipped' if shipped else 'here'} differ in their loss and seed alone; train some, "
                       "as `train --model dcgan --set loss=lsgan` and the same with loss=wgan-gp")
    return groups[0]
