"""Choosing attributes that stay as they are while others are moved."""

from collections.abc import Sequence

import streamlit as st

from genlab.ui.shell.address import asked


def choose_locked(names: Sequence[str], *, key: str, about: str) -> list[str]:
    """The attributes that a person wants kept fixed, or that the address names; about : what follows from it, the control's help."""
    if f"{key}.lock" not in st.session_state:
        st.session_state[f"{key}.lock"] = asked(key, "lock").split(",")
    st.session_state[f"{key}.lock"] = [name for name in st.session_state[f"{key}.lock"] if name in names]
    return st.multiselect("Keep fixed", names, key=f"{key}.lock", persist_state="session", placeholder="nothing", help=about)
