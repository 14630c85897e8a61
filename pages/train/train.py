"""Train a model and watch it learn."""

import streamlit as st

from genlab.runs import list_runs
from genlab.ui.shell.address import query, write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.train.follow import follow_run
from genlab.ui.train.newrun import new_run_form, run_to_show, show_recipes


def with_run(run_id: str) -> None:
    follow_run(run_id, key="train")
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
            follow_run(run.id, key="train")


write_address("train", query())   # a link of a page to itself changes what it asks the server for, and not the browser's address
if run_id := st.query_params.get("run"):
    with_run(run_id)
else:
    without_run()
