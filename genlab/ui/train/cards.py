"""What the lab holds: a row for each section, its pages as cards with a real picture each."""

from functools import lru_cache
from html import escape

import numpy as np
import streamlit as st

from genlab.data.shapes2d import find_shape
from genlab.lens.morph import Morph
from genlab.paths import checkpoints_dir
from genlab.runs import Run
from genlab.runs.pictures import png
from genlab.server.address import address
from genlab.ui.shell.menu import Entry
from genlab.ui.shell.pictures import data_url

WIDTH = 168     # CSS pixels of a card, at least
INK = (35, 137, 169, 200)
DIGITS = ("mnist-vae-16", "digits-vae-16")


def show_cards(run: Run | None, morph: Morph | None, *, but: str) -> None:
    """Every section but the one called `but`. Pictures come from the run, or from data where there is none."""
    sections = {name: group for name, group in st.session_state["menu.sections"].items() if name != but}
    for name, group in sections.items():
        st.subheader(name, anchor=False)
        with st.grid(min_column_width=WIDTH, gap="small", key=f"cards-{name.lower()}"):
            for number, entry in enumerate(group):
                with st.container(key=f"card-{entry.path}", gap="xxsmall"):
                    source = picture(entry, run, morph, number)
                    if source:
                        st.html(f'<img src="{escape(source)}" alt="" loading="lazy">')
                    st.page_link(entry.file, label=f"**{entry.title}**", icon=f":material/{entry.icon}:")
                    st.caption(entry.question)


def picture(entry: Entry, run: Run | None, morph: Morph | None, number: int) -> str:
    """Where a card's picture comes from, two of them wide and one high; empty where there is nothing to show.

    A page that nothing is said about here shows the run's held-out images, each page others.
    """
    match entry.path:
        case "images":
            return address("thumb", "data", "faces", "train", "0,1,2,3,4,5,6,7.png", size=64, columns=4)
        case "portrait":
            return address("thumb", "data", "faces", "train", "8,12.png", size=128, columns=2)
        case "seasons":
            return address("thumb", "data", "scenes", "train", "4,2.png", size=128, columns=2)
        case "points":
            return dots("moons", "spiral")
        case "plane":
            return dots("ring", "grid")
        case "vanishing":
            return dots("checkerboard", "pinwheel")
        case "arithmetic":
            return address("thumb", "data", "faces", "train", "39,37.png", size=128, columns=2)   # a man and a woman with glasses
        case "sliders" | "interpolate" if morph:
            return sheet(morph.strips[entry.path == "interpolate"], columns=4)
        case "map" if morph:
            return sheet(morph.atlas, columns=8)
        case "train" if run:
            return address("preview", run.id, "live-recon.png")
        case "runs" if run:
            return address("thumb", "prior", writer(run), "0,1,2,3,4,5,6,7.png", columns=4)
        case _ if run:
            return address("thumb", "run", run.id, "test", f"{','.join(str(8 * number + i) for i in range(8))}.png", columns=4)
    return ""


def writer(run: Run) -> str:
    """Id of a run that writes digits, or of the run itself where there is none."""
    return next((run_id for run_id in DIGITS if (checkpoints_dir() / run_id / "config.json").exists()), run.id)


@lru_cache(maxsize=4)
def dots(*names: str, side: int = 128, count: int = 500) -> str:
    """Points of these shapes, side by side, as a data address."""
    pixels = np.zeros((side, side * len(names), 4), np.uint8)
    for k, name in enumerate(names):
        points = find_shape(name).sample(count, 0)
        x, y = np.rint((points.T + 2.4) / 4.8 * (side - 1)).astype(int)
        seen = (x >= 0) & (x < side - 1) & (y > 0) & (y < side)
        for by in (0, 1):
            pixels[side - 1 - y[seen], k * side + x[seen] + by] = pixels[side - y[seen], k * side + x[seen] + by] = INK
    return _address(pixels)


def sheet(x: np.ndarray, *, columns: int) -> str:
    """Pictures in rows without a gap, as a data address.  uint8 (n, C, H, W)"""
    rows = np.broadcast_to(x, (len(x), 3, *x.shape[2:])).reshape(-1, columns, 3, *x.shape[2:])
    return _address(np.concatenate(np.concatenate(rows.transpose(1, 0, 3, 4, 2), axis=2), axis=0))


def _address(pixels: np.ndarray) -> str:
    return data_url(png(pixels))
