"""What makes a face? Change one thing and watch."""

import csv
import io
import json

import streamlit as st

from genlab.ui.data.portrait import Person, person_from, show_portrait
from genlab.ui.shell.address import write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown

KEY = "portrait"


def as_csv(person: Person) -> str:
    """The factors as a table of one row."""
    text = io.StringIO()
    table = person.table()
    csv.writer(text).writerows([table.keys(), table.values()])
    return text.getvalue()


@st.fragment
@errors_shown()
def live() -> None:
    """The portrait, and what can be taken away of it."""
    asked = person_from(st.query_params)
    first = asked or st.session_state.get(f"{KEY}.person", Person(18))
    person = show_portrait(first, key=f"{KEY}.panel")
    st.session_state[f"{KEY}.person"] = person
    write_address(KEY, person.query())
    name = f"person-{person.number}"
    with st.container(horizontal=True, vertical_alignment="center"):
        keep = {"on_click": "ignore", "icon": ":material/download:"}
        st.download_button("Picture", person.png, f"{name}.png", "image/png", key=f"{KEY}.png", **keep)
        st.download_button("Factors as JSON", json.dumps(person.table(), indent=1), f"{name}.json", "application/json", key=f"{KEY}.json", **keep)
        st.download_button("Factors as CSV", as_csv(person), f"{name}.csv", "text/csv", key=f"{KEY}.csv", **keep)
        copy_link(person.query(), key=f"{KEY}.link")


live()
st.caption("Every face is drawn from 18 attributes, which a model can be asked about, and 31 proportions and belongings that make a person. "
           "What is drawn is exactly known, so what a model makes of it can be measured.")
