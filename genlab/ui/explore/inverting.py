"""Finding an image in the space of a run that cannot encode: its encoder is fitted when somebody asks, then each image is searched for."""

import numpy as np
import streamlit as st

from genlab.jobs.tasks import AT_REST, FAILED, look, submit, task_id
from genlab.lens.inversion import Inversion, find, is_fitted
from genlab.lens.models import ServedModel
from genlab.runs import Run
from genlab.ui.shell.progress import show_progress

FIT = "genlab.lens.inversion:fit_encoder"
ABOUT = ("This model has no encoder. One is fitted to its own samples, whose latents are known: less than a minute on one core, once for these "
         "weights. From its guess on the latent is then searched whose picture is nearest. Until then the first draw is shown.")


def can_find(run: Run, model: ServedModel, *, key: str) -> bool:
    """Whether images can be found in a run's space now; until then a button that fits its encoder, or how far that is."""
    if run.status.state == "running":
        st.caption("This run has no encoder and is still being trained: images can be found in its space once it rests.")
        return False
    if is_fitted(model):
        return True
    arguments = {"run": run.id, "step": model.step, "weights": model.digest}
    task = task_id(FIT, **arguments)
    state = look(task)
    if state.state not in AT_REST and state.updated_at:
        show_progress(task, key=f"{key}.fitting", about="Fitting an encoder")
        return False
    st.caption(ABOUT)
    if st.button("Find it in the generator's space", key=f"{key}.fit", icon=":material/travel_explore:", type="primary"):
        submit(FIT, **arguments)
        st.rerun()
    if state.state == FAILED:
        st.error(state.error, icon=":material/error:")
    return False


def found(model: ServedModel, x: np.ndarray) -> Inversion:
    """Where an image lies in a model's space, searched for once.  uint8 (C, S, S); LabError where it cannot be found"""
    with st.spinner("Searching the generator's space"):
        return _found(model, model.digest, x)


@st.cache_data(max_entries=256, show_spinner=False)
def _found(_model: ServedModel, digest: str, x: np.ndarray) -> Inversion:
    """The digest stands for the model."""
    return find(_model, x)


def show_error(inversion: Inversion, *, key: str) -> None:
    """How far what the model makes of the latent is from the image, and how the search went."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(in_words(inversion), width="content")
        with st.popover("The search", icon=":material/trending_down:"):
            st.line_chart({"squared error": inversion.path}, x_label="step", y_label="mean squared error per pixel", height=200)


def in_words(inversion: Inversion) -> str:
    """The error in a sentence."""
    return (f"Found in the generator's space with a mean squared error of **{inversion.mse:.4f}** per pixel ({inversion.psnr:.1f} dB); "
            f"the encoder's guess alone had {inversion.path[0]:.4f}.")
