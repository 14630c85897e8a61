"""A second picture that follows the same sliders: of another run, or of this one at another time."""

import numpy as np
import streamlit as st

from genlab.runs import Run, find_run, list_runs
from genlab.serving.codes import CODES
from genlab.serving.models import MODELS, ServedModel
from genlab.training import TrainPlan
from genlab.ui.address import asked
from genlab.ui.axispick import axes_for
from genlab.ui.controls import is_mine
from genlab.ui.scrubber import Axis, Own, View
from genlab.ui.startpoint import Start

MOVED_BY = {"dims": "its own dimensions, the most telling first", "pca": "its own principal components",
            "attributes": "its own directions of the same names", "random": "its own random directions of the same seed"}


def choose_beside(run: Run, *, key: str) -> str:
    """What a person wants beside the run: another run's id, "@step" for this one at that step, or "" for nothing. Drawn into the sidebar."""
    named = asked(key, "beside")
    others = {r.id: r.title for r in list_runs() if r != run and _can_stand_beside(r, run) and (r.is_shipped or is_mine(r) or r.id == named)}
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
    if other.latent_dim == len(start.z):
        return View(name, label=title), f"The same z, given to {title}. Two models agree on what a latent means only by chance."
    return None, f"{title} has {other.latent_dim} latents and not {len(start.z)}: start from an image, which both can encode, or from the mean."


def _own(other: ServedModel, run: Run, start: Start, axes: list[Axis], query: dict[str, str]) -> Own | None:
    """The other model's own start and directions; None where nothing of this start is its own."""
    has_start = start.x is not None or start.name == "mean"
    if not (has_start and other.can_encode and MODELS.get(run.id, exact=True).can_encode and _same_images(_plan(other.run_id), run.plan)):
        return None
    codes = CODES.get(other.run_id)
    z0 = codes.mu.mean(0) if start.x is None else other.encode(start.x[None])[0]
    theirs = axes_for(query, codes, other.latent_dim)
    if query["axes"] == "attributes":
        by_name = {axis.name: axis.direction for axis in theirs}
        directions = [by_name.get(axis.name, np.zeros(other.latent_dim)) for axis in axes]
    else:
        rest = [np.zeros(other.latent_dim)] * max(0, len(axes) - len(theirs))
        directions = [*(axis.direction for axis in theirs), *rest][: len(axes)]
    return Own(z0, np.stack(directions))


def _can_stand_beside(other: Run, run: Run) -> bool:
    return bool(other.snapshots()) and (_same_images(other.plan, run.plan) or other.plan.settings["latent_dim"] == run.plan.settings["latent_dim"])


def _same_images(a: TrainPlan, b: TrainPlan) -> bool:
    return all(getattr(a.data, name) == getattr(b.data, name) for name in ("name", "size", "channels", "path"))


def _plan(run_id: str) -> TrainPlan:
    return find_run(run_id).plan
