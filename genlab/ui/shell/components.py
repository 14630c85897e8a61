"""The lab's own components: scripts and styles that lie beside the Python that shows them.

The scripts are ES modules that import each other by relative paths. A component of Streamlit is one script, so `bundle` joins them.
"""

import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

UI = Path(__file__).resolve().parent.parent
IMPORT = re.compile(r"^import \{([^}]+)\} from '(\.{1,2}/[\w./-]+\.js)';\n", re.MULTILINE)
EXPORT = re.compile(r"^export (?!default )", re.MULTILINE)


def component(name: str, *, html: str, css: str, js: str) -> Callable:
    """A Streamlit component of files below genlab/ui/; js is the module that exports its main function."""
    return st.components.v2.component(f"genlab_{name}", html=(UI / html).read_text(), css=(UI / css).read_text(), js=bundle(UI / js))


def bundle(entry: Path) -> str:
    """The module and all that it imports as one script, each file once and after those it needs; they share one scope."""
    return "\n".join(EXPORT.sub("", IMPORT.sub("", path.read_text())) for path in modules(entry))


def modules(entry: Path) -> list[Path]:
    """The files that a module is made of, in the order in which they can run."""
    found: list[Path] = []

    def visit(path: Path) -> None:
        for _, name in IMPORT.findall(path.read_text()):
            if (needed := (path.parent / name).resolve()) not in found:
                visit(needed)
        if path not in found:
            found.append(path)

    visit(entry.resolve())
    return found
