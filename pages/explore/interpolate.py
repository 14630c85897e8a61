"""What lies between two pictures? Follow the path through latent space."""

import numpy as np
import streamlit as st

from genlab.evaluation.smoothness import FEATURES, UNRELATED, Smoothness, smoothness
from genlab.films import film, there_and_back
from genlab.latent.arrays import npy
from genlab.latent.paths import stops
from genlab.runs import Run, find_run
from genlab.serving.images import IMAGES
from genlab.serving.models import MODELS, NEWEST, ServedModel
from genlab.serving.waypoints import Waypoint, can_follow, decoded, path
from genlab.ui.address import arriving, asked, write_address
from genlab.ui.companions import beside_query, choose_companions, forget_companions
from genlab.ui.links import copy_link
from genlab.ui.page import errors_shown
from genlab.ui.pathpick import PASSED, PathChoice, choose_path, take_path
from genlab.ui.player import Film, show_pace, show_player
from genlab.ui.runpick import choose_run
from genlab.ui.stops import MOST, address_of, choose_stops, put_stops, upload_stop, waypoint, words

KEY = "interpolate"
FILES = {".gif": ("GIF", "image/gif"), ".mp4": ("MP4", "video/mp4"), ".webp": ("WebP", "image/webp"), ".png": ("Strip", "image/png")}
ICON = ":material/download:"


@st.fragment
@errors_shown()
def experiment(run_id: str) -> None:
    """Everything about one run, by its newest weights."""
    run, model = find_run(run_id), MODELS.get(run_id, exact=True)
    screen, desk = st.columns([3, 2], gap="large")
    with desk:
        chosen = choose_path(KEY)
        names = choose_stops(run, model, held_out_count(run, model), uses=PASSED.get(chosen.kind, MOST), key=KEY)
        if model.can_encode:
            upload_stop(model, key=KEY)
        waypoints = [waypoint(run, model, name, key=KEY) for name in names]
        others = choose_companions(run, lambda other: can_follow(other, run, waypoints, chosen.kind), key=KEY)
    films = [way(r, waypoints, chosen) for r in (run, *others)]
    query = {"run": run.id, "via": address_of(model, waypoints), **chosen.query, "beside": beside_query(others)}
    write_address(KEY, query)
    with screen:
        at = stops(chosen.kind, len(waypoints), chosen.frames)
        show_player(films, [(int(frame), words(w.name)) for frame, w in zip(at, waypoints, strict=False)], closed=chosen.is_closed,
                    key=f"{KEY}.player", size_px=340 if len(films) < 3 else 230)
        pictures = show_evenness(films, run.plan.data.name, closed=chosen.is_closed)
    with desk:
        downloads(films, pictures, closed=chosen.is_closed)
        copy_link(query, key=f"{KEY}.link")


def held_out_count(run: Run, model: ServedModel) -> int:
    return len(IMAGES.open(run.plan.data).at["test"]) if model.can_encode else 0


def way(run: Run, waypoints: list[Waypoint], chosen: PathChoice) -> Film:
    """The run's own path through these waypoints."""
    model = MODELS.get(run.id, exact=True)
    z = path(model, waypoints, chosen.kind, chosen.frames, seed=chosen.seed)
    return Film(run.id, run.title, z, model.step if model.step in run.snapshots() else NEWEST)


@st.cache_data(max_entries=16, ttl=600, show_spinner=False)
def seen(run_id: str, step: int, version: int, z: np.ndarray, dataset: str, closed: bool) -> tuple[np.ndarray, Smoothness]:
    """All pictures of a path, and how evenly they change; version is the step of the weights behind `step`."""
    frames = decoded(MODELS.get(run_id, step, exact=True), z)
    return frames, smoothness(frames, dataset, closed=closed)


def show_evenness(films: list[Film], dataset: str, *, closed: bool) -> list[np.ndarray]:
    """How far each picture lies from the next; the pictures of each film."""
    found = [seen(f.run_id, f.step, MODELS.get(f.run_id, f.step, exact=True).step, f.z, dataset, closed) for f in films]
    measured = [(f.label, smooth) for f, (_, smooth) in zip(films, found, strict=True)]
    unit, note = measured[0][1].unit, measured[0][1].note
    st.markdown("**How far each picture lies from the next**", help="An even path is a flat line. A peak is where the picture changes all at once.")
    show_pace([(label, smooth.steps) for label, smooth in measured], unit, key=f"{KEY}.pace", player=f"{KEY}.player")
    for label, smooth in measured:
        st.markdown(f"**{smooth.unevenness:.1f} ×** {label}: its largest step, at picture {int(smooth.steps.argmax()) + 1}, "
                    f"is {smooth.unevenness:.1f} times its mean step of {smooth.mean:.3g} {unit}.")
    st.caption("1 × would be perfectly even." + (f" Measured in pixels, since there is no judge to look with: {note}" if note else "")
               + (f" Two unrelated faces lie about {UNRELATED:.1f} σ apart." if unit == FEATURES else ""))
    return [frames for frames, _ in found]


def downloads(films: list[Film], pictures: list[np.ndarray], *, closed: bool) -> None:
    """The films as they play, beside each other, and the path of the first as numbers."""
    played = pictures if closed else [there_and_back(frames) for frames in pictures]
    with st.container(horizontal=True):
        for suffix, (title, mime) in FILES.items():
            shown = pictures if suffix == ".png" else played
            st.download_button(title, lambda suffix=suffix, shown=shown: film(shown, suffix), f"path{suffix}", mime, key=f"{KEY}.save{suffix}",
                               icon=ICON, on_click="ignore")
        st.download_button("z", lambda: npy(films[0].z), "path.npy", "application/octet-stream", key=f"{KEY}.save_z", icon=ICON, on_click="ignore",
                           help=f"The latents of {films[0].label}, a row for each picture.")


if arriving(KEY):
    forget_companions(KEY)
    take_path(KEY)
    with errors_shown():
        if asked(KEY, "via"):
            put_stops(KEY, asked(KEY, "via"))
experiment(choose_run().id)
