"""A run as it goes, on a page: drawn in the browser from a small route, so that looking on costs no rerun."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from genlab.models import find_model
from genlab.runs import Run
from genlab.server.address import address
from genlab.ui.shell.components import component

_panel = component("run", html="train/panel.html", css="train/panel.css", js="train/panel.js")


def show_run(run: Run, *, key: str, nudge: int = 0, only: Sequence[str] = ()) -> None:
    """How far a run is, its pictures, curves and events, live until it is at rest.

    Reruns the fragment it stands in when the run's state changes, and never otherwise; a changed nudge makes it look at once.
    only : the metrics to draw, all where it is empty
    """
    plan, state = run.plan, run.status.state
    data = {"run": run.id, "state": state, "epochs": plan.epochs, "can_encode": find_model(plan.model).can_encode, "nudge": nudge}
    data |= {"only": list(only)} if only else {}
    _panel(data=data, key=f"{key}.{run.id}", height="content", on_state_change=lambda: None)


def show_samples(run: Run, *, width: str = "100%") -> None:
    """What a run makes up, as one small picture; an empty place where it has made up nothing yet."""
    path = run.preview_path("live-samples")
    look = f"width:{width};image-rendering:pixelated;display:block"
    if path.exists():
        source = address("preview", run.id, "live-samples.png", v=path.stat().st_mtime_ns)
        st.html(f'<img src="{escape(source)}" alt="What {escape(run.title)} makes up" loading="lazy" style="{look}">')
    else:
        st.html(f'<div style="{look};aspect-ratio:4;background:rgba(128,128,128,.12)"></div>')
