"""Points in the plane over the density that they come from."""

import base64

import numpy as np
import streamlit as st

from genlab.data.shapes2d import CELLS, EXTENT, Shape, density, entropy, find_shape
from genlab.ui.shell.components import component

MOST = 20_000

_points = component("points", html="data/points/points.html", css="data/points/points.css", js="data/points/points.js")


def show_points(shape: Shape, seed: int, n: int, *, key: str) -> int:
    """The density as a heat map with the first n points of this seed on it; how many were shown last, which the browser decides."""
    data = {**_density(shape.name), **_samples(shape.name, seed), "stamp": f"{shape.name} {seed}", "title": shape.title, "n": n,
            "colours": list(st.get_option("theme.chartSequentialColors"))}
    chosen = _points(data=data, key=key, height="content", on_n_change=lambda: None).n
    return chosen if isinstance(chosen, int) and 1 <= chosen <= MOST else n


@st.cache_data(max_entries=16, show_spinner=False)
def _density(name: str) -> dict:
    """The density in 255 steps of its highest value, and the entropy in nats."""
    shape = find_shape(name)
    p = density(shape)
    return {"heat": _packed(np.rint(255 * p / p.max()), "u1"), "top": float(p.max()), "cells": CELLS, "extent": EXTENT, "entropy": entropy(shape)}


@st.cache_data(max_entries=32, show_spinner=False)
def _samples(name: str, seed: int) -> dict:
    """MOST points in steps of EXTENT / 32767, -log p of each in nats, and what one Gaussian with their mean and covariance would need."""
    shape = find_shape(name)
    points = shape.sample(MOST, seed)
    _, log_det = np.linalg.slogdet(np.cov(points.T, bias=True))
    return {"points": _packed(np.rint(np.clip(points / EXTENT, -1, 1) * 32767), "<i2"), "nll": _packed(-shape.log_prob(points), "<f4"),
            "gaussian": float(1 + np.log(2 * np.pi) + log_det / 2)}


def _packed(values: np.ndarray, kind: str) -> str:
    return base64.b64encode(values.astype(kind).tobytes()).decode()
