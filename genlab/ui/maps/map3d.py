"""A map in three dimensions, for a look around."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genlab.data.base import Attribute
from genlab.maps import LatentMap
from genlab.runs import Run

if TYPE_CHECKING:   # a fifth of a second to import, and the first screen does without
    import plotly.graph_objects as go

MOST_GROUPS = 12


def show_solid(run: Run, found: LatentMap, known: tuple[np.ndarray, tuple[Attribute, ...]], *, key: str) -> None:
    """The map as a cloud that can be turned; colour by an attribute or by reconstruction error."""
    attributes, info = known
    choices = [*range(len(info)), *(["reconstruction error"] if found.images else [])] or ["nothing"]
    by = st.selectbox("Colour by", choices, format_func=lambda c: info[c].name.replace("_", " ") if isinstance(c, int) else c,
                      key=f"{key}.by", width=260)
    st.plotly_chart(_figure(found, attributes, info, by), key=f"{key}.{run.id}", width="stretch", height=620)
    true = found.fidelity
    st.caption(f"Drag to turn, wheel to zoom. Trustworthiness {true['trustworthiness']:.3f}, neighbour agreement {true['agreement']:.2f}.")


def _figure(found: LatentMap, attributes: np.ndarray, info: tuple[Attribute, ...], by: int | str) -> "go.Figure":
    import plotly.graph_objects as go

    n, traces = found.images or len(found), []
    xyz, words = found.xy[:n], np.array([f"{part} {at}" for part, at in found.places[:n]])
    if isinstance(by, int) and info[by].kind != "continuous":
        names = info[by].choices or ("no", "yes")
        groups = [(name, np.flatnonzero(attributes[:, by] == v)) for v, name in enumerate(names)]
        traces = [_trace(xyz[at], words[at], name) for name, at in groups if len(at)][:MOST_GROUPS]
    else:
        values = attributes[:, by] if isinstance(by, int) else found.error[:n]
        values = np.zeros(n) if np.isnan(values).all() else np.nan_to_num(np.minimum(values, np.nanquantile(values, 0.98)))
        traces = [_trace(xyz, words, "", values)]
    axes = dict.fromkeys(("xaxis", "yaxis", "zaxis"), {"title": "", "showticklabels": False})
    return go.Figure(traces, {"scene": axes, "margin": {"l": 0, "r": 0, "t": 0, "b": 0}, "legend": {"itemsizing": "constant"}, "uirevision": "same"})


def _trace(xyz: np.ndarray, words: np.ndarray, name: str, values: np.ndarray | None = None) -> "go.Scatter3d":
    import plotly.graph_objects as go

    marker = {"size": 2.5} if values is None else {"size": 2.5, "color": values, "colorscale": "Viridis", "showscale": True}
    return go.Scatter3d(x=xyz[:, 0], y=xyz[:, 1], z=xyz[:, 2], mode="markers", name=name, text=words, hoverinfo="text+name", marker=marker)
