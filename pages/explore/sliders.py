"""What does each latent do? Move it and watch."""

import numpy as np
import streamlit as st

from genlab.latent.arrays import npy
from genlab.latent.paths import traverse
from genlab.lens.codes import CODES, MOST, Codes
from genlab.lens.models import MODELS, ServedModel
from genlab.runs import Run, find_run
from genlab.runs.pictures import png
from genlab.ui.data.datahere import has_images
from genlab.ui.data.few import say_few
from genlab.ui.explore.axispick import choose_axes, forget_axes
from genlab.ui.explore.beside import beside_view, choose_beside, forget_beside
from genlab.ui.explore.changed import can_be_judged, show_changes
from genlab.ui.explore.film import show_film
from genlab.ui.explore.plane import show_plane
from genlab.ui.explore.runpick import choose_run
from genlab.ui.explore.scrubber import Axis, Look, Scrubbed, View, move, scrubber
from genlab.ui.explore.startpoint import choose_start, forget_start, pictures_of
from genlab.ui.explore.undo import remember, undo_buttons
from genlab.ui.shell.address import arriving, asked, write_address
from genlab.ui.shell.links import copy_link, z_from_text, z_to_text
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.pictures import show_images

KEY = "sliders"
STRIP = 11   # pictures of a traversal


@st.fragment
@errors_shown()
def experiment(run_id: str, other: str) -> None:
    """Everything about one run, by its newest weights; `other` is what stands beside it."""
    run, model = find_run(run_id), MODELS.get(run_id, exact=True)
    has_codes = has_images(run, key=KEY)   # one that encodes none has its draws
    with st.spinner("Encoding the run's images"):
        codes = CODES.get(run_id) if has_codes else None
    row = st.container(horizontal=True, gap="large")
    if codes is not None and not codes.is_drawn:
        say_few(run)
    start = choose_start(run, model, codes, row=row, key=KEY)
    axes, query = choose_axes(codes, start.z, model.law, row=row, key=KEY)
    second, compared = beside_view(other, run, start, axes, query) if other else (None, "")
    look = Look(size_px=400, quantiles=True, law=model.law, folded=f"{sum(axis.is_folded for axis in axes)} more", pictures=pictures_of(start, model))
    views = [View(run_id, label=run.title), second] if second else [View(run_id)]
    found = scrubber(KEY, start.z, axes, views, amounts=come_with_address(len(axes)), is_live=run.status.state == "running", look=look)
    if compared:
        st.caption(compared)
    query |= {"run": run_id, "from": start.name}
    remember(KEY, str(sorted(query.items())), found.amounts)
    query |= ({"a": z_to_text(found.amounts)} if found.amounts.any() else {}) | ({"beside": other} if second else {})
    write_address(KEY, query)
    with st.container(horizontal=True, vertical_alignment="center"):
        undo_buttons(KEY)
        copy_link(query, key=f"{KEY}.link")
        downloads(model, found.z)
    if can_be_judged(run):
        show_changes(run, model, start.z, found.z)
    around(run, model, axes, found, codes)


def come_with_address(count: int) -> np.ndarray | None:
    """Where the address puts the sliders, when somebody has just come with it."""
    text = st.session_state.pop(f"{KEY}.a", "")
    with errors_shown():
        return z_from_text(text, count).astype(float) if text else None


def downloads(model: ServedModel, z: np.ndarray) -> None:
    st.download_button("Image", lambda: png(np.squeeze(model.decode(z[None].astype(np.float32))[0])), "edited.png", "image/png", key=f"{KEY}.save",
                       icon=":material/download:", on_click="ignore")
    st.download_button("z", lambda: npy(z), "z.npy", "application/octet-stream", key=f"{KEY}.save_z", icon=":material/download:", on_click="ignore")


def around(run: Run, model: ServedModel, axes: list[Axis], found: Scrubbed, codes: Codes | None) -> None:
    """One axis as a strip, two as a plane, and the same latent through the run's training."""
    names = [axis.name for axis in axes]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox("Along", range(len(axes)), format_func=names.__getitem__, key=f"{KEY}.first", width=230)
        others = [k for k in range(len(axes)) if k != first]
        second = st.selectbox("and", others, format_func=names.__getitem__, key=f"{KEY}.second", width=230) if others else None
    amounts = np.linspace(axes[first].low, axes[first].high, STRIP)
    z = traverse(found.z - found.amounts[first] * axes[first].direction, axes[first].direction, amounts)
    show_images(model.decode(z).transpose(0, 3, 1, 2), columns=STRIP, scale=max(1, 88 // model.size), key=f"{KEY}.strip",
                alt=f"{names[first]} from {amounts[0]:g} to {amounts[-1]:g} σ", caption=f"{names[first]} from {amounts[0]:g} to {amounts[-1]:g} σ")
    left, right = st.columns([3, 2], gap="large")
    with left:
        if second is not None:
            plane(run.id, axes, found, (first, second), codes)
    with right:
        st.markdown("**The same latent through the training**")
        show_film(run, found.z, key=f"{KEY}.film")


def plane(run_id: str, axes: list[Axis], found: Scrubbed, pair: tuple[int, int], codes: Codes | None) -> None:
    of = "" if codes is None else "draws from the prior" if codes.is_drawn else f"the codes of {codes.images}"
    st.markdown("**Move over the plane.**" + (of and f" Dots are {of}."))
    dots = np.empty((0, len(found.z))) if codes is None else codes.mu[:MOST]
    put = show_plane(run_id, found.z, [axes[k] for k in pair], tuple(found.amounts[k] for k in pair), dots, key=f"{KEY}.plane")
    if put:
        amounts = found.amounts.copy()
        amounts[list(pair)] = put
        move(KEY, amounts)
        st.rerun(scope="fragment")


if arriving(KEY):
    forget_start(KEY)
    forget_axes(KEY)
    forget_beside(KEY)
    st.session_state[f"{KEY}.a"] = asked(KEY, "a")
chosen = choose_run()
experiment(chosen.id, choose_beside(chosen, key=KEY))
