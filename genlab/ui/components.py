"""The lab's own components: JavaScript and styles from assets/, joined into one module each."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).parent / "assets"


def component(name: str, *, html: str, css: str, js: tuple[str, ...]) -> Callable:
    """A Streamlit component of files in assets/: the scripts become one module in this order, the last one exports its main function.

    address.js, which knows where the server's routes are, comes before them all.
    """
    return st.components.v2.component(
        f"genlab_{name}",
        html=(ASSETS / html).read_text(),
        css=(ASSETS / css).read_text(),
        js="\n".join((ASSETS / script).read_text() for script in ("address.js", *js)),
    )
