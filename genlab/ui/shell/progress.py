"""How far a task is, seen while it is carried out."""

import streamlit as st

from genlab.jobs.tasks import ABORTED, AT_REST, DONE, FAILED, TaskState, abort, look

LOOK_S = 0.5


def show_progress(task: str, *, key: str, about: str = "Making the map") -> TaskState:
    """How far a task is, with a button that calls it off; the page runs anew when it is at rest. Its state now."""
    state = look(task)

    @st.fragment(run_every=None if state.state in AT_REST else LOOK_S)
    def progress() -> None:
        now = look(task)
        if now.state in AT_REST and state.state not in AT_REST:
            st.rerun()
        if now.state in (DONE, ABORTED):
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(max(now.share, 0.0), 1.0), f"{about}: {now.what}")
            if now.state != FAILED:
                st.button("Abort", key=f"{key}.abort", icon=":material/close:", on_click=abort, args=(task,))

    if state.state == FAILED:
        st.error(state.error, icon=":material/error:")
    else:
        progress()
    return state
