"""What does a model learn from? The images, what is known about them, and what goes together."""

import streamlit as st

from genlab.data import DataSpec
from genlab.data.base import Facts
from genlab.ui.data.datalink import spec_query
from genlab.ui.data.dataview import choose_view
from genlab.ui.data.facts import facts_of, reading, show_distributions, show_matrix
from genlab.ui.data.portrait import face_of
from genlab.ui.data.tie import show_ties, tie
from genlab.ui.shell.address import write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.wall import per_page, show_wall

KEY = "images"


def wall(spec: DataSpec, total: int) -> dict:
    """The images of one page of the wall; what its address needs."""
    count = per_page(spec.size)
    pages = -(-total // count)
    asked = st.session_state.get(f"{KEY}.page", _number("page", 1))
    here = min(max(asked, 1), pages)
    if here > 1:   # the control's own default is 1, and may not be set besides
        st.session_state[f"{KEY}.page"] = here
    numbers = range((here - 1) * count, min(here * count, total))
    opens = "Open as a portrait" if spec.name == "faces" else ""
    picked, opened = show_wall(spec, numbers, key=f"{KEY}.wall", picked=_number("pick", None), opens=opens)
    if pages > 1:
        st.pagination(pages, key=f"{KEY}.page")
    if opened is not None:
        st.switch_page("data/portrait.py", query_params=face_of(spec, opened).query())
    return ({"page": here} if here > 1 else {}) | ({} if picked is None else {"pick": picked})


def _number(name: str, other: int | None) -> int | None:
    text = st.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else other


def together(spec: DataSpec, facts: Facts) -> None:
    """Which attributes go together, and where images are drawn, how they are tied."""
    can_set = spec.name in ("faces", "scenes")
    st.subheader("What goes together", anchor=False)
    pair = show_matrix(facts, spec.correlations, key=f"{KEY}.matrix", can_set=can_set)
    if pair and tie(*pair, facts.info, f"{KEY}.ties"):
        st.rerun()
    if can_set:
        for a, b, _ in spec.correlations[-2:]:
            st.markdown(reading(facts, a, b))
        show_ties(spec.name, facts.info, key=f"{KEY}.ties")


spec = choose_view(key=KEY)
if spec:
    facts = facts_of(spec.model_dump_json())
    left, right = st.columns([3, 2], gap="large")
    with right:   # first, since numbers come sooner than pictures
        if len(facts.info) > 1:
            together(spec, facts)
        elif facts.info:
            show_distributions(facts, key=f"{KEY}.facts")
    with left:
        query = spec_query(spec) | wall(spec, len(facts))
    if len(facts.info) > 1:
        st.subheader("How each attribute is spread", anchor=False)
        show_distributions(facts, key=f"{KEY}.facts")
    write_address(KEY, query)
    copy_link(query, key=f"{KEY}.link")
