"""What was deleted, and how it comes back; and runs that come from a file."""

from collections.abc import Callable

import streamlit as st

from genlab.errors import LabError
from genlab.runs import Run, restore, trashed
from genlab.runs.transfer import import_files, import_zip
from genlab.trash import KEPT_DAYS, days_left
from genlab.ui.shell.text import plain
from genlab.ui.shell.visitor import visitor_id

KEY = "runs"
# at hand however far down the list the run was
SNACK = """<style>.st-key-runs-snack { position: fixed; bottom: 1.5rem; z-index: 99; padding: 0.6rem 1rem; width: max-content !important;
max-width: calc(100vw - 2rem); background: rgb(128 128 128 / 0.2); backdrop-filter: blur(16px); }</style>"""


def offer_undo() -> None:
    """The run that was deleted last, with a way back, until something else is done."""
    if deleted := st.session_state.pop(f"{KEY}.deleted", None):
        run_id, title = deleted
        st.html(SNACK)
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"{KEY}.snack", width="content"):
            st.markdown(f"Deleted: {plain(title)}. It can be brought back for {KEPT_DAYS} days.", width="content")
            st.button("Undo", key=f"{KEY}.undo", icon=":material/undo:", on_click=_bring_back, args=(run_id,))


def _bring_back(run_id: str) -> None:
    try:
        restore(run_id)
    except LabError as error:
        st.session_state[f"{KEY}.fault"] = str(error)


def show_trash() -> None:
    """Everything that this visitor deleted and that is still there, with the time that is left to bring it back."""
    own = [run for run in trashed() if run.belongs_to(visitor_id())]
    with st.popover(f"Deleted ({len(own)})", icon=":material/delete:", disabled=not own):
        st.caption(f"{KEPT_DAYS} days after it was deleted a run is removed for good.")
        for run in own:
            left = days_left(run.path)
            label = f"Bring back {plain(run.title)} ({left} {'day' if left == 1 else 'days'} left)"
            st.button(label, key=f"{KEY}.back-{run.id}", icon=":material/undo:", on_click=_bring_back, args=(run.id,))


def show_import() -> None:
    """A run from a zip or from its unpacked folder, exported here or elsewhere; what is wrong with it is said."""
    with st.popover("Import", icon=":material/upload_file:"):
        file = st.file_uploader("A run's zip", "zip", key=f"{KEY}.import")
        files = st.file_uploader("Or its unpacked folder", accept_multiple_files="directory", key=f"{KEY}.import-folder")
        if file:
            _take_in([file.file_id], lambda: import_zip(file.getvalue(), owner=visitor_id()))
        if files:
            _take_in([f.file_id for f in files], lambda: import_files([(f.name, f.getvalue()) for f in files], owner=visitor_id()))


def _take_in(sent: list[str], take: Callable[[], Run]) -> None:
    """Import what was sent, once, whether it can be used or not."""
    if st.session_state.get(f"{KEY}.imported") == sent:
        return
    st.session_state[f"{KEY}.imported"] = sent
    try:
        run = take()
    except LabError as error:
        st.session_state[f"{KEY}.fault"] = str(error)
    else:
        st.session_state[f"{KEY}.news"] = f"Imported: {plain(run.title)}"
    st.rerun()


def show_news() -> None:
    """What the last import or restore came to, once."""
    if fault := st.session_state.pop(f"{KEY}.fault", ""):
        st.error(fault, icon=":material/error:")
    if news := st.session_state.pop(f"{KEY}.news", ""):
        st.success(news, icon=":material/check:")
