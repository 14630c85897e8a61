"""A page whose address says all that is seen on it: read when somebody comes with one, written as things change."""

import streamlit as st


def arriving(key: str) -> bool:
    """True where the address is another than the page itself wrote: by a link, or on the first visit. `asked` then says what it asks for."""
    query = st.query_params.to_dict()
    if f"{key}.asked" in st.session_state and query == st.session_state.get(f"{key}.written"):
        return False
    st.session_state[f"{key}.asked"], st.session_state[f"{key}.written"] = query, query
    return True


def asked(key: str, name: str, other: str = "") -> str:
    """What the address asked for when somebody came with it."""
    return st.session_state.get(f"{key}.asked", {}).get(name, other)


def asked_number(key: str, name: str, other: int = 0) -> int:
    """The same as a whole number; `other` where it is none."""
    text = asked(key, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else other


def write_address(key: str, query: dict[str, str]) -> None:
    """Make the address name what is seen now, and go on naming the stop of a tour (genlab.ui.tour)."""
    st.session_state[f"{key}.written"] = query
    st.query_params.from_dict(query | st.session_state.get("tour.query", {}))
