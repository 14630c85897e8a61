"""A sum of concepts on one board, and what the judge says of its answer."""

import base64

import numpy as np
import streamlit as st

from genlab.data.faces import FACTORS
from genlab.judge.judge import load_judge
from genlab.runs.pictures import png, tile
from genlab.sums.expression import in_words
from genlab.sums.scoring import mse
from genlab.sums.worked import Reading, Worked, read_answer
from genlab.ui.shell.components import component
from genlab.ui.shell.wall import label, value_words

COLUMNS = 8   # of the sheet, as board.js reads it
SIGNS = ("", "\u2212", "+")
INFO = {a.name: a for a in FACTORS}
UNITS = {"age": " years", "yaw": "°", "tilt": "°", "light": "°"}

_board = component("board", html="sums/board/board.html", css="sums/board/board.css", js="sums/board/board.js")


def show_board(worked: Worked, *, key: str) -> None:
    """The classic layout: examples of A, B and C with their means, the answer in the middle of eight neighbours, pixels and truth beside it."""
    nine = np.insert(worked.around, 4, worked.answer, axis=0)
    sides = [("The same in pixels", "", worked.pixels)]
    if worked.truth is not None:
        off, naive = (f"squared error {mse(x, worked.truth):.4f}" for x in (worked.answer, worked.pixels))
        sides = [("The same in pixels", naive, worked.pixels), ("True answer", f"the model's {off}", worked.truth)]
    pictures = [*worked.parts.x, worked.means, nine, np.stack([x for _, _, x in sides])]
    starts = np.cumsum([0, *map(len, pictures)]).tolist()
    terms = [{"name": name, "words": words, "cells": list(range(starts[i], starts[i + 1])), "mean": starts[3] + i}
             for i, (name, words) in enumerate(zip("ABC", worked.parts.names, strict=True))]
    words = in_words(worked.parts.sum.target) if worked.parts.sum else "A \u2212 B + C"
    _board(key=key, height="content", data={
        "sheet": base64.b64encode(png(tile(np.concatenate(pictures), COLUMNS))).decode(), "size": worked.answer.shape[1], "signs": SIGNS,
        "terms": terms, "answer": {"words": words, "cells": list(range(starts[4], starts[5]))},
        "sides": [{"label": name, "note": note, "cell": starts[5] + i} for i, (name, note, _) in enumerate(sides)]})


def show_reading(worked: Worked) -> None:
    """The judge's reading of the answer, what else changed, and how far the truth is; the same for pixels below."""
    judge = load_judge()
    st.markdown(f"**The judge reads** {in_sentences(read_answer(judge, worked, worked.answer), worked)}")
    st.caption(f"In pixels it reads {in_sentences(read_answer(judge, worked, worked.pixels), worked)}")


def in_sentences(reading: Reading, worked: Worked) -> str:
    """"woman 0.96, glasses 0.98. All else is as in the true answer..." """
    wanted = ", ".join(f"{word} {_said(word, value, worked)}{'' if right else ' (wrong)'}" for word, (right, value) in reading.wanted.items())
    as_in = "as in the true answer" if worked.truth is not None else "as in the mean of C"
    changed = [f"{label(name)} {_value(name, new)} instead of {_value(name, old)}" for name, (old, new) in reading.changed.items()]
    else_ = f"Not {as_in}: {', '.join(changed)}." if changed else f"All else is {as_in}."
    if reading.mse is None:
        return f"{wanted}. {else_}"
    return f"{wanted}. {else_} Squared error {reading.mse:.4f} per pixel; distance of the person {reading.person:.2f} (0 is the same, 1 a stranger)."


def _said(word: str, value: float, worked: Worked) -> str:
    name = next(name for name, level in worked.parts.sum.target.items() if level.shown == word)
    return _value(name, value) if INFO[name].kind == "continuous" else f"{value:.2f}"


def _value(name: str, value: float) -> str:
    words = {"man": ("woman", "man")}.get(name)
    return words[int(value)] if words else value_words(INFO[name], value) + UNITS.get(name, "")
