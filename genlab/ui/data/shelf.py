"""A visitor's uploads: chosen again, named, deleted and brought back."""

from collections.abc import Callable

import streamlit as st

from genlab.data import shelf
from genlab.data.shelf import KEPT_DAYS, Shelved
from genlab.data.upload import MAX_TITLE, read_upload
from genlab.errors import LabError
from genlab.lens.images import IMAGES
from genlab.runs.uses import needed_for
from genlab.ui.shell.text import distinct, plain
from genlab.ui.shell.visitor import visitor_id

NONE = "none"


def choose_upload(chosen: str, take: Callable[[str], None], *, key: str) -> None:
    """The visitor's uploads with `chosen` picked, what can be done with it, and those deleted. take(id) is called when another is picked."""
    own = {item.id: item for item in shelf.shelf(visitor_id())}
    names = distinct({id_: _words(item) for id_, item in own.items()})
    if chosen and chosen not in own:
        names[chosen] = f"From a link: {read_upload(chosen).title}"
    if names:
        st.session_state[f"{key}.shelf"] = chosen or NONE
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.selectbox("Your uploads", [NONE, *names], format_func=lambda id_: names.get(id_, "none chosen"), key=f"{key}.shelf",
                         on_change=_take, args=(take, f"{key}.shelf"))
            if chosen in own:
                _name(own[chosen], key)
                _delete(own[chosen], take, key)
    _deleted(take, key)
    if fault := st.session_state.pop(f"{key}.fault", ""):
        st.error(fault, icon=":material/error:")


def _words(item: Shelved) -> str:
    """As options show it, which read no Markdown; what reads it wants it plain()."""
    return f"{item.title}, {item.count} image{'' if item.count == 1 else 's'}"


def _take(take: Callable[[str], None], name: str) -> None:
    chosen = st.session_state[name]
    take("" if chosen == NONE else chosen)


def _name(item: Shelved, key: str) -> None:
    with st.popover("Rename", icon=":material/edit:"):
        box = f"{key}.title-{item.id}"
        st.text_input("Name", item.title, key=box, max_chars=MAX_TITLE)
        st.button("Rename", key=f"{key}.rename", on_click=_carry_out, args=(lambda: shelf.rename(item.id, st.session_state[box], visitor_id()), key))


def _delete(item: Shelved, take: Callable[[str], None], key: str) -> None:
    def act() -> None:
        shelf.discard(item.id, visitor_id())
        IMAGES.forget(item.id)
        take("")

    with st.popover("Delete", icon=":material/delete:"):
        if needed := needed_for(item.id):
            st.warning(needed, icon=":material/warning:")
        st.caption(f"It can be brought back for {KEPT_DAYS} days. Then its images are gone from this server.")
        st.button(f"Delete {plain(_words(item))}", key=f"{key}.delete", icon=":material/delete:", on_click=_carry_out, args=(act, key))


def _deleted(take: Callable[[str], None], key: str) -> None:
    """What was deleted, with a way back."""
    for item in shelf.discarded(visitor_id()):
        def act(id_: str = item.id) -> None:
            shelf.bring_back(id_, visitor_id())
            take(id_)

        st.button(f"Bring back {plain(_words(item))}", key=f"{key}.back-{item.id}", icon=":material/undo:", type="tertiary", on_click=_carry_out,
                  args=(act, key))


def _carry_out(act: Callable[[], None], key: str) -> None:
    try:
        act()
    except LabError as error:   # another tab was quicker
        st.session_state[f"{key}.fault"] = str(error)
