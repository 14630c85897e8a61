"""A wall of images: as large as one likes on the screen, each with what is known about it."""

import base64
import hashlib
import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from genlab.data import DataSpec, ImageSet
from genlab.data.base import Attribute
from genlab.lens.images import IMAGES
from genlab.runs.pictures import png, tile
from genlab.ui.shell.components import component

COLUMNS = 8          # of the sheet that is sent; the browser lays it out anew
PIXELS = 80 * 64**2   # of one wall
MOST = 160

_wall = component("wall", html="shell/wall/wall.html", css="shell/wall/wall.css", js="shell/wall/wall.js")


def per_page(size: int) -> int:
    """Images of this size on one wall: as many as can be drawn while somebody waits."""
    return int(np.clip(PIXELS // size**2, 4, MOST))


def show_wall(spec: DataSpec, numbers: Sequence[int], *, key: str, picked: int | None = None, opens: str = "") -> tuple[int | None, int | None]:
    """The training images with these numbers; the number of the one that is looked at, and of the one whose button `opens` was pressed."""
    sheet, words = _sheet(spec.model_dump_json(), tuple(numbers))
    stamp = hashlib.blake2b(sheet.encode(), digest_size=8).hexdigest()
    result = _wall(key=key, height="content", on_picked_change=lambda: None, on_open_change=lambda: None, default={"picked": picked}, data={
        "sheet": sheet, "stamp": stamp, "size": spec.size, "numbers": list(numbers), "words": words,
        "side": _side(len(numbers)), "picked": picked, "opens": opens})
    return _one_of(result.picked, numbers), _one_of(result.open, numbers)


def _side(count: int) -> int:
    """Pixels on the screen of each of so many images: few are shown large."""
    return int(np.clip(math.sqrt(280_000 / count), 72, 320))


def _one_of(number: object, numbers: Sequence[int]) -> int | None:
    return number if isinstance(number, int) and number in numbers else None


@st.cache_data(max_entries=32, show_spinner=False)
def _sheet(spec: str, numbers: tuple[int, ...]) -> tuple[str, list]:
    """A PNG in base64 of these images, and for each the names and values of its attributes."""
    images = IMAGES.take(DataSpec.model_validate_json(spec), "train", list(numbers))
    return base64.b64encode(png(tile(images.x, COLUMNS))).decode(), in_words(images)


def in_words(images: ImageSet) -> list[list[tuple[str, str]]]:
    """For each image the name and value of each of its attributes, as a person says them."""
    return [[(label(a.name), value_words(a, value)) for a, value in zip(images.attribute_info, row, strict=True)] for row in images.attributes]


def label(name: str) -> str:
    """An attribute's name without the marks that files need."""
    return name.replace("_", " ")


def value_words(attribute: Attribute, value: float) -> str:
    if np.isnan(value):
        return "unknown"
    if attribute.kind == "continuous":
        digits = max(0, 2 - math.floor(math.log10(max(attribute.high - attribute.low, 1e-9))))
        return f"{value:.{digits}f}".replace("-", "\u2212")
    return (attribute.choices or ("no", "yes"))[int(value)]
