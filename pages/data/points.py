"""What is a density, and how many points does it take to see it?"""

import streamlit as st

from genlab.data.shapes2d import SHAPES, find_shape
from genlab.errors import DataError
from genlab.ui.data.points import MOST, show_points
from genlab.ui.shell.address import write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown

KEY = "points"


def number(name: str, other: int, low: int, high: int) -> int:
    """A whole number of the address."""
    text = st.query_params.get(name, str(other))
    if not text.isdecimal() or len(text) > 12 or not low <= int(text) <= high:
        raise DataError(f"{name}={text[:20]} in the address; a whole number from {low} to {high} is needed")
    return int(text)


@st.fragment
@errors_shown()
def plane() -> None:
    """The shape, its points, and what they say about it."""
    asked = find_shape(st.query_params.get("shape", "moons")), number("seed", 0, 0, 2**31), number("n", 500, 1, MOST)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.pills("Shape", list(SHAPES), format_func=lambda name: SHAPES[name].title, default=asked[0].name, required=True,
                        key=f"{KEY}.shape", wrap=True)
        seed = st.number_input("Seed", 0, 2**31, asked[1], key=f"{KEY}.seed", width=130, help="The same seed gives the same points anywhere.")
    n = show_points(find_shape(name), seed, asked[2], key=f"{KEY}.plane")
    query = {"shape": name, "seed": seed, "n": n}
    write_address(KEY, query)
    st.caption("A density says how likely every place is. Here it is known exactly, so what a model learns from the points can be held against it.")
    copy_link(query, key=f"{KEY}.link")


plane()
