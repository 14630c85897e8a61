"""What is said about a map, and one's own pictures on it."""


import numpy as np
import streamlit as st

from genlab.latent.projection import METHODS, place, place_linear
from genlab.maps import LatentMap
from genlab.runs import Run
from genlab.runs.pictures import png
from genlab.serving.models import ServedModel
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
    st.caption(f"{METHODS[found.plan.method]} of {of}. Trustworthiness **{true['trustworthiness']:.3f}**: what is near here is near in latent "
               f"space (1 is always). Neighbour agreement **{true['agreement']:.2f}**: share of a point's {true['k']:.0f} nearest latents that "
               "are also its nearest here.", help=f"Measured on {true['points']:.0f} of the points. Distances between groups, and the size of "
               "gaps, mean little on a UMAP or t-SNE map.")


def upload_own(run: Run, model: ServedModel, found: LatentMap, *, key: str) -> None:
    """Pictures of one's own, placed where a linear map sends them, or among the nearest latents of any other."""
    st.subheader("Your own pictures on this map", anchor=False)
    files = st.file_uploader("Pictures", type=PICTURES, accept_multiple_files=True, key=f"{key}.upload", label_visibility="collapsed")[:MOST_OWN]
    own = []
    for file in files:
        with errors_shown():
            x = read_own(file, model)
            z = model.encode(x[None])
            own.append(Own(_placed(z, found)[0], z[0], picture_url(x), file.name[:60]))
    if [o.name for o in own] != [o.name for o in st.session_state.get(f"{key}.own-{run.id}", [])]:
        st.session_state[f"{key}.own-{run.id}"] = own
        st.rerun(scope="fragment")


def _placed(z: np.ndarray, found: LatentMap) -> np.ndarray:
    """Where new latents lie on the map.  (M, D) -> (M, 2)"""
    return place_linear(z, found.z, found.xy) if found.plan.method == "pca" else place(z, found.z, found.xy, found.plan.neighbours)


def picture_url(x: np.ndarray) -> str:
    """One image as a data URL.  uint8 (C, H, W)"""
    return data_url(png(np.squeeze(x.transpose(1, 2, 0))))
