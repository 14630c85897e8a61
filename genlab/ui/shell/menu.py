"""The menu: made from the one table of pages, and asked by whoever links to a page."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st


@dataclass(frozen=True)
class Entry:
    """One page: its file under pages/, its name in the menu, the question it answers, and a Material icon's name.

    takes_run: it opens the run that ?run= names.
    """

    file: str
    title: str
    question: str
    icon: str
    takes_run: bool = False

    @property
    def path(self) -> str:
        """The page's address below the root, the file's stem."""
        return Path(self.file).stem


Sections = dict[str, list[Entry]]


def show_menu(sections: Sections) -> tuple[Entry, "st.Page"]:
    """Draw the menu; the entry and the page that the address asks for. The first page of the table is the landing page."""
    st.session_state["menu.sections"] = sections
    entries = [entry for group in sections.values() for entry in group]
    pages = {
        e: st.Page(e.file, title=e.title, icon=f":material/{e.icon}:", url_path=e.path, default=e is entries[0], help=e.question) for e in entries
    }
    current = st.navigation({name: [pages[e] for e in group] for name, group in sections.items()}, expanded=True)
    return next(e for e, page in pages.items() if page is current), current
