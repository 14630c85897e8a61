"""One run as it trains or trained: its name, what can be asked of it, and how it goes."""

from collections.abc import Sequence

import streamlit as st

from genlab.runs import find_run
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.text import plain
from genlab.ui.train.controls import show_controls, show_fault, show_live_settings
from genlab.ui.train.live import show_run


@st.fragment
@errors_shown()
def follow_run(run_id: str, *, key: str, only: Sequence[str] = ()) -> None:
    """The whole of it, drawn anew when the run's state changes. only : the metrics to draw, all where it is empty"""
    run = find_run(run_id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(run.title), anchor=False, width="stretch")
        show_controls(run)
    show_fault()
    show_live_settings(run)
    show_run(run, key=f"{key}.panel", nudge=st.session_state.get("train.nudge", 0), only=only)
