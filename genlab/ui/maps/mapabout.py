"""What is said about a map, and one's own pictures on it."""


import numpy as np
import streamlit as st

from genlab.jobs.tasks import DONE, FAILED, look, submit, task_id
from genlab.latent.projection import METHODS
from genlab.lens.models import ServedModel
from genlab.maps import LatentMap
from genlab.maps.store import place_near
from genlab.runs import Run
from genlab.runs.pictures import png
from genlab.ui.explore.inverting import can_find, show_error
from genlab.ui.explore.inverting import found as find_image
from genlab.ui.explore.startpoint import PICTURES, read_own
from genlab.ui.maps.mapview import Own
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.pictures import data_url
from genlab.ui.shell.progress import show_progress

MOST_OWN = 8
PLACE = "genlab.maps.store:place_by_umap"
WORDS = {"test": "held-out images", "train": "training images", "prior": "prior draws"}


def show_fidelity(found: LatentMap) -> None:
    """How far the map may be trusted, in a line."""
    true = found.fidelity
    of = " and ".join(f"{count} {words if count > 1 else words[:-1]}" for part, words in WORDS.items() if (count := found.counts[part]))
    space, nearest = ("latent space", "latents") if found.images else ("what their pictures show", "draws by that")
    st.caption(f"{METHODS[found.plan.method]} of {of}. Trustworthiness **{true['trustworthiness']:.3f}**: what is near here is near in {space} "
               f"(1 is always). Neighbour agreement **{true['agreement']:.2f}**: share of a point's {true['k']:.0f} nearest {nearest} that "
               "are also its nearest here.", help=f"Measured on {true['points']:.0f} of the points. Distances between groups, and the size of "
               "gaps, mean little on a UMAP or t-SNE map.")


def upload_own(run: Run, model: ServedModel, name: str, found: LatentMap, *, key: str) -> None:
    """Pictures of one's own on the map: at once among the nearest latents, and on UMAP's maps then where its own transform puts them."""
    st.subheader("Your own pictures on this map", anchor=False)
    files = st.file_uploader("Pictures", type=PICTURES, accept_multiple_files=True, key=f"{key}.upload", label_visibility="collapsed")[:MOST_OWN]
    if files and not model.can_encode and not can_find(run, model, key=key):
        return
    read = []
    for number, file in enumerate(files):
        with errors_shown():
            x = read_own(file, model)
            read.append((model.encode(x[None]) if model.can_encode else _searched(model, x, file.name, key=f"{key}.own{number}"), x, file.name[:60]))
    xy = _placed(run, name, found, np.concatenate([z for z, *_ in read]), key=key) if read else []
    own = [Own(at, z[0], picture_url(x), label) for at, (z, x, label) in zip(xy, read, strict=True)]
    if _told(own) != _told(st.session_state.get(f"{key}.own-{run.id}", [])):
        st.session_state[f"{key}.own-{run.id}"] = own
        st.rerun(scope="fragment")


def _told(own: list[Own]) -> list[tuple]:
    return [(o.name, *o.xy.tolist()) for o in own]


def _placed(run: Run, name: str, found: LatentMap, z: np.ndarray, *, key: str) -> np.ndarray:
    """Where new latents lie as far as it is known by now.  (M, D) -> (M, 2)"""
    if found.plan.method == "umap":
        asked = {"run": run.id, "name": name, "z": z.tolist()}
        task = task_id(PLACE, **asked)
        if look(task).updated_at == 0:   # nobody has asked yet
            submit(PLACE, **asked)
        state = show_progress(task, key=f"{key}.placing", about="UMAP places your pictures more exactly")
        if state.state == DONE:
            st.caption("Placed by UMAP's own transform: drawn to their nearest latents and away from others, while the map stays.")
            return np.asarray(state.result, np.float32)
        if state.state == FAILED:
            st.caption("They lie where the mean of their nearest latents does.")
    return place_near(run.id, name, z)


def _searched(model: ServedModel, x: np.ndarray, name: str, *, key: str) -> np.ndarray:
    """The latent of a picture in the space of a model that cannot encode, with its error.  -> (1, D)"""
    inversion = find_image(model, x)
    st.text(name[:60])
    show_error(inversion, key=key)
    return inversion.z[None]


def picture_url(x: np.ndarray) -> str:
    """One image as a data URL.  uint8 (C, H, W)"""
    return data_url(png(np.squeeze(x.transpose(1, 2, 0))))
