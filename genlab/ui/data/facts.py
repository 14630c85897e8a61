"""What is known about many images, drawn: how attributes are spread, and which go together."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from genlab.data import Attribute, DataSpec
from genlab.data.base import Facts
from genlab.data.facts import correlations, distributions, pearson, train_facts
from genlab.lens.images import IMAGES
from genlab.ui.shell.components import component
from genlab.ui.shell.wall import label

_distributions = component("distributions", html="data/facts/distributions.html", css="data/facts/facts.css", js="data/facts/distributions.js")
_matrix = component("matrix", html="data/facts/matrix.html", css="data/facts/facts.css", js="data/facts/matrix.js")


@st.cache_data(max_entries=16, show_spinner=False)
def facts_of(spec: str) -> Facts:
    """What is known about the training images of a DataSpec in JSON."""
    return train_facts(IMAGES.open(DataSpec.model_validate_json(spec)))


def show_distributions(facts: Facts, *, key: str) -> None:
    """Shares of what is or is not, bars for choices, columns for what can be measured."""
    shown = [{"name": label(d.attribute.name), "kind": d.attribute.kind, "low": d.attribute.low, "high": d.attribute.high, "counts": d.counts,
              "choices": d.attribute.choices, "mean": None if np.isnan(d.mean) else d.mean, "unit": ""} for d in distributions(facts)]
    _distributions(data={"facts": shown}, key=key, height="content")


def show_matrix(facts: Facts, tied: tuple[tuple[str, str, float], ...], *, key: str, can_set: bool) -> tuple[str, str] | None:
    """Every correlation as a coloured cell; the pair that was clicked, where correlations can be set."""
    names = [a.name for a in facts.info]
    r = [[None if np.isnan(v) else round(v, 3) for v in row] for row in correlations(facts).tolist()]
    result = _matrix(key=key, height="content", on_pair_change=lambda: None, data={
        "names": [label(name) for name in names], "r": r, "sets": can_set, "reading": chance(len(facts)),
        "chosen": [[names.index(a), names.index(b)] for a, b, _ in tied]})
    pair = result.pair
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(i, int) and 0 <= i < len(names) for i in pair)):
        return None
    return names[pair[0]], names[pair[1]]


def show_moves(rows: Sequence[str], columns: Sequence[str], moves: np.ndarray, reading: str, *, key: str) -> None:
    """How much each direction moves each attribute, (rows, columns) in standard deviations, as coloured cells."""
    said = [[f"{label(row)} moves {label(column)} by {move:+.2f} standard deviations".replace("-", "\u2212")
             for column, move in zip(columns, line, strict=True)] for row, line in zip(rows, moves, strict=True)]
    _matrix(key=key, height="content", on_pair_change=lambda: None, data={
        "names": [label(name) for name in columns], "rows": [label(name) for name in rows], "r": np.clip(moves, -1, 1).round(3).tolist(),
        "said": said, "sets": False, "reading": reading, "chosen": []})


def chance(n: int) -> str:
    """How far from 0 correlations are when there are none."""
    if n < 4:
        return "Correlations of so few images say nothing."
    return f"Blue: they come together, orange: one without the other. Chance alone gives {n} images up to ±{min(1, 2 / np.sqrt(n)):.2f}."


def reading(facts: Facts, a: str, b: str) -> str:
    """What a correlation means for these images, in one sentence."""
    names = [info.name for info in facts.info]
    (info_a, x), (info_b, y) = ((facts.info[names.index(name)], facts.attributes[:, names.index(name)]) for name in (a, b))
    if info_b.kind == "binary" and info_a.kind != "binary":
        info_a, x, info_b, y = info_b, y, info_a, x
    strength = f"r = {pearson(x, y):+.2f}".replace("-", "\u2212")
    if info_a.kind != "binary" or not {0, 1} <= set(x.tolist()):
        return f"{label(a)} with {label(b)}: {strength} over {len(facts)} images."
    having, lacking = (_middle(info_b, y[x == value]) for value in (1, 0))
    return f"With {label(info_a.name)}: {having}. Without: {lacking}. {strength} over {len(facts)} images."


def _middle(info: Attribute, column: np.ndarray) -> str:
    """Where an attribute's values lie, in a few words."""
    column = column[~np.isnan(column)]
    if not len(column):
        return f"{label(info.name)} unknown"
    name, mean = label(info.name), float(column.mean())
    if info.kind == "binary":
        return f"{100 * mean:.0f} % {name}"
    if info.kind == "categorical":
        return f"{name} mostly {info.choices[int(np.bincount(column.astype(int)).argmax())]}"
    return f"{name} {mean:.3g} on average".replace("-", "\u2212")
