"""A page whose address says all that is seen on it: read when somebody comes with one, written as things change."""

import time

import streamlit as st

BEHIND_S = 3.0   # a browser that asks for a rerun may not have read yet what the last one wrote


def arriving(key: str) -> bool:
    """True where the address is another than the page itself wrote: by a link, or on the first visit. `asked` then says what it asks for."""
    query = st.query_params.to_dict()
    if f"{key}.asked" in st.session_state and (query == st.session_state.get(f"{key}.written") or _is_behind(key, query)):
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
    last = st.session_state.get(f"{key}.written")
    if last is not None and last != query:
        st.session_state[f"{key}.before"] = [(time.monotonic(), last), *_before(key)]
    st.session_state[f"{key}.written"] = query
    st.query_params.from_dict(query | st.session_state.get("tour.query", {}))


def _is_behind(key: str, query: dict[str, str]) -> bool:
    """True for an address that the page itself wrote and replaced a moment ago."""
    return any(query == old for _, old in _before(key))


def _before(key: str) -> list[tuple[float, dict[str, str]]]:
    """Addresses of this page that were replaced a moment ago."""
    return [(at, old) for at, old in st.session_state.get(f"{key}.before", []) if time.monotonic() - at < BEHIND_S]
