"""Curves of several runs over each other, drawn in the browser and live where a run still trains."""

from genlab.models import find_metric
from genlab.runs import Run
from genlab.runs.summary import trained_before
from genlab.training import TrainPlan
from genlab.ui.shell.components import component

AXES = ("epochs", "steps", "seconds")
SPLITS = {"held-out": "test", "train": "train"}
FALLS_FAR = ("kid",)   # by a factor of ten and more: drawn on a log scale

_comparison = component("comparison", html="train/compare.html", css="train/panel.css", js="train/compare.js")


def metric_title(name: str) -> str:
    return find_metric(name).title


def compare_runs(runs: list[Run], *, metric: str, x: str, split: str, key: str) -> None:
    """One metric of these runs against epochs, steps or seconds, with what each makes up beside its name.

    A fork's curve begins where it left its parent's: its weights were trained that long.
    """
    named = [{"id": run.id, "title": run.title, "after": trained_before(run)[x]} for run in runs]
    unit = find_metric(metric).unit
    _comparison(data={"runs": named, "metric": metric, "unit": unit, "x": x, "split": SPLITS[split], "log": metric in FALLS_FAR},
                key=key, height="content")


def caution(plans: list[TrainPlan], metric: str) -> str:
    """Why these runs' numbers cannot be laid side by side, "" where they can: nats depend on the images and on sigma."""
    if metric in ("mse", "acc_real", "acc_fake"):
        return ""
    kinds = {"images": {p.data.name for p in plans}, "image sizes": {(p.data.size, p.data.channels) for p in plans},
             "sigmas": {(p.settings.get("sigma"), p.settings.get("calibrated", False)) for p in plans},
             "losses": {p.settings.get("loss") for p in plans}}
    differ = [name for name, values in kinds.items() if len(values) > 1]
    return f"Compare the shapes, not the heights: losses depend on the {' and '.join(differ)}, which differ here." if differ else ""
