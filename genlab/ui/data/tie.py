"""Attributes tied together by hand: several pairs, each with a strength."""

import math

import streamlit as st

from genlab.data import Attribute
from genlab.data.copula import attainable
from genlab.data.faces import NATURAL
from genlab.ui.shell.wall import label

Pair = tuple[str, str, float]
Info = tuple[Attribute, ...]

STRONGEST, STEP, FIRST = 0.95, 0.05, 0.8
IN_VIEW = 4   # pairs before the list scrolls

PRESETS: dict[str, dict[str, tuple[Pair, ...]]] = {
    "faces": {
        "Glasses for men": (("glasses", "man", 0.95),),
        "Hats for the old": (("hat", "age", 0.9),),
        "As in photographs": tuple((a, b, rho) for (a, b), rho in NATURAL.items()),
    },
    "scenes": {"Winter is dim": (("winter", "cloudiness", 0.8), ("winter", "hour", 0.6)), "Houses stand by water": (("house", "water", 0.9),)},
}


def tied(key: str) -> tuple[Pair, ...]:
    """The pairs as they stand."""
    return tuple(st.session_state.get(key, ()))


def tie(a: str, b: str, info: Info, key: str) -> bool:
    """Tie two attributes together as far as the other ties allow; False where they are tied already."""
    if a == b or any({a, b} == {*pair[:2]} for pair in tied(key)):
        return False
    low, high = _reach(a, b, info, key)
    st.session_state[key] = (*tied(key), (a, b, min(FIRST, high) if high > 0 else low))
    return True


def show_ties(dataset: str, info: Info, *, key: str) -> None:
    """Presets, a slider for each pair as far as the others allow, and a new pair. What is not named is independent."""
    pairs = tied(key)
    with st.container(height=260 if len(pairs) > IN_VIEW else "content", border=len(pairs) > IN_VIEW, gap=None):
        for pair in pairs:
            _strength(pair, info, key)
    names = [a.name for a in info]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        a = st.selectbox("Tie", names, format_func=label, key=f"{key}.a", width=130)
        b = st.selectbox("to", names, format_func=label, index=1, key=f"{key}.b", width=130)
        st.button("Add", key=f"{key}.add", on_click=tie, args=(a, b, info, key), disabled=a == b)
    with st.container(horizontal=True, gap="medium"):
        for name, pairs in PRESETS.get(dataset, {}).items():
            st.button(name, key=f"{key}.preset-{name}", type="tertiary", on_click=_put, args=(key, pairs))
        st.button("None", key=f"{key}.none", type="tertiary", on_click=_put, args=(key, ()), disabled=not tied(key))


def _strength(pair: Pair, info: Info, key: str) -> None:
    a, b, rho = pair
    low, high = _reach(a, b, info, key)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if low < high:
            name = f"{key}.rho-{a}-{b}"
            st.session_state[name] = min(max(round(rho, 2), low), high)
            st.slider(f"{label(a)} with {label(b)}", low, high, step=STEP, key=name, on_change=_set, args=(a, b, key))
        else:
            st.markdown(f"{label(a)} with {label(b)}: {rho:g}, held by the others")
        st.button(":material/close:", key=f"{key}.drop-{a}-{b}", help="Untie", type="tertiary", on_click=_drop, args=(a, b, key), width="content")


def _reach(a: str, b: str, info: Info, key: str) -> tuple[float, float]:
    """How far a pair can go, in whole steps."""
    low, high = attainable("correlations", [x.name for x in info], {pair[:2]: pair[2] for pair in tied(key)}, a, b)
    inward = math.ceil(max(low, -STRONGEST) / STEP - 1e-9), math.floor(min(high, STRONGEST) / STEP + 1e-9)
    return round(inward[0] * STEP, 2), round(inward[1] * STEP, 2)


def _set(a: str, b: str, key: str) -> None:
    rho = round(st.session_state[f"{key}.rho-{a}-{b}"], 2)
    st.session_state[key] = tuple((x, y, rho if (x, y) == (a, b) else old) for x, y, old in tied(key))


def _drop(a: str, b: str, key: str) -> None:
    _put(key, tuple(pair for pair in tied(key) if pair[:2] != (a, b)))


def _put(key: str, pairs: tuple[Pair, ...]) -> None:
    st.session_state[key] = tuple(pairs)
