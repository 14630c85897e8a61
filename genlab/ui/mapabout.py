"""What is said about a map, and one's own pictures on it."""


import numpy as np
import streamlit as st

from genlab.latent.projection import METHODS, place, place_linear
from genlab.maps import LatentMap
from genlab.maps.make import features_of
from genlab.runs import Run
from genlab.runs.pictures import png
from genlab.serving.models import MODELS, ServedModel
from genlab.ui.inverting import can_find, show_error
from genlab.ui.inverting import found as find_image
from genlab.ui.mapview import Own
from genlab.ui.page import errors_shown
from genlab.ui.pictures import data_url
from genlab.ui.startpoint import PICTURES, read_own

MOST_OWN = 8
WORDS = {"test": "held-out images", "train": "training images", "prior": "prior draws"}


def show_fidelity(found: LatentMap) -> None:
    """How far the map may be trusted, in a line."""
    true = found.fidelity
    of = " and ".join(f"{found.counts[part]} {words}" for part, words in WORDS.items() if found.counts[part])
    space, nearest = ("latent space", "latents") if found.images else ("what their pictures show", "draws by that")
    st.caption(f"{METHODS[found.plan.method]} of {of}. Trustworthiness **{true['trustworthiness']:.3f}**: what is near here is near in {space} "
               f"(1 is always). Neighbour agreement **{true['agreement']:.2f}**: share of a point's {true['k']:.0f} nearest {nearest} that "
               "are also its nearest here.", help=f"Measured on {true['points']:.0f} of the points. Distances between groups, and the size of "
               "gaps, mean little on a UMAP or t-SNE map.")


def upload_own(run: Run, model: ServedModel, found: LatentMap, *, key: str) -> None:
    """Pictures of one's own, placed where a linear map sends them, or among the nearest latents of any other."""
    st.subheader("Your own pictures on this map", anchor=False)
    files = st.file_uploader("Pictures", type=PICTURES, accept_multiple_files=True, key=f"{key}.upload", label_visibility="collapsed")[:MOST_OWN]
    own = []
    if files and not model.can_encode and not can_find(run, model, key=key):
        return
    for number, file in enumerate(files):
        with errors_shown():
            x = read_own(file, model)
            z = model.encode(x[None]) if model.can_encode else _searched(model, x, file.name, key=f"{key}.own{number}")
            own.append(Own(_placed(run, model, z, found)[0], z[0], picture_url(x), file.name[:60]))
    if [o.name for o in own] != [o.name for o in st.session_state.get(f"{key}.own-{run.id}", [])]:
        st.session_state[f"{key}.own-{run.id}"] = own
        st.rerun(scope="fragment")


def _searched(model: ServedModel, x: np.ndarray, name: str, *, key: str) -> np.ndarray:
    """The latent of a picture in the space of a model that cannot encode, with its error.  -> (1, D)"""
    inversion = find_image(model, x)
    st.text(name[:60])
    show_error(inversion, key=key)
    return inversion.z[None]


def _placed(run: Run, model: ServedModel, z: np.ndarray, found: LatentMap) -> np.ndarray:
    """Where new latents lie on the map.  (M, D) -> (M, 2)"""
    there, new = _features(run.id, found.step, found.z, run), features_of(run, model, z)
    return place_linear(new, there, found.xy) if found.plan.method == "pca" else place(new, there, found.xy, found.plan.neighbours)


@st.cache_data(max_entries=4, show_spinner=False)
def _features(run_id: str, step: int, z: np.ndarray, _run: Run) -> np.ndarray:
    """What a map was laid out by."""
    return features_of(_run, MODELS.get(run_id, step, exact=True), z)


def picture_url(x: np.ndarray) -> str:
    """One image as a data URL.  uint8 (C, H, W)"""
    return data_url(png(np.squeeze(x.transpose(1, 2, 0))))
