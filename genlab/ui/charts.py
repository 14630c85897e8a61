"""Curves of several runs over each other, drawn in the browser and live where a run still trains."""

from genlab.runs import Run
from genlab.runs.summary import trained_before
from genlab.training import TrainPlan
from genlab.ui.components import component

AXES = ("epochs", "steps", "seconds")
SPLITS = {"held-out": "test", "train": "train"}
METRICS = {
    "elbo": ("ELBO", "nats per image"), "recon": ("Reconstruction loss", "nats per image"), "kl": ("KL", "nats per image"),
    "mse": ("Squared error", "per pixel"), "loss": ("Loss", "nats per image"),
    "loss_D": ("Loss of D", ""), "loss_G": ("Loss of G", ""), "acc_real": ("Real taken for real", "of all images"),
    "acc_fake": ("Made seen through", "of all images"), "score_real": ("Score of real", "mean output of D"),
    "score_fake": ("Score of made", "mean output of D"), "grad_G": ("Gradient of G", "norm"), "grad_D": ("Gradient of D", "norm"),
    "gp": ("Gradient penalty", "mean of (slope - 1) squared"), "r1": ("R1", "half the squared slope"),
    "kid": ("KID", "of samples to held-out images"), "coverage": ("Coverage", "of held-out images"),
    "precision": ("Precision", "of samples"), "recall": ("Recall", "of held-out images"),
}
"""Names and units of the metrics that most models share; another model's own are shown by their bare name."""

FALLS_FAR = ("kid",)   # by a factor of ten and more: drawn on a log scale

_comparison = component("comparison", html="compare.html", css="panel.css",
                        js=("words.js", "feed.js", "chart.js", "sheet.js", "readings.js", "compare.js"))


def metric_title(name: str) -> str:
    return METRICS.get(name, (name.replace("_", " "), ""))[0]


def compare_runs(runs: list[Run], *, metric: str, x: str, split: str, key: str) -> None:
    """One metric of these runs against epochs, steps or seconds, with what each makes up beside its name.

    A fork's curve begins where it left its parent's: its weights were trained that long.
    """
    named = [{"id": run.id, "title": run.title, "after": trained_before(run)[x]} for run in runs]
    unit = METRICS.get(metric, ("", ""))[1]
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
