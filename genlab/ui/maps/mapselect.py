"""What a selection on a map has in common: its images, its mean face, what it has more of than the rest, and the direction it makes."""

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from genlab.data.base import Attribute
from genlab.data.record import pinned
from genlab.latent.arrays import npy
from genlab.lens.axes import attribute_columns
from genlab.lens.codes import MOST
from genlab.lens.images import IMAGES
from genlab.lens.models import ServedModel
from genlab.maps import LatentMap
from genlab.runs import Run
from genlab.ui.explore.scrubber import Axis, Look, View, scrubber
from genlab.ui.maps.mapview import Seen
from genlab.ui.shell.links import z_to_text
from genlab.ui.shell.pictures import show_images

if TYPE_CHECKING:   # a tenth of a second to import, and the first screen does without
    import pandas as pd

KnownOf = tuple[np.ndarray, tuple[Attribute, ...]]
"""Attributes of a map's images, or of its draws where there are none, (known, K), and what each column is."""

SHOWN = 24        # images of a selection's gallery
AVERAGED = 64     # images behind a mean of pixels
EXAMPLES = 8      # images of a selection that a sum is made of


def show_selections(run: Run, model: ServedModel, found: LatentMap, seen: Seen, known: KnownOf, pages: dict[str, str], *, key: str) -> None:
    """Everything about selections A and B, or how to make one."""
    sets = {name: np.flatnonzero(flags) for name, flags in (("A", seen.a), ("B", seen.b)) if flags is not None}
    if not sets:
        st.caption("Lasso or box some points (or hold Shift and drag): their images, their mean, and what sets them apart appear here.")
        return
    for column, (name, points) in zip(st.columns(2, gap="large"), sets.items(), strict=False):
        with column:
            _one(run, model, found, name, points, known, key=f"{key}.{name}")
    _direction(run, found, sets, key=key)
    numbered = {name: [int(i) for i in points if i < numbered_count(run, found)] for name, points in sets.items()}
    if len(sets) == 2 and "arithmetic" in pages and all(numbers[2:] for numbers in numbered.values()):
        numbers = {name.lower(): ",".join(map(str, chosen[:EXAMPLES])) for name, chosen in numbered.items()}
        st.page_link(pages["arithmetic"], label="A - B + C of these images", icon=":material/calculate:",
                     query_params={"run": run.id, "with": "numbers", **numbers}, width="content")


def numbered_count(run: Run, found: LatentMap) -> int:
    """How many of the points, the first ones, are images that other pages know, by the same numbers."""
    return min(found.images, len(IMAGES.open(run.plan.data).at["seen"])) if found.images else 0


def _one(run: Run, model: ServedModel, found: LatentMap, name: str, points: np.ndarray, known: KnownOf, *, key: str) -> None:
    st.markdown(f"**Selection {name}: {len(points)} points**")
    scale = max(1, 96 // model.size)
    with st.container(horizontal=True):
        means = {"their mean, decoded": model.decode(found.z[points].mean(0)[None])[0].transpose(2, 0, 1)}
        images = points[points < found.images]
        told = points[points < len(known[0])]
        if len(images):
            sample = images[:: -(-len(images) // AVERAGED)]
            means[f"mean of {len(sample)} images' pixels"] = _taken(run, found, sample).mean(0).round().astype(np.uint8)
        for words, x in means.items():
            show_images(x[None], columns=1, scale=scale * 2, key=f"{key}.{words[:5]}", alt=words, caption=words)
    if len(images):
        gallery = images[:: -(-len(images) // SHOWN)][:SHOWN]
        show_images(_taken(run, found, gallery), columns=8, scale=max(1, 60 // model.size), key=f"{key}.gallery", alt=f"images of selection {name}",
                    caption=f"{len(gallery)} of {len(images)} images" if len(gallery) < len(images) else "all its images")
    elif not found.images:
        drawn = points[:: -(-len(points) // SHOWN)][:SHOWN]
        show_images(model.decode(found.z[drawn]).transpose(0, 3, 1, 2), columns=8, scale=max(1, 60 // model.size), key=f"{key}.gallery",
                    alt=f"samples of selection {name}",
                    caption=f"{len(drawn)} of {len(points)} samples" if len(drawn) < len(points) else "all its samples")
    if len(told) and len(table := compare(told, *known)):
        st.dataframe(table, hide_index=True, height=280, key=f"{key}.table", column_config={
            "selection": st.column_config.NumberColumn(format="%.2f"), "rest": st.column_config.NumberColumn(format="%.2f"),
            "difference": st.column_config.NumberColumn(format="%+.2f", help="of the mean; for yes and no, of the share")})
    st.download_button("CSV", lambda: selection_csv(found, points, *known), f"selection-{name}.csv", "text/csv", key=f"{key}.csv",
                       icon=":material/download:", on_click="ignore")


@st.cache_data(max_entries=16, show_spinner=False)
def _pixels(run_id: str, spec: str, places: tuple[tuple[str, int], ...], _run: Run) -> np.ndarray:
    by_part = {part: [i for p, i in places if p == part] for part in ("test", "train")}
    return np.concatenate([IMAGES.take(_run.plan.data, part, index).x for part, index in by_part.items() if index])


def _taken(run: Run, found: LatentMap, points: np.ndarray) -> np.ndarray:
    """Images of these points, held-out ones first.  -> uint8 (n, C, H, W)"""
    return _pixels(run.id, run.plan.data.model_dump_json() + pinned(run.plan.data), tuple(found.places[i] for i in points), run)


def compare(images: np.ndarray, attributes: np.ndarray, info: tuple[Attribute, ...]) -> "pd.DataFrame":
    """Each attribute's mean among these images and among all others, the largest difference (in spreads) first."""
    import pandas as pd

    names, columns = attribute_columns(attributes, info)
    inside = np.zeros(len(columns), bool)
    inside[images] = True
    if not names or inside.all():
        return pd.DataFrame()
    here, rest = np.nanmean(columns[inside], axis=0), np.nanmean(columns[~inside], axis=0)
    order = np.argsort(-np.abs(here - rest) / np.maximum(np.nanstd(columns, axis=0), 1e-9), kind="stable")
    return pd.DataFrame({"attribute": np.array(names)[order], "selection": here[order], "rest": rest[order], "difference": (here - rest)[order]})


def selection_csv(found: LatentMap, points: np.ndarray, attributes: np.ndarray, info: tuple[Attribute, ...]) -> str:
    """A line for each selected point: part, number, place, error, attributes."""
    import pandas as pd

    frame = pd.DataFrame([found.places[i] for i in points], columns=["part", "number"])
    for k, axis in enumerate("xyz"[: found.plan.dims]):
        frame[axis] = found.xy[points, k]
    frame["error"] = found.error[points]
    for k, attribute in enumerate(info):
        column = np.full(len(found), np.nan, np.float32)
        column[: len(attributes)] = attributes[:, k]
        frame[attribute.name] = column[points]
    return frame.to_csv(index=False, float_format="%.6g")


def _direction(run: Run, found: LatentMap, sets: dict[str, np.ndarray], *, key: str) -> None:
    """From B to A where there are both, else from all other points to the one selection, to be moved along from the mean of all."""
    if "A" in sets and "B" in sets:
        start, end, words = found.z[sets["B"]].mean(0), found.z[sets["A"]].mean(0), "from B to A"
    else:
        (name, points), = sets.items()
        others = np.setdiff1d(np.arange(found.images or len(found)), points)
        if not len(others):
            return
        start, end, words = found.z[others].mean(0), found.z[points].mean(0), f"from the rest to {name}"
    direction, middle = end - start, found.z[: found.images or None].mean(0)
    st.markdown(f"**The direction {words}**, moved along from the mean of all codes; 1 is the difference of the means.")
    axis = Axis(words, direction, -3.0, 3.0, 1.0)
    scrubber(f"{key}.scrub", middle, [axis], [View(run.id, found.step)], look=Look(size_px=220, unit=" ×"))
    st.download_button("Direction", lambda: npy(direction), "direction.npy", "application/octet-stream", key=f"{key}.npy", icon=":material/download:",
                       on_click="ignore")


def picked_links(run: Run, found: LatentMap, seen: Seen, pages: dict[str, str]) -> None:
    """Where the chosen points can be taken to. pages: file of each page that is there, by its address."""
    if not seen.picks:
        st.caption("Click a point to take it elsewhere; a second one draws the path between them.")
        return
    known, last = numbered_count(run, found), seen.picks[-1]
    names = [f"image:{i}" if i < min(known, MOST) else f"z:{z_to_text(found.z[i])}" for i in seen.picks]
    near = [str(i) for i in np.argsort(np.linalg.norm(found.z[:known] - found.z[last], axis=1), kind="stable")[:3]]
    links = {"sliders": ("Move its latents", "tune", {"from": names[-1]}),
             "interpolate": ("Interpolate between them", "timeline", {"via": ",".join(names)} if len(names) == 2 else {}),
             "arithmetic": ("Calculate with it and its two nearest", "calculate", {"with": "numbers", "a": ",".join(near)} if len(near) == 3 else {})}
    with st.container(horizontal=True):
        for path, (words, icon, query) in links.items():
            if path in pages and query:
                st.page_link(pages[path], label=words, icon=f":material/{icon}:", query_params={"run": run.id, **query}, width="content")
