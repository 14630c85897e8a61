"""The model card: what a run is, in words that travel with its weights."""

from genlab.data import find_dataset
from genlab.models import find_model, metrics_of
from genlab.runs.best import best_in_words, best_row
from genlab.runs.folder import Run


def final_metrics(run: Run) -> dict[str, float]:
    """The last scalar value of each metric, by name ("train/recon", "test/mse", ...)."""
    last: dict[str, float] = {}
    for row in run.metrics()[0]:
        last.update({k: v for k, v in row.items() if "/" in k and not isinstance(v, list)})
    return last


def model_card(run: Run) -> str:
    """Markdown: model, data, plan, figures on held-out images, how it was made, and what it must not be used for."""
    config, plan, status = run.config, run.plan, run.status
    model, dataset = find_model(plan.model), find_dataset(plan.data.name)
    known = {name: ", ".join(filter(None, (metric.title, metric.unit))) for name, metric in metrics_of(plan.model).items()}
    rows = [f"| {name} | {value:.4g} | {known.get(name.split('/')[1], '')} |" for name, value in final_metrics(run).items()
            if name.startswith("test/")]
    planned = {name: getattr(plan, name) for name in ("epochs", "batch_size", "lr", "lr_schedule", "seed", "precision")}
    settings = [f"| {k} | {v} |" for k, v in {**plan.settings, **planned}.items()]
    best = best_row(run.metrics()[0])
    kept = "" if best is None else f" {best_in_words(best)}"
    count = plan.data.n or "all but the held-out"
    return "\n".join([
        f"# {config.title}", "",
        f"{model.title}: {model.about}", "",
        f"Trained on {dataset.title} ({count} images, {plan.data.size} x {plan.data.size}, {plan.data.channels} channel(s), "
        f"data seed {plan.data.seed}), {status.step} steps, {status.epoch:.1f} epochs. State: {status.state}.{kept}", "",
        "## Held-out figures", "", "| measure | value | what it is |", "|---|---|---|", *(rows or ["| none yet | | |"]), "",
        "## Settings", "", "| setting | value |", "|---|---|", *settings, "",
        "## How it was made", "", f"    {config.command or 'made in the app'}", "",
        "## Limits", "", "Small and made for teaching. It knows nothing but its training images and repeats their gaps and biases; "
        "do not use it to judge or to imitate a person.", ""])
