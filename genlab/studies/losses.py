"""Losses compared: runs that share data, network, budget and all else, and differ in the loss (with what its paper sets beside it) and the seed.

Figures are taken at each run's best step, with as many samples for each, on held-out images that it was not chosen by; over seeds they
are means with t-intervals. M. Lucic et al., "Are GANs Created Equal?", 2018, arXiv 1711.10337: compare at equal budget, over seeds.
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from genlab.errors import LabError
from genlab.latent.intervals import Estimate, of_mean
from genlab.measures.measured import Measured
from genlab.models import find_model
from genlab.objectives.adversarial import LOSSES
from genlab.runs import Run
from genlab.runs.best import KID, best_row
from genlab.training import TrainPlan

N = 2000
MEASURES = ("kid", "coverage", "precision", "recall")
BESIDE = {"loss", "k", "beta1", "beta2", "norm_D", "gp", "clip"}   # settings that come with a loss
LATER = {"noise": "normal"}   # settings that came later, as all runs of before have them
FREE = {"seed", "device", "precision", "threads", "snapshot_epochs"}   # of the plan, besides

Told = Callable[[float, str], None]


@dataclass(frozen=True)
class Group:
    """Runs that may be compared, the losses in the order of genlab.objectives.adversarial.LOSSES, seeds ascending."""

    runs: tuple[Run, ...]

    @property
    def losses(self) -> list[str]:
        return list(dict.fromkeys(run.plan.settings["loss"] for run in self.runs))

    @property
    def digest(self) -> str:
        """What all of them share, in 12 letters."""
        return digest_of(self.runs[0].plan)

    @property
    def title(self) -> str:
        return title_of(self.runs[0].plan)


def title_of(plan: TrainPlan) -> str:
    """What the runs of a group share, in words."""
    s = plan.settings
    name = {"dcgan": "DCGAN", "gan": "GAN"}.get(plan.model, find_model(plan.model).title)
    count = f"{plan.data.n} " if plan.data.n else ""
    return f"{name}, width {s['width']}, {s['latent_dim']} latents, on {count}{plan.data.name} of {plan.data.size} px, {plan.epochs} epochs"


def essence(plan: TrainPlan) -> dict:
    """All that must be equal for two runs to be compared by their loss."""
    shared = plan.model_dump(exclude=FREE | {"settings"}, mode="json")
    return {**shared, **{f"settings.{k}": v for k, v in plan.settings.items() if k not in BESIDE and LATER.get(k) != v}}


def digest_of(plan: TrainPlan) -> str:
    return hashlib.blake2b(json.dumps(essence(plan), sort_keys=True).encode(), digest_size=6).hexdigest()


def can_compare(run: Run) -> bool:
    """Whether a run takes part: a GAN trained from the beginning to its end, with no setting changed on the way, and measured."""
    return (find_model(run.plan.model).keeps_best and run.status.state == "finished" and not run.config.parent
            and run.status.best_step is not None and not any(e["kind"] == "changed" for e in run.events()))


def find_groups(runs: Sequence[Run], fewest: int = 2) -> list[Group]:
    """Groups of at least so many losses among these runs, the largest first. Of several runs of a loss and seed the first counts."""
    by_essence: dict[str, dict[tuple[int, int], Run]] = {}
    for run in runs:
        if can_compare(run):
            key = LOSSES.index(run.plan.settings["loss"]), run.plan.seed
            by_essence.setdefault(digest_of(run.plan), {}).setdefault(key, run)
    groups = [Group(tuple(run for _, run in sorted(members.items(), key=lambda m: m[0]))) for members in by_essence.values()]
    return sorted((g for g in groups if len(g.losses) >= fewest), key=lambda g: (-len(g.losses), -len(g.runs)))


def group_of(runs: Sequence[Run]) -> Group:
    """These very runs as a group; LabError where they differ in more than loss and seed, saying in what, or one cannot take part."""
    if len(runs) < 2:
        raise LabError(f"compare-losses: {len(runs)} run is given; two at least are compared")
    first = essence(runs[0].plan)
    for run in runs:
        if not find_model(run.plan.model).keeps_best:
            raise LabError(f"{run.id}: no game of D and G is played in it ({find_model(run.plan.model).title}); only GANs are compared")
        other = essence(run.plan)
        if off := [k for k in {**first, **other} if first.get(k) != other.get(k)]:
            raise LabError(f"{run.id} differs from {runs[0].id} in {off[0].removeprefix('settings.')} ({_short(other.get(off[0]))}, not "
                           f"{_short(first.get(off[0]))}); runs that are compared differ in loss and seed alone")
        if not can_compare(run):
            raise LabError(f"{run.id}: {_why_not(run)}")
    return Group(tuple(sorted(runs, key=lambda run: (LOSSES.index(run.plan.settings["loss"]), run.plan.seed))))


def _short(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) < 60 else text[:57] + "..."


def _why_not(run: Run) -> str:
    if run.status.state != "finished":
        return f"it is {run.status.state}; only finished runs are compared"
    if run.config.parent:
        return "it was forked from another run, so its budget is another"
    if any(e["kind"] == "changed" for e in run.events()):
        return "its settings were changed while it trained, so it stands for no loss"
    return "its samples were not measured while it trained, so no best step is known"


# -- figures --------------------------------------------------------------------------------------------------------------


def measure_run(run: Run, n: int = N, seed: int = 0, first: int | None = None) -> dict:
    """What one run contributes: figures at its best step, on held-out images from `first` on, and its KID through the training."""
    from genlab.measures.material import Material
    from genlab.measures.suite import take

    rows = [row for row in run.metrics()[0] if KID in row]
    best = best_row(rows)
    if best["step"] not in run.snapshots():
        raise LabError(f"{run.id}: the weights of its best step {best['step']} are gone; train it again")
    material = Material(run, n, seed, step=best["step"], first=first)
    measured, left_out = take(set(MEASURES), material)
    return {"run": run.id, "loss": run.plan.settings["loss"], "seed": run.plan.seed, "step": best["step"], "epoch": best["epoch"],
            "last_kid": rows[-1][KID], "curve": [[round(row["epoch"], 2), float(f"{row[KID]:.5g}")] for row in rows],
            "is_apart": 0 < unseen_by(run) <= material.first, "measures": {m.name: asdict(m) for m in measured}, "left_out": left_out}


def unseen_by(run: Run) -> int:
    """The first held-out image that had no part in choosing the run's best step, 0 where all had."""
    from genlab.measures.material import Material

    return Material(run, N, 0, step=run.status.best_step).first


def compare(group: Group, n: int = N, seed: int = 0, told: Told = lambda share, what: None) -> dict:
    """The comparison as JSON holds it: what is shared, each run's figures, and a table over seeds."""
    first, found = max(unseen_by(run) for run in group.runs), []   # the same images for all: coverage depends on how many there are
    for i, run in enumerate(group.runs):
        told(i / len(group.runs), f"measuring {run.plan.settings['loss']}, seed {run.plan.seed}")
        found.append(measure_run(run, n, seed, first))
    told(1.0, "done")
    return {"format": 1, "digest": group.digest, "title": group.title, "n": n, "seed": seed, "essence": essence(group.runs[0].plan),
            "runs": found, "table": table(found)}


def table(runs: list[dict]) -> list[dict]:
    """A row for each loss: its seeds, best epochs, and each measure over the seeds as value, low, high.

    With several seeds the mean and its t-interval, which says how far another seed may lie off; with one its own interval, over images.
    """
    rows = []
    for loss in LOSSES:
        mine = [run for run in runs if run["loss"] == loss]
        if mine:
            cells = {name: asdict(_over(mine, name)) for name in MEASURES if all(name in run["measures"] for run in mine)}
            rows.append({"loss": loss, "seeds": [run["seed"] for run in mine], "epochs": [run["epoch"] for run in mine],
                         "last_kid": sum(run["last_kid"] for run in mine) / len(mine), **cells})
    return rows


def _over(runs: list[dict], name: str) -> Estimate:
    import numpy as np

    of_each = [Measured(**run["measures"][name]) for run in runs]
    if len(of_each) > 1:
        mean = of_mean(np.array([m.value for m in of_each]))
        return mean if name == "kid" else Estimate(mean.value, max(mean.low, 0.0), min(mean.high, 1.0))   # the others are shares
    return Estimate(of_each[0].value, of_each[0].low, of_each[0].high)


def choice_in_words(found: dict) -> str:
    """On what images the steps were chosen, and what that does to the figures."""
    apart = [run.get("is_apart", False) for run in found["runs"]]
    if all(apart):
        return "chosen by KID on other held-out images than it is measured on"
    some = "" if not any(apart) else " in some of these runs"
    return f"the one of the lowest KID{some} on images that it is measured on too, which makes that KID a little too low"


def protocol(found: dict) -> str:
    """What the figures were taken by, in a line; every run of a comparison shares it."""
    return next((m["protocol"] for run in found["runs"] for m in run["measures"].values() if m["name"] == "kid"), "")
