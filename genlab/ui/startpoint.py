"""Where to set out from in latent space: an image's code, a draw from the prior, the mean, one's own picture or drawing, a link's latent."""

import io
from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from genlab.data.picture import decode
from genlab.data.resize import fit
from genlab.errors import DataError, LabError
from genlab.runs import Run
from genlab.serving.codes import Codes
from genlab.serving.images import IMAGES
from genlab.serving.models import ServedModel
from genlab.ui.address import asked
from genlab.ui.links import z_from_text, z_to_text
from genlab.ui.pick import pick_image
from genlab.ui.sketch import paper_of, sketch

SHOWN = 18   # images to pick from at once
MOST_BYTES = 20_000_000
PICTURES = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]
KINDS = {"image": "An image", "seed": "A draw", "mean": "The mean", "own": "Your own", "draw": "Your drawing", "z": "From the link"}


@dataclass(frozen=True)
class Start:
    """z : float32 (D,); name : as the address has it; x : uint8 (C, H, W), the picture it is the code of, None without one."""

    z: np.ndarray
    name: str
    x: np.ndarray | None = None


def choose_start(run: Run, model: ServedModel, codes: Codes | None, *, row: DeltaGenerator, key: str) -> Start:
    """The starting point that a person chose, or that ?from= asks for; codes is None where there are none.

    The choice of its kind is drawn into `row`, all else where the caller draws.
    """
    kind, _, value = asked(key, "from").partition(":")
    kinds = [k for k in KINDS if (k != "z" or kind == "z") and (codes is not None and not codes.is_drawn or k in ("seed", "z"))]
    if st.session_state.get(f"{key}.start") not in kinds:
        st.session_state[f"{key}.start"] = kind if kind in kinds else kinds[0]
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
    chosen = row.pills("Start from", kinds, format_func=KINDS.get, key=f"{key}.start", required=True, persist_state="session", wrap=True)
    match chosen:
        case "image":
            return _from_image(run, codes, number, key)
        case "seed":
            return _from_seed(model, number, key)
        case "mean":
            return Start(codes.mu.mean(0), "mean")
        case "own":
            return _from_own(model, codes, key)
        case "draw":
            return _from_drawing(run, model, codes, key)
        case _:
            return Start(z_from_text(value, model.latent_dim), f"z:{value}")


def pictures_of(start: Start, model: ServedModel) -> list[tuple[str, np.ndarray]]:
    """What an edited picture is compared with: the original, its reconstruction at mu, one draw of the posterior."""
    at_mu = ("At the start", model.decode(start.z[None])[0].transpose(2, 0, 1))
    if start.x is None:
        return [at_mu]
    pictures = [("Original", start.x), ("At its mean", at_mu[1])]
    if model.is_probabilistic:
        draw = model.decode(model.sample_posterior(start.x[None], 0))
        pictures.append(("A draw near it", draw[0].transpose(2, 0, 1)))
    return pictures


def forget_start(key: str) -> None:
    """Let the address decide again."""
    for name in ("start", "image", "page", "seed"):
        st.session_state.pop(f"{key}.{name}", None)


def _from_image(run: Run, codes: Codes, first: int, key: str) -> Start:
    count, pages = len(codes.mu), -(-len(codes.mu) // SHOWN)
    picked = min(st.session_state.get(f"{key}.image", first), count - 1)
    page = min(st.session_state.setdefault(f"{key}.page", picked // SHOWN), pages - 1)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch"):
            picked = pick_image(run, range(page * SHOWN, min((page + 1) * SHOWN, count)), picked=picked, key=f"{key}.pick-{run.id}-{page}")
        if pages > 1:
            st.button("Others", key=f"{key}.more", icon=":material/refresh:", on_click=_turn, args=(f"{key}.page", (page + 1) % pages))
    st.session_state[f"{key}.image"] = picked
    return Start(codes.mu[picked], f"image:{picked}", IMAGES.take(run.plan.data, "test", [picked]).x[0])


def _turn(name: str, page: int) -> None:
    st.session_state[name] = page


def _from_seed(model: ServedModel, first: int, key: str) -> Start:
    if f"{key}.seed" not in st.session_state:
        st.session_state[f"{key}.seed"] = first
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input("Seed", 0, 2**31, key=f"{key}.seed", width=150, persist_state="session",
                               help="The same seed is the same draw, anywhere.")
        st.button("Another", key=f"{key}.another", icon=":material/casino:", on_click=_next_seed, args=(f"{key}.seed",))
    return Start(model.prior(1, int(seed))[0], f"seed:{seed}")


def _next_seed(name: str) -> None:
    st.session_state[name] += 1


def read_own(file: UploadedFile, model: ServedModel) -> np.ndarray:
    """An uploaded picture as the model takes it, uint8 (C, S, S); DataError, with the file's name, where it is none or too large."""
    if file.size > MOST_BYTES:
        raise DataError(f"{file.name}: has {file.size / 1e6:.0f} MB; {MOST_BYTES / 1e6:.0f} MB are allowed")
    try:
        return fit(decode(io.BytesIO(file.getvalue())), model.size, model.channels)
    except LabError as error:
        raise DataError(f"{file.name} {error}") from None


def _from_own(model: ServedModel, codes: Codes, key: str) -> Start:
    file = st.file_uploader("A picture", type=PICTURES, key=f"{key}.upload", label_visibility="collapsed")
    if file is None:
        st.caption("It is cut to a square, made as small as the model's images, and encoded. It stays in this session.")
        return Start(codes.mu.mean(0), "mean")
    x = read_own(file, model)
    z = model.encode(x[None])[0]
    return Start(z, f"z:{z_to_text(z)}", x)


def _from_drawing(run: Run, model: ServedModel, codes: Codes, key: str) -> Start:
    """What was drawn, in colour over the image that was picked last; that image, or the mean, while nothing is."""
    images = IMAGES.open(run.plan.data)
    number = min(st.session_state.get(f"{key}.image", 0), len(codes.mu) - 1)
    is_over = model.channels == 3 and st.toggle("Draw over an image", value=True, key=f"{key}.over", persist_state="session",
                                                help="The held-out image that was picked last. Give it glasses or a beard.")
    below = images.take("test", [number]).x[0] if is_over else None
    paper = paper_of(images.take("test", list(range(min(8, len(codes.mu))))).x)
    x = sketch(model.size, model.channels, key=f"{key}.sketch", paper=paper, picture=below)
    if x is None:
        return Start(codes.mu[number], "draw", below) if is_over else Start(codes.mu.mean(0), "draw")
    z = model.encode(x[None])[0]
    return Start(z, f"z:{z_to_text(z)}", x)
