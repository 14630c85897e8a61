"""What moving the sliders changed in a face, read by the judge: each attribute before and after, those that moved marked."""

from html import escape

import numpy as np
import streamlit as st

from genlab.errors import RunError
from genlab.judge.judge import load_judge
from genlab.lens.models import MODELS, ServedModel
from genlab.measures.changes import Change, Comparison, compare
from genlab.runs import Run
from genlab.ui.shell.wall import label, value_words

STYLE = """<style>
.changes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 0 1.8rem; font-size: 0.9rem; }
.changes > div { display: grid; grid-template-columns: 5.8rem 1fr 7.8rem; gap: 0.6rem; align-items: center; line-height: 1.75; opacity: 0.7; }
.changes > div.moved { opacity: 1; font-weight: 600; }
.changes > div > span:last-child { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.track { position: relative; height: 1rem; margin: 0 5px; }
.track i { position: absolute; top: 50%; translate: -50% -50%; width: 9px; height: 9px; border-radius: 50%; border: 1.5px solid;
  box-sizing: border-box; }
.track i.line { translate: 0 -50%; height: 2px; border: none; border-radius: 1px; background: currentColor; opacity: 0.3; }
.track i.way { translate: 0 -50%; width: 0; height: 4px; border: none; border-radius: 2px; background: #2389a9; }
.track i.now { background: #2389a9; border-color: #2389a9; }
</style>"""


def can_be_judged(run: Run) -> bool:
    """True for runs whose pictures the judge can read."""
    return run.plan.data.name == "faces" and run.plan.data.channels == 3


def show_changes(run: Run, model: ServedModel, before: np.ndarray, after: np.ndarray) -> None:
    """A row for every attribute of the face at latent `before`, (D,), against the one at `after`; a sentence where no judge is there."""
    st.markdown("**What changed**, as the judge reads both faces")
    try:
        stamp = id(load_judge())   # the same object as long as its files are the same
        found = _compared(run.id, model.step, _bytes(before), _bytes(after), stamp)
    except RunError as error:
        st.caption(f"Nobody can tell: {error}.")
        return
    st.html(STYLE + f'<div class="changes">{"".join(map(_row, _moved_first(found)))}</div>')
    st.caption(in_words(found))


def in_words(found: Comparison) -> str:
    """The comparison in a sentence."""
    moved = [label(c.attribute.name) for c in _moved_first(found) if c.moved]
    what = f"Moved: {', '.join(moved)}." if moved else "Nothing moved by more than the judge may err."
    return f"{what} As a person they are {found.identity:.2f} apart: 0 is the same one, 1 a stranger."


@st.cache_data(max_entries=256, show_spinner=False)
def _compared(run_id: str, step: int, before: bytes, after: bytes, judge_stamp: int) -> Comparison:
    z = np.stack([np.frombuffer(part, np.float32) for part in (before, after)])
    pixels = MODELS.get(run_id, exact=True).decode(z).transpose(0, 3, 1, 2)
    return compare(load_judge(), *pixels)


def _bytes(z: np.ndarray) -> bytes:
    return np.asarray(z, np.float32).tobytes()


def _moved_first(found: Comparison) -> list[Change]:
    return sorted(found.changes, key=lambda c: (not c.moved, -c.size if c.moved else 0))


def _row(change: Change) -> str:
    name, before, after = (escape(text) for text in (label(change.attribute.name), *_words(change)))
    said = before if before == after else f"{before} → {after}"
    return f'<div{" class=moved" if change.moved else ""}><span>{name}</span>{_track(change)}<span>{said}</span></div>'


def _words(change: Change) -> tuple[str, str]:
    if change.attribute.kind == "binary":
        return tuple(f"{100 * chance:.0f} %" for chance in (change.before, change.after))
    return tuple(value_words(change.attribute, value) for value in (change.before, change.after))


def _track(change: Change) -> str:
    """A line from one end of the range to the other, a ring where it was, a dot where it is; nothing for a category."""
    attribute = change.attribute
    if attribute.kind == "categorical":
        return "<span></span>"
    low, high = (0.0, 1.0) if attribute.kind == "binary" else (attribute.low, attribute.high)
    a, b = (100 * (v - low) / (high - low) for v in (change.before, change.after))
    places = (("line", 0, 100), ("way", min(a, b), abs(b - a)), ("was", a, 0), ("now", b, 0))
    parts = (f'<i class="{name}" style="left:{left:.1f}%{f";width:{width:.1f}%" if width else ""}"></i>' for name, left, width in places)
    return f'<span class="track">{"".join(parts)}</span>'
