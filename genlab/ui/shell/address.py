"""The page's address: read when somebody comes with one, written as things change. Nothing else writes it.

Who is on a tour has ?tour= in it, too. It stays there whatever a page writes, and a page that reads its address here never sees it.
"""

import time
from collections.abc import Mapping

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

TOUR = "tour"
KEPT, PAGE = "address.tour", "address.page"   # of the session: the value of ?tour=; the page that was opened last
BEHIND_S = 3.0   # a browser that asks for a rerun may not have read yet what the last one wrote


def query() -> dict[str, str]:
    """What the address asks this page for."""
    return {name: value for name, value in st.query_params.to_dict().items() if name != TOUR}


def open_page() -> None:
    """At the beginning of a page's run: from now on this page writes the address, and no other.

    What an earlier page wrote may reach the browser after its person has clicked the link to this one, and would then stand in this
    page's address. So the address that the link asked for is said once more, after all that.
    """
    if st.session_state.get(PAGE, _page()) != _page():
        st.query_params.update({})   # sends the whole address
    st.session_state[PAGE] = _page()


def arriving(key: str) -> bool:
    """True where the address is another than the page itself wrote: by a link, or on the first visit. `asked` then says what it asks for."""
    now = query()
    if f"{key}.asked" in st.session_state and (now == st.session_state.get(f"{key}.written") or _is_behind(key, now)):
        return False
    st.session_state[f"{key}.asked"], st.session_state[f"{key}.written"] = now, now
    return True


def asked(key: str, name: str, other: str = "") -> str:
    """What the address asked for when somebody came with it."""
    return st.session_state.get(f"{key}.asked", {}).get(name, other)


def asked_number(key: str, name: str, other: int = 0) -> int:
    """The same as a whole number; `other` where it is none."""
    text = asked(key, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else other


def write_address(key: str, now: Mapping[str, object]) -> None:
    """Make the address name what is seen now."""
    if _is_left():
        return
    now = {name: str(value) for name, value in now.items()}
    last = st.session_state.get(f"{key}.written")
    if last is not None and last != now:
        st.session_state[f"{key}.before"] = [(time.monotonic(), last), *_before(key)]
    st.session_state[f"{key}.written"] = now
    st.query_params.from_dict(now | _tour())


def change_address(**changes: str | None) -> None:
    """Set some parameters and leave the others as they are; None takes one away."""
    if _is_left():
        return
    for name, value in changes.items():
        if value is not None:
            st.query_params[name] = value
        elif name in st.query_params:
            del st.query_params[name]


def keep_tour(stop: str) -> None:
    """Have ?tour= name this stop from now on; "" ends it."""
    st.session_state[KEPT] = stop
    if st.query_params.get(TOUR, "") != stop:
        change_address(**{TOUR: stop or None})


def kept_tour() -> str:
    """The stop of a tour that the address names, or named before a link of the same page replaced it; "" where there is none."""
    return st.query_params.get(TOUR, "") or st.session_state.get(KEPT, "")


def _tour() -> dict[str, str]:
    return {TOUR: st.session_state[KEPT]} if st.session_state.get(KEPT) else {}


def _page() -> str:
    return get_script_run_ctx().page_script_hash


def _is_left() -> bool:
    """True in a run that is not of the page that was opened last: a callback of the page before, which comes with the click on the link
    to this one, or a fragment of it that was asked for before the browser had read of the next."""
    return st.session_state.get(PAGE, _page()) != _page()


def _is_behind(key: str, now: dict[str, str]) -> bool:
    """True for an address that the page itself wrote and replaced a moment ago."""
    return any(now == old for _, old in _before(key))


def _before(key: str) -> list[tuple[float, dict[str, str]]]:
    """Addresses of this page that were replaced a moment ago."""
    return [(at, old) for at, old in st.session_state.get(f"{key}.before", []) if time.monotonic() - at < BEHIND_S]
