"""Drawing by hand: a sheet of paper whose picture becomes a model's input."""

import base64
import binascii
import io
import zlib

import numpy as np
import streamlit as st

from genlab.data.picture import decode
from genlab.data.resize import fit
from genlab.errors import DataError
from genlab.runs.pictures import png
from genlab.ui.shell.components import component

PREFIX = "data:image/png;base64,"
MOST_BYTES = 1_000_000   # of a drawing of 320 x 320
GREYS = ("#ffffff", "#000000")
COLOURS = ("#1b1b1b", "#6b4a2f", "#c98a5e", "#f0c6a0", "#f6e9d8", "#ffffff",
           "#b5352c", "#d9803a", "#e3b83d", "#5e8f63", "#3f8a96", "#5b78b5", "#8a6a9c")
PEN_GREY, PEN_COLOUR = 30, 16   # width on a sheet of 320: strokes of handwriting, details of a face

_sketch = component("sketch", html="explore/sketch/sketch.html", css="explore/sketch/sketch.css", js="explore/sketch/sketch.js")


def sketch(size: int, channels: int, *, key: str, paper: str = "#000000", picture: np.ndarray | None = None) -> np.ndarray | None:
    """What was drawn, made as small as a model's images, uint8 (channels, size, size); None while the paper is empty.

    paper is its colour; a picture, uint8 (C, H, W), lies on it to be drawn over. What was drawn before the page was left is there again.
    """
    inks = COLOURS if channels == 3 else sorted(GREYS, key=lambda ink: ink == paper)
    below = PREFIX + base64.b64encode(png(np.squeeze(picture.transpose(1, 2, 0)))).decode() if picture is not None else ""
    stamp = f"{size} {channels} {paper} {zlib.crc32(below.encode())}"
    last = st.session_state.get(f"{key}.last", {})
    drawn = last.get("png", "") if last.get("stamp") == stamp else ""
    result = _sketch(key=key, height="content", on_drawn_change=lambda: None, data={
        "stamp": stamp, "paper": paper, "picture": below, "drawn": drawn, "inks": list(inks), "isColour": channels == 3,
        "width": PEN_COLOUR if channels == 3 else PEN_GREY})
    found = result.drawn
    if isinstance(found, dict) and found.get("stamp") == stamp:
        st.session_state[f"{key}.last"] = found
        drawn = found.get("png")
    return _read(drawn, size, channels) if drawn else None


def paper_of(x: np.ndarray) -> str:
    """The colour that images have at their edges, grey ones black or white, as #rrggbb.  uint8 (N, C, H, W)"""
    edges = np.concatenate([x[..., 0, :], x[..., -1, :], x[..., :, 0], x[..., :, -1]], axis=-1).mean((0, 2))
    if len(edges) == 1:
        return GREYS[int(edges[0] < 128)]
    return "#" + "".join(f"{round(v):02x}" for v in edges)


def _read(source: object, size: int, channels: int) -> np.ndarray:
    """What the browser says, checked like any upload."""
    try:
        if not isinstance(source, str) or not source.startswith(PREFIX) or len(source) > MOST_BYTES:
            raise ValueError
        return fit(decode(io.BytesIO(base64.b64decode(source[len(PREFIX) :], validate=True))), size, channels)
    except (ValueError, binascii.Error):
        raise DataError("drawing: the page sent what is no picture; clear it and draw again") from None
