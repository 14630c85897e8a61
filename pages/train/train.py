"""Train a model and watch it learn."""

import streamlit as st

from genlab.runs import find_run, list_runs
from genlab.ui.controls import show_controls, show_fault, show_live_settings
from genlab.ui.links import copy_link
from genlab.ui.live import show_run
from genlab.ui.newrun import new_run_form, run_to_show, show_recipes
from genlab.ui.page import errors_shown
from genlab.ui.text import plain


@st.fragment
@errors_shown()
def follow(run_id: str) -> None:
    """One run: its name, what can be asked of it, and how it goes."""
    run = find_run(run_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(run.title), anchor=False, width="stretch")
        show_controls(run)
    show_fault()
    show_live_settings(run)
    show_run(run, key="train.panel", nudge=st.session_state.get("train.nudge", 0))


def with_run(run_id: str) -> None:
    follow(run_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("train/train.py", label="New run", icon=":material/add:", query_params={"new": "1"})
        st.page_link("train/train.py", label="New run like this", icon=":material/content_copy:", query_params={"like": run_id})
        st.page_link("train/runs.py", label="Compare, fork, export", icon=":material/stacked_line_chart:",
                     query_params={"compare": run_id, "run": run_id})
        copy_link({"run": run_id}, key="train.link")


def without_run() -> None:
    show_recipes()
    form, seen = st.columns([2, 3], gap="large")
    with form:
        st.subheader("Or choose yourself", anchor=False)
        new_run_form()
    if run := run_to_show(list_runs()):
        with seen:
            follow(run.id)


if run_id := st.query_params.get("run"):
    with_run(run_id)
else:
    without_run()
