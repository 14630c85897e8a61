"""A second picture that follows the same sliders: of another run, or of this one at another time."""

import numpy as np
import streamlit as st

from genlab.data import find_dataset
from genlab.latent.laws import LAWS
from genlab.lens.codes import CODES
from genlab.lens.inversion import is_fitted
from genlab.lens.models import MODELS, ServedModel
from genlab.runs import Run, find_run, list_runs
from genlab.ui.explore.axispick import axes_for
from genlab.ui.explore.drawncodes import read_codes
from genlab.ui.explore.inverting import found
from genlab.ui.explore.scrubber import Axis, Own, View
from genlab.ui.explore.startpoint import Start
from genlab.ui.shell.address import asked
from genlab.ui.shell.text import distinct
from genlab.ui.train.controls import is_mine

MOVED_BY = {"dims": "its own dimensions, the most telling first", "pca": "its own principal components",
            "attributes": "its own directions of the same names", "random": "its own random directions of the same seed"}


def choose_beside(run: Run, *, key: str) -> str:
    """What a person wants beside the run: another run's id, "@step" for this one at that step, or "" for nothing. Drawn into the sidebar."""
    named = asked(key, "beside")
    others = distinct({r.id: r.title for r in list_runs()
                       if r != run and _can_stand_beside(r, run) and (r.is_shipped or is_mine(r) or r.id == named)})
    options = {"": "nothing"} | others | {f"@{step}": f"this run at step {step}" for step in run.snapshots()[:-1]}
    if st.session_state.get(f"{key}.beside") not in options:
        st.session_state[f"{key}.beside"] = named if named in options else ""
    return st.sidebar.selectbox("Beside it", list(options), format_func=options.get, key=f"{key}.beside", persist_state="session",
                                help="Another run of the same images encodes the start itself and moves along its own axes. "
                                     "Any other gets the same z.")


def forget_beside(key: str) -> None:
    """Let the address decide again."""
    st.session_state.pop(f"{key}.beside", None)


def beside_view(name: str, run: Run, start: Start, axes: list[Axis], query: dict[str, str]) -> tuple[View | None, str]:
    """The second picture, None where there is nothing to compare, and what is compared in words."""
    if name.startswith("@"):
        return View(run.id, int(name[1:]), label=f"at step {name[1:]}"), f"The same z, decoded by this run as it was at step {name[1:]}."
    other = MODELS.get(name, exact=True)
    title = find_run(name).title
    if own := _own(other, run, start, axes, query):
        return View(name, label=title, own=own), f"{title} starts from its own code of the same image and moves along {MOVED_BY[query['axes']]}."
    law = LAWS[run.space.noise]
    if other.latent_dim == len(start.z) and other.law is law:
        return View(name, label=title), f"The same z, given to {title}. Two models agree on what a latent means only by chance."
    differ = f"{title} has {other.latent_dim} latents and not {len(start.z)}" if other.latent_dim != len(start.z) else \
        f"{title} draws its latents from {other.law.symbol} and not from {law.symbol}"
    if other.can_encode:
        return None, f"{differ}: start from an image, which both have a code of, or from the mean."
    return None, f"{differ}, and no encoder: find an image in its space first, alone on this page, then start from an image here."


def _own(other: ServedModel, run: Run, start: Start, axes: list[Axis], query: dict[str, str]) -> Own | None:
    """The other model's own start and directions; None where nothing of this start is its own."""
    theirs = find_run(other.run_id)
    has_mean = start.name == "mean" and other.can_encode
    if not (start.x is not None or has_mean) or not theirs.plan.data.shows_like(run.plan.data) or not _has_codes(theirs, other, query["axes"]):
        return None
    codes = CODES.get(other.run_id)
    if query["axes"] == "attributes" and not read_codes(codes).info:
        return None
    z0 = codes.mu.mean(0) if start.x is None else other.encode(start.x[None])[0] if other.can_encode else found(other, start.x).z
    own_axes = axes_for(query, codes, other.latent_dim, other.law)
    if query["axes"] == "attributes":
        by_name = {axis.name: axis.direction for axis in own_axes}
        directions = [by_name.get(axis.name, np.zeros(other.latent_dim)) for axis in axes]
    else:
        rest = [np.zeros(other.latent_dim)] * max(0, len(axes) - len(own_axes))
        directions = [*(axis.direction for axis in own_axes), *rest][: len(axes)]
    return Own(z0, np.stack(directions))


def _has_codes(run: Run, model: ServedModel, axes: str) -> bool:
    """Whether a run can place an image now, and has axes of this kind: images that are here, or an encoder that was fitted to it."""
    if model.can_encode:
        return find_dataset(run.plan.data.name).is_local()
    return axes != "pca" and is_fitted(model)


def _can_stand_beside(other: Run, run: Run) -> bool:
    is_same_space = other.has_latents and (run.space.shape, run.space.noise) == (other.space.shape, other.space.noise)
    return bool(other.snapshots()) and other.has_latents and (run.plan.data.shows_like(other.plan.data) or is_same_space)
