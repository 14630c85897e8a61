"""Which runs an upload is needed for."""

from genlab.runs.folder import Run
from genlab.runs.store import list_runs, trashed


def runs_on(upload_id: str) -> list[Run]:
    """Runs that were trained on an upload or wait for it, deleted ones that can be brought back included."""
    return [run for run in (*list_runs(), *trashed()) if run.plan.data.name == "own" and run.plan.data.path == upload_id]


def needed_for(upload_id: str) -> str:
    """What is lost with an upload, in a sentence; empty where no run uses it."""
    runs = runs_on(upload_id)
    if not runs:
        return ""
    named = ", ".join(run.title for run in runs[:3]) + (f" and {len(runs) - 3} more" if len(runs) > 3 else "")
    whose = "A run uses" if len(runs) == 1 else f"{len(runs)} runs use"
    return f"{whose} these images: {named}. Without them no image of theirs can be encoded or shown, and none of them can train on."
