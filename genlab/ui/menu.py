"""The menu: made from the one table of pages, and asked by whoever links to a page."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st


@dataclass(frozen=True)
class Entry:
    """One page: its file under pages/, its name in the menu, the question it answers, and a Material icon's name."""

    file: str
    title: str
    question: str
    icon: str

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


def page_links(*, but: str = "") -> None:
    """A link to every page with the question it answers, a column for each section; `but` is the file of the page that asks."""
    sections = {name: [e for e in group if e.file != but] for name, group in st.session_state["menu.sections"].items()}
    sections = {name: group for name, group in sections.items() if group}
    for column, (name, group) in zip(st.columns(len(sections), gap="large"), sections.items(), strict=True):
        column.subheader(name, anchor=False)
        for entry in group:
            column.page_link(entry.file, label=f"**{entry.title}**", icon=f":material/{entry.icon}:")
            column.caption(entry.question)
