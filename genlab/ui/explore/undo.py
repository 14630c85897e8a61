"""Undo and redo of where sliders stood."""

import numpy as np
import streamlit as st

from genlab.ui.explore.scrubber import move

MOST = 100   # steps back


def remember(key: str, space: str, amounts: np.ndarray) -> None:
    """Note where the sliders were let go; in another space (start or axes) the past does not count."""
    past = st.session_state.get(f"{key}.past")
    values = amounts.tolist()
    if past is None or past["space"] != space:
        st.session_state[f"{key}.past"] = {"space": space, "at": 0, "steps": [values]}
    elif values != past["steps"][past["at"]]:
        steps = [*past["steps"][: past["at"] + 1], values][-MOST:]
        st.session_state[f"{key}.past"] = {"space": space, "at": len(steps) - 1, "steps": steps}


def undo_buttons(key: str) -> None:
    """Back and forth through what was remembered."""
    past = st.session_state.get(f"{key}.past") or {"at": 0, "steps": [None]}
    st.button("Undo", key=f"{key}.undo", icon=":material/undo:", disabled=past["at"] == 0, on_click=_go, args=(key, -1))
    st.button("Redo", key=f"{key}.redo", icon=":material/redo:", disabled=past["at"] == len(past["steps"]) - 1, on_click=_go, args=(key, 1))


def _go(key: str, by: int) -> None:
    past = st.session_state[f"{key}.past"]
    past["at"] = min(max(past["at"] + by, 0), len(past["steps"]) - 1)
    move(key, past["steps"][past["at"]])
