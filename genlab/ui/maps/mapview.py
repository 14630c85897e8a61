"""A map of latent space on a page: hover, zoom, choose. All of that happens in the browser; what is settled comes back here."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from genlab.data import DataSpec, resolve
from genlab.maps import LatentMap
from genlab.maps.store import map_path
from genlab.runs import Run
from genlab.server.address import address
from genlab.ui.explore.decoding import connection, packed, target
from genlab.ui.shell.components import component

LAYERS = ("density", "thumbs", "atlas", "prior")
LONGEST = 700        # letters of a selection that an address may hold: 4 000 points

_map = component("map", html="maps/map/map.html", css="maps/map/map.css", js="maps/map/mount.js")


@dataclass(frozen=True)
class Own:
    """A picture of one's own on a map: where it lies, its latent (D,), its pixels as a data URL, its name."""

    xy: np.ndarray
    z: np.ndarray
    picture: str
    name: str


@dataclass(frozen=True)
class Seen:
    """What is seen on a map. colour: column of the attributes, "error", "part", "none" or "auto"; hidden: groups of it; picks: points, two at most;
    a, b : selections, bool (N,), None where there is none
    """

    colour: str = "auto"
    hidden: tuple[int, ...] = ()
    query: str = ""
    layers: tuple[str, ...] = ()
    picks: tuple[int, ...] = ()
    a: np.ndarray | None = None
    b: np.ndarray | None = None


def show_map(run: Run, name: str, found: LatentMap, *, key: str, seen: dict | None = None, push: int = 0, height: int = 500, small: bool = False,
             own: Sequence[Own] = ()) -> Seen:
    """The map of this name, and what is seen on it now. `seen` is where it starts, and where it goes when `push` grows."""
    spec = resolve(run.plan.data)
    result = _map(key=key, height="content", on_seen_change=lambda: None, data={
        **connection(), "target": target(run.id, found.step), "url": map_url(run, name), "thumbs": address("thumb", "run", run.id), "size": spec.size,
        "seen": seen or {}, "push": push, "height": height, "small": small, "group": group_of(spec),
        "own": [{"x": float(o.xy[0]), "y": float(o.xy[1]), "z": packed(o.z), "src": o.picture, "label": o.name} for o in own]})
    answer = result.seen
    if not isinstance(answer, dict) or answer.get("url") != map_url(run, name):
        answer = seen or {}
    return read_seen(answer, len(found))


def map_url(run: Run, name: str) -> str:
    """Where the browser gets the map; another address where the file is another."""
    return address("map", run.id, f"{name}.bin", v=f"{map_path(run.id, name).stat().st_mtime_ns:x}")


def group_of(spec: DataSpec) -> str:
    """Maps of the same images light up together, however many of them each was trained on."""
    return spec.model_copy(update={"n": None}).model_dump_json()


def read_seen(answer: dict, count: int) -> Seen:
    """What a browser or an address says is seen, whatever it says."""
    picks = tuple(i for i in _list(answer.get("picks")) if isinstance(i, int) and 0 <= i < count)[:2]
    return Seen(str(answer.get("colour", "auto"))[:8], tuple(v for v in _list(answer.get("hidden")) if isinstance(v, int))[:64],
                str(answer.get("query", ""))[:200], tuple(name for name in LAYERS if name in _list(answer.get("layers"))), picks,
                _flags(answer.get("a"), count), _flags(answer.get("b"), count))


def _list(value: object) -> list:
    return value if isinstance(value, list) else []


def _flags(text: object, count: int) -> np.ndarray | None:
    """One bit a point, in base64, the first in the lowest bit.  -> bool (count,)"""
    if not isinstance(text, str) or not text:
        return None
    try:
        data = np.frombuffer(base64.b64decode(text + "=" * (-len(text) % 4)), np.uint8)
    except ValueError:
        return None
    flags = np.unpackbits(data, bitorder="little")[:count].astype(bool)
    return np.pad(flags, (0, count - len(flags))) if flags.any() else None


def _text(flags: np.ndarray) -> str:
    return base64.b64encode(np.packbits(flags, bitorder="little").tobytes()).decode()


def to_address(seen: Seen) -> dict[str, str]:
    """The parameters of an address that stand for what is seen; a selection of very many points is left out."""
    query = {"colour": seen.colour if seen.colour != "auto" else "", "hide": ",".join(map(str, seen.hidden)), "find": seen.query,
             "over": ",".join(seen.layers), "pick": ",".join(map(str, seen.picks))}
    for name in "ab":
        flags = getattr(seen, name)
        text = "" if flags is None else _text(flags)
        query[name] = text if len(text) <= LONGEST else ""
    return {k: v for k, v in query.items() if v}


def from_address(query: dict[str, str]) -> dict:
    """What an address asks to see, as the browser takes it."""
    numbers = {name: [int(v) for v in query.get(name, "").split(",") if v.isascii() and v.isdigit() and len(v) < 8] for name in ("hide", "pick")}
    return {"colour": query.get("colour", "auto"), "hidden": numbers["hide"], "query": query.get("find", ""),
            "layers": [name for name in query.get("over", "").split(",") if name in LAYERS], "picks": numbers["pick"][:2],
            **{name: query.get(name, "").replace(" ", "+")[:LONGEST] for name in "ab"}}


def asked_seen(key: str) -> dict:
    """What the address asked to see when somebody came with it."""
    return from_address(st.session_state.get(f"{key}.asked", {}))
