"""Sliders that pictures follow: latents go from the browser to the decode socket at every move, to Python on release alone."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from genlab.errors import LabError
from genlab.latent.arrays import vector
from genlab.latent.laws import NORMAL, Law
from genlab.lens.models import NEWEST
from genlab.ui.explore.decoding import connection, packed, target
from genlab.ui.shell.components import component

_scrubber = component("scrubber", html="explore/scrubber/scrubber.html", css="explore/scrubber/scrubber.css", js="explore/scrubber/scrubber.js")


@dataclass(frozen=True)
class Axis:
    """One slider. direction, of shape (D,), is how far z moves when the slider moves by 1; start is where a double click returns it."""

    name: str
    direction: np.ndarray
    low: float = -3.0
    high: float = 3.0
    start: float = 0.0
    step: float = 0.1
    note: str = ""
    is_folded: bool = False


@dataclass(frozen=True)
class Own:
    """Latents of another model for the same sliders: where it starts, (D,), and how far each slider moves it, (K, D)."""

    z0: np.ndarray
    directions: np.ndarray


@dataclass(frozen=True)
class View:
    """One picture that follows: of a run, at a kept step or its newest weights; along its own axes where `own` says so.

    The first view of a scrubber has none of its own.
    """

    run_id: str
    step: int = NEWEST
    label: str = ""
    own: Own | None = None


@dataclass(frozen=True)
class Scrubbed:
    """Where the sliders were let go: amounts of shape (K,), and the latent there, z of shape (D,)."""

    amounts: np.ndarray
    z: np.ndarray


@dataclass(frozen=True)
class Look:
    """How a scrubber looks. quantiles are those of the law; pictures stand still beside the views: label and uint8 (C, H, W) each."""

    size_px: int = 320
    unit: str = " σ"
    quantiles: bool = False
    law: Law = NORMAL
    folded: str = "More axes"
    pictures: Sequence[tuple[str, np.ndarray]] = field(default=())


def scrubber(key: str, z0: np.ndarray, axes: Sequence[Axis], views: Sequence[View], *, amounts: np.ndarray | None = None,
             is_live: bool = False, look: Look = Look()) -> Scrubbed:
    """Sliders for `axes` around z0, (D,), and the views that follow them; where they were last let go.

    amounts, (K,), is where they stand at first, each axis's start where None; they stand there again whenever z0 or an axis
    changes. is_live asks once a second whether a training run has newer weights. The pictures never wait for Python; what
    is returned changes on release, and reruns the fragment around.
    """
    z0 = vector(z0, "scrubber")
    if not views or not axes:
        raise LabError(f"scrubber: {len(axes)} axes and {len(views)} views; at least one of each is needed")
    law = {"bound": look.law.bound if look.law is not NORMAL else 0, "std": look.law.std}   # JSON has no infinity
    space = {"z0": packed(z0), "axes": [_axis(axis, len(z0)) for axis in axes], **law}
    stamp = hashlib.blake2b(json.dumps(space).encode(), digest_size=8).hexdigest()
    pushed = st.session_state.get(f"{key}.pushed")
    first = np.array([a.start for a in axes]) if amounts is None else amounts
    if pushed is None or pushed["stamp"] not in (stamp, None) or len(pushed["values"]) != len(axes):
        pushed = {"n": (pushed or {"n": 0})["n"] + 1, "values": vector(first, "scrubber", dim=len(axes)).tolist()}
    st.session_state[f"{key}.pushed"] = pushed | {"stamp": stamp}
    result = _scrubber(key=key, on_moved_change=lambda: None, data={
        **space, "stamp": stamp, "push": {"n": pushed["n"], "values": pushed["values"]}, "live": is_live,
        "views": [_view(view, len(axes)) for view in views],
        "pictures": [_picture(label, x) for label, x in look.pictures],
        "size": look.size_px, "unit": look.unit, "quantiles": look.quantiles, "folded": look.folded,
        **connection(),
    })
    values = np.clip(_moved(result.moved, stamp, pushed), [a.low for a in axes], [a.high for a in axes])
    st.session_state[f"{key}.pushed"]["values"] = values.tolist()   # where they stand again when the page is left and come back to
    return Scrubbed(values, z0 + values @ np.stack([a.direction for a in axes]))


def move(key: str, amounts: np.ndarray) -> None:
    """Put the sliders of a scrubber elsewhere with the page's next run: for undo, redo and a link. Call it before `scrubber`."""
    last = st.session_state.get(f"{key}.pushed") or {"n": 0, "stamp": None}
    st.session_state[f"{key}.pushed"] = {**last, "n": last["n"] + 1, "values": np.asarray(amounts, float).tolist()}


def _moved(moved: object, stamp: str, pushed: dict) -> np.ndarray:
    """What the browser says if it speaks of these sliders and knows of the last push; else where they were put."""
    if isinstance(moved, dict) and moved.get("stamp") == stamp and moved.get("n", 0) >= pushed["n"]:
        values = moved.get("values")
        if isinstance(values, list) and len(values) == len(pushed["values"]) and all(isinstance(v, int | float) for v in values):
            return np.nan_to_num(np.array(values, float))
    return np.array(pushed["values"], float)


def _axis(axis: Axis, dim: int) -> dict:
    if not axis.low < axis.high or not axis.low <= axis.start <= axis.high:
        raise LabError(f"scrubber, axis {axis.name!r}: {axis.low} to {axis.high} from {axis.start}; low < high with start between is needed")
    return {"name": axis.name, "low": axis.low, "high": axis.high, "start": axis.start, "step": axis.step, "note": axis.note,
            "folded": axis.is_folded, **_move(vector(axis.direction, f"scrubber, axis {axis.name!r}", dim=dim))}


def _move(direction: np.ndarray) -> dict:
    moves = np.flatnonzero(direction)
    return {"at": [int(moves[0]), float(direction[moves[0]])]} if len(moves) == 1 else {"row": packed(direction)}


def _view(view: View, count: int) -> dict:
    told = {"target": target(view.run_id, view.step), "label": view.label}
    if view.own is None:
        return told
    z0 = vector(view.own.z0, f"scrubber, {view.run_id}")
    if len(view.own.directions) != count:
        raise LabError(f"scrubber, {view.run_id}: {len(view.own.directions)} directions for {count} sliders; one for each is needed")
    return told | {"own": {"z0": packed(z0), "axes": [_move(vector(d, f"scrubber, {view.run_id}", dim=len(z0))) for d in view.own.directions]}}


def _picture(label: str, x: np.ndarray) -> dict:
    channels, height, width = x.shape
    pixels = base64.b64encode(np.ascontiguousarray(x.transpose(1, 2, 0), np.uint8)).decode()
    return {"label": label, "width": width, "height": height, "channels": channels, "pixels": pixels}
