"""The frame around every page: its heading, and what happens when something goes wrong in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from genlab.errors import LabError
from genlab.paths import explained
from genlab.ui.menu import Entry

ASSETS = Path(__file__).parent / "assets"


def frame(about: str) -> None:
    """What every page shares: wide layout, the lab's name and icon, its style. `about` is the menu's text about the lab."""
    st.set_page_config(page_title="GenLab", page_icon=str(ASSETS / "icon.svg"), layout="wide", initial_sidebar_state=260, menu_items={"About": about})
    st.html(ASSETS / "style.css")
    st.logo(str(ASSETS / "icon.svg"))


def heading(entry: Entry) -> None:
    """The page's title and, below it, the question that it answers."""
    st.title(entry.title, anchor=False)
    with st.container(key="question"):
        st.markdown(entry.question)


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show a LabError where it happened, as something to put right; anything else is a bug and surfaces.

    Works around a block and, since a fragment reruns on its own, as a decorator below @st.fragment.
    """
    try:
        with explained():
            yield
    except LabError as error:
        st.error(str(error), icon=":material/error:")
