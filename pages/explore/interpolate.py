"""What lies between two pictures? Follow the path through latent space."""

from functools import partial

import numpy as np
import streamlit as st

from genlab.films import film, there_and_back
from genlab.latent.arrays import npy
from genlab.latent.paths import stops
from genlab.lens.images import IMAGES
from genlab.lens.models import MODELS, NEWEST, ServedModel
from genlab.lens.waypoints import Waypoint, can_follow, decoded, path
from genlab.measures.smoothness import FEATURES, UNRELATED, Smoothness, smoothness
from genlab.runs import Run, find_run
from genlab.ui.data.datahere import has_images
from genlab.ui.explore.companions import beside_query, choose_companions, forget_companions
from genlab.ui.explore.pathpick import PASSED, PathChoice, choose_path, take_path
from genlab.ui.explore.player import Film, show_pace, show_player
from genlab.ui.explore.runpick import choose_run
from genlab.ui.explore.stops import MOST, address_of, choose_stops, put_stops, upload_stop, waypoint, words
from genlab.ui.shell.address import arriving, asked, write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown

KEY = "interpolate"
FILES = {".gif": ("GIF", "image/gif"), ".mp4": ("MP4", "video/mp4"), ".webp": ("WebP", "image/webp"), ".png": ("Strip", "image/png")}
SIZES = {1: 420, 2: 340}   # pixels of each picture, by their number
ICON = ":material/download:"


@st.fragment
@errors_shown()
def experiment(run_id: str) -> None:
    """Everything about one run, by its newest weights."""
    run, model = find_run(run_id), MODELS.get(run_id, exact=True)
    screen, desk = st.columns([3, 2], gap="large")
    with desk:
        chosen = choose_path(KEY)
        names = choose_stops(run, model, image_count(run, model), uses=PASSED.get(chosen.kind, MOST), key=KEY)
        upload_stop(run, model, key=KEY)
        waypoints = [waypoint(run, model, name, key=KEY) for name in names]
        others = choose_companions(run, lambda other: can_follow(other, run, waypoints, chosen.kind), key=KEY)
    films = [way(r, waypoints, chosen) for r in (run, *others)]
    query = {"run": run.id, "via": address_of(model, waypoints), **chosen.query, "beside": beside_query(others)}
    write_address(KEY, query)
    with screen:
        at = stops(chosen.kind, len(waypoints), chosen.frames)
        show_player(films, [(int(frame), words(w.name)) for frame, w in zip(at, waypoints, strict=False)], closed=chosen.is_closed,
                    key=f"{KEY}.player", size_px=SIZES.get(len(films), 230))
    pictures = [seen(f.run_id, f.step, version(f), f.z) for f in films]
    with desk:
        downloads(films, pictures, closed=chosen.is_closed)
        copy_link(query, key=f"{KEY}.link")
    with screen:
        show_evenness(films, pictures, run.plan.data.name, closed=chosen.is_closed)


def image_count(run: Run, model: ServedModel) -> int:
    return len(IMAGES.open(run.plan.data).at["seen"]) if model.can_encode and has_images(run, key=KEY) else 0


def way(run: Run, waypoints: list[Waypoint], chosen: PathChoice) -> Film:
    """The run's own path through these waypoints."""
    model = MODELS.get(run.id, exact=True)
    z = path(model, waypoints, chosen.kind, chosen.frames, seed=chosen.seed)
    return Film(run.id, run.title, z, model.step if model.step in run.snapshots() else NEWEST)


def version(film: Film) -> int:
    """The step of the weights that make it."""
    return MODELS.get(film.run_id, film.step, exact=True).step


@st.cache_data(max_entries=16, show_spinner=False)
def seen(run_id: str, step: int, version: int, z: np.ndarray) -> np.ndarray:
    """All pictures of a path, uint8 (T, H, W, C)."""
    return decoded(MODELS.get(run_id, step, exact=True), z)


@st.cache_data(max_entries=64, ttl=600, show_spinner=False)
def evenness(run_id: str, version: int, z: np.ndarray, _frames: np.ndarray, dataset: str, closed: bool) -> Smoothness:
    """How evenly the pictures change; the weights and the path stand for them."""
    return smoothness(_frames, dataset, closed=closed)


def show_evenness(films: list[Film], pictures: list[np.ndarray], dataset: str, *, closed: bool) -> None:
    """How far each picture lies from the next, drawn and in one number."""
    measured = [(f.label, evenness(f.run_id, version(f), f.z, frames, dataset, closed)) for f, frames in zip(films, pictures, strict=True)]
    unit, note = measured[0][1].unit, measured[0][1].note
    st.markdown("**How far each picture lies from the next**", help="An even path is a flat line. A peak is where the picture changes all at once.")
    show_pace([(label, smooth.steps) for label, smooth in measured], unit, key=f"{KEY}.pace", player=f"{KEY}.player")
    for label, smooth in measured:
        st.markdown(f"**{smooth.unevenness:.1f} ×** {label}: its largest step, at picture {int(smooth.steps.argmax()) + 1}, "
                    f"is {smooth.unevenness:.1f} times its mean step of {smooth.mean:.3g} {unit}.")
    st.caption("1 × would be perfectly even." + (f" Measured in pixels, since there is no judge to look with: {note}" if note else "")
               + (f" Two unrelated faces lie about {UNRELATED:.1f} σ apart." if unit == FEATURES else ""))


def downloads(films: list[Film], pictures: list[np.ndarray], *, closed: bool) -> None:
    """The films as they play, beside each other, and the path of the first as numbers."""
    def made(suffix: str) -> bytes:
        return film(pictures if closed or suffix == ".png" else [there_and_back(frames) for frames in pictures], suffix)

    with st.container(horizontal=True):
        for suffix, (title, mime) in FILES.items():
            st.download_button(title, partial(made, suffix), f"path{suffix}", mime, key=f"{KEY}.save{suffix}", icon=ICON, on_click="ignore")
        st.download_button("z", lambda: npy(films[0].z), "path.npy", "application/octet-stream", key=f"{KEY}.save_z", icon=ICON, on_click="ignore",
                           help=f"The latents of {films[0].label}, a row for each picture.")


if arriving(KEY):
    forget_companions(KEY)
    take_path(KEY)
    with errors_shown():
        if asked(KEY, "via"):
            put_stops(KEY, asked(KEY, "via"))
experiment(choose_run().id)
