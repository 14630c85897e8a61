"""Choosing which run to look into. The sidebar's part of every page that explores."""

import streamlit as st

from genlab.errors import RunError
from genlab.lens.morph import PREFERRED
from genlab.models import find_model
from genlab.runs import Run, find_run, list_runs
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.text import distinct
from genlab.ui.train.controls import is_mine

KEY = "explore"   # one choice for all pages that explore: it stays when the page changes


def choose_run(*preferred: str) -> Run:
    """The run that ?run= names, or that was chosen last, or the first of these that is there. RunError where there is none with weights."""
    asked = st.query_params.get("run")
    runs = [run for run in list_runs() if run.snapshots() and run.has_latents and (run.is_shipped or is_mine(run) or run.id == asked)]
    if not runs:
        raise RunError("no run has weights yet; train one, it takes half a minute")
    by_id = {run.id: run for run in runs}
    _take_over(by_id, (*preferred, *PREFERRED))
    titles = distinct({run_id: run.title for run_id, run in by_id.items()})
    run_id = st.sidebar.selectbox("Run", list(by_id), format_func=titles.get, key=f"{KEY}.run", persist_state="session")
    st.sidebar.caption(_about(by_id[run_id]))
    return by_id[run_id]


def _take_over(by_id: dict[str, Run], preferred: tuple[str, ...]) -> None:
    """Let the address choose when it names another run than the one this page wrote there."""
    asked = st.query_params.get("run")
    if asked and asked != st.session_state.get(f"{KEY}.written"):
        st.session_state[f"{KEY}.written"] = asked
        with errors_shown():
            found = find_run(asked)
            if not found.has_latents:
                raise RunError(f"{found.title}: this model has no latents that can be moved; a run of another model is shown")
            if asked not in by_id:
                raise RunError(f"{asked}: it has no weights yet; they come at the end of its first epoch")
            st.session_state[f"{KEY}.run"] = asked
    if st.session_state.get(f"{KEY}.run") not in by_id:
        there = [run_id for run_id in preferred if run_id in by_id]
        st.session_state[f"{KEY}.run"] = there[0] if there else _first(list(by_id.values())).id


def _first(runs: list[Run]) -> Run:
    """A run whose latent space is worth a look before anybody has chosen: faces before anything else, a VAE before the rest."""
    return min(runs, key=lambda run: (run.plan.data.name != "faces", run.plan.model != "vae", not run.is_shipped, -run.space.dim))


def _about(run: Run) -> str:
    plan = run.plan
    return f"{find_model(plan.model).title}, {plan.data.name} {plan.data.size} px, {run.space.dim} latents"
