"""The frame around every page: its heading, and what happens when something goes wrong in it."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import streamlit as st
from streamlit.errors import StreamlitAPIException

from genlab.data.record import DataChanged
from genlab.errors import LabError
from genlab.paths import explained
from genlab.ui.shell.menu import Entry

HERE = Path(__file__).parent


def frame(about: str) -> None:
    """What every page shares: wide layout, the lab's name and icon, its style. `about` is the menu's text about the lab."""
    st.set_page_config(page_title="GenLab", page_icon=str(HERE / "icon.svg"), layout="wide", initial_sidebar_state=260, menu_items={"About": about})
    st.html(HERE / "style.css")
    st.logo(str(HERE / "icon.svg"))


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
        if isinstance(error, DataChanged):
            _offer_same_images(error)


def _offer_same_images(error: DataChanged) -> None:
    """A way on for whoever may steer the run: with those of its images that are the same."""
    from genlab.runs import Run
    from genlab.runs.images import go_on_with_same
    from genlab.ui.shell.visitor import visitor_id

    run, pressed = Run(error.record.parent), False
    if run.belongs_to(visitor_id()):
        with suppress(StreamlitAPIException):   # a second one on this page, or in a form
            pressed = st.button("Go on with the images that are the same", key=f"same-images-{run.id}", icon=":material/rule:")
    if pressed:
        with errors_shown():
            go_on_with_same(run)
            st.rerun()
