"""Choosing what a path passes through: images, draws from the prior, pictures of one's own, latents from a link."""

import hashlib
import re

import numpy as np
import streamlit as st

from genlab.errors import LabError
from genlab.lens.models import ServedModel
from genlab.lens.waypoints import Waypoint, code, draw, image
from genlab.runs import Run
from genlab.runs.pictures import png
from genlab.ui.data.few import say_few
from genlab.ui.explore.inverting import can_find, found, in_words
from genlab.ui.explore.startpoint import PICTURES, read_own
from genlab.ui.shell.components import component
from genlab.ui.shell.links import z_from_text, z_to_text
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.pictures import data_url

MOST = 12    # waypoints
FIRST = 3    # waypoints to begin with: images, and draws where those are too few
SHOWN = 16   # images to add from at once
NAME = re.compile(r"image:[0-9]{1,9}|seed:[0-9]{1,10}|own:[0-9a-f]{8}|z:[A-Za-z0-9_-]{1,3000}")

_stops = component("stops", html="explore/stops/stops.html", css="explore/stops/stops.css", js="explore/stops/stops.js")


def put_stops(key: str, text: str) -> None:
    """Put the waypoints of an address, names with commas between, in place of those chosen; with the page's next run."""
    names = text.split(",") if text else []
    wrong = [name for name in names if not NAME.fullmatch(name)]
    if wrong or len(names) > MOST:
        what = f"waypoint {wrong[0][:20]!r} is damaged" if wrong else f"{len(names)} waypoints are too many, {MOST} can be passed"
        raise LabError(f"address: {what}; copy the whole link")
    last = st.session_state.get(f"{key}.pushed") or {"n": 0}
    st.session_state[f"{key}.pushed"] = {"n": last["n"] + 1, "names": names}


def choose_stops(run: Run, model: ServedModel, count: int, *, uses: int, key: str) -> list[str]:
    """Names of the waypoints chosen, in their order. count: images there are, 0 without an encoder; uses: how many the path passes"""
    if count:
        say_few(run)
    pushed = st.session_state.get(f"{key}.pushed")
    if not pushed or not count and any(name.startswith(("image", "own")) for name in pushed["names"]):   # a run that encodes nothing
        put_stops(key, ",".join([f"image:{i}" for i in range(min(FIRST, count))] + [f"seed:{i}" for i in range(FIRST - min(FIRST, count))]))
    pushed = st.session_state[f"{key}.pushed"]
    pictures = {name: _data_url(model, name, key) for name in pushed["names"] if name.startswith(("own", "z"))}
    result = _stops(key=key, height="content", on_chosen_change=lambda: None, data={
        "run": run.id, "count": count, "shown": SHOWN, "most": MOST, "uses": uses, "n": pushed["n"], "names": pushed["names"], "pictures": pictures})
    names = _chosen(result.chosen, pushed)
    st.session_state[f"{key}.pushed"] = pushed | {"names": names}   # what the page comes back with when it is left
    return names


def waypoint(run: Run, model: ServedModel, name: str, *, key: str) -> Waypoint:
    """What a name stands for; LabError where that is not there, or does not fit this run."""
    kind, _, value = name.partition(":")
    match kind:
        case "image":
            return image(run.plan.data, int(value))
        case "seed":
            return draw(int(value))
        case "own":
            x = _own(key).get(name)
            if x is None or x.shape != (model.channels, model.size, model.size):
                raise LabError("your picture was made for images of another size; remove it and upload it again")
            return Waypoint(name, x=x)
        case _:
            return Waypoint(name, z=z_from_text(value, model.latent_dim))


def words(name: str) -> str:
    """A waypoint's name as people read it."""
    kind, _, value = name.partition(":")
    return {"own": "yours", "z": "from the link"}.get(kind, f"{kind} {value}")


def address_of(model: ServedModel, waypoints: list[Waypoint]) -> str:
    """The names as an address has them: one's own picture, which nobody else has, as its code."""
    return ",".join(f"z:{z_to_text(code(model, w))}" if w.name.startswith("own") else w.name for w in waypoints)


def upload_stop(run: Run, model: ServedModel, *, key: str) -> None:
    """A place for a picture of one's own, which becomes one more waypoint."""
    with st.popover("Your own picture", icon=":material/upload:"), errors_shown():
        file = st.file_uploader("A picture", type=PICTURES, key=f"{key}.upload", label_visibility="collapsed")
        how = "encoded" if model.can_encode else "searched for"
        st.caption(f"It is made square and as small as the model's images, and {how}. It stays in this session.")
        name, inversion = st.session_state.get(f"{key}.inversion", ("", None))
        if name in st.session_state[f"{key}.pushed"]["names"]:
            st.caption(in_words(inversion))
        if file is None or st.session_state.get(f"{key}.taken") == file.file_id:
            return
        if not model.can_encode and not can_find(run, model, key=key):
            return
        st.session_state[f"{key}.taken"] = file.file_id
        x = read_own(file, model)
        if model.can_encode:
            name = f"own:{hashlib.blake2b(x.tobytes(), digest_size=4).hexdigest()}"
            _own(key)[name] = x
        else:
            inversion = found(model, x)
            name = f"z:{z_to_text(inversion.z)}"
            st.session_state[f"{key}.inversion"] = (name, inversion)
        put_stops(key, ",".join([*st.session_state[f"{key}.pushed"]["names"][: MOST - 1], name]))
        st.rerun(scope="fragment")


def _own(key: str) -> dict[str, np.ndarray]:
    return st.session_state.setdefault(f"{key}.own", {})


def _chosen(chosen: object, pushed: dict) -> list[str]:
    """What the browser says if it knows of the last push, else what was put there."""
    if isinstance(chosen, dict) and chosen.get("n") == pushed["n"]:
        names = chosen.get("names")
        if isinstance(names, list) and len(names) <= MOST and all(isinstance(name, str) and NAME.fullmatch(name) for name in names):
            return names
    return pushed["names"]


def _data_url(model: ServedModel, name: str, key: str) -> str:
    """A waypoint that no route knows, as a picture in the page's own message; empty where it does not fit this run."""
    try:
        x = _own(key)[name].transpose(1, 2, 0) if name in _own(key) else model.decode(z_from_text(name[2:], model.latent_dim)[None])[0]
    except LabError:
        return ""
    return data_url(png(x[..., 0] if x.shape[2] == 1 else x))
