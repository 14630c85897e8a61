"""Where to set out from in latent space: an image's code, a draw from the prior, the mean, one's own picture or drawing, a link's latent."""

import io
from dataclasses import dataclass

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from genlab.data import find_dataset
from genlab.data.picture import SUFFIXES
from genlab.data.single import read_picture
from genlab.errors import DataError, LabError
from genlab.lens.codes import MOST, Codes
from genlab.lens.images import IMAGES
from genlab.lens.models import ServedModel
from genlab.runs import Run, find_run
from genlab.ui.data.few import say_few
from genlab.ui.explore.inverting import can_find, found, show_error
from genlab.ui.explore.pick import pick_image
from genlab.ui.explore.sketch import paper_of, sketch
from genlab.ui.shell.address import asked
from genlab.ui.shell.links import z_from_text, z_to_text

SHOWN = 18   # images to pick from at once
MOST_BYTES = 20_000_000
PICTURES = sorted(suffix.lstrip(".") for suffix in SUFFIXES)
KINDS = {"image": "An image", "seed": "A draw", "mean": "The mean", "own": "Your own", "draw": "Your drawing", "z": "From the link"}
FOUND = ("image", "own", "draw")   # pictures, which a model that cannot encode has to be searched for


@dataclass(frozen=True)
class Start:
    """z : float32 (D,); name : as the address has it; x : uint8 (C, H, W), the picture it is the code of, None without one."""

    z: np.ndarray
    name: str
    x: np.ndarray | None = None


def choose_start(run: Run, model: ServedModel, codes: Codes | None, *, row: DeltaGenerator, key: str) -> Start:
    """The starting point that a person chose, or that ?from= asks for; codes is None where there are none.

    A model that cannot encode has images searched for in its space. The choice of its kind is drawn into `row`, all else where the
    caller draws.
    """
    kind, _, value = asked(key, "from").partition(":")
    kinds = [k for k in _kinds(run, codes) if k != "z" or kind == "z"]
    if st.session_state.get(f"{key}.start") not in kinds:
        st.session_state[f"{key}.start"] = kind if kind in kinds else kinds[0]
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0
    chosen = row.pills("Start from", kinds, format_func=KINDS.get, key=f"{key}.start", required=True, persist_state="session", wrap=True)
    if chosen in FOUND and not model.can_encode:
        return _searched(run, model, chosen, number, key)
    match chosen:
        case "image":
            picked, x = _pick(run, len(codes.mu), number, key)
            return Start(codes.mu[picked], f"image:{picked}", x)
        case "seed":
            return _from_seed(model, number, key)
        case "mean":
            return Start(codes.mu.mean(0), "mean")
        case "own":
            return _encoded(model, _upload(model, key), Start(codes.mu.mean(0), "mean"))
        case "draw":
            x, below = _draw(run, model, len(codes.mu), key)
            return _encoded(model, x, Start(codes.mu.mean(0) if below is None else codes.mu[_last(key, len(codes.mu))], "draw", below))
        case _:
            return Start(z_from_text(value, model.latent_dim), f"z:{value}")


def _kinds(run: Run, codes: Codes | None) -> list[str]:
    """What there is to set out from, the first one first."""
    if codes is None:
        return ["seed", "z"]
    if not codes.is_drawn:
        return list(KINDS)
    is_here = find_dataset(run.plan.data.name).is_local()
    return ["seed", *(k for k in FOUND if k == "own" or is_here), "z"]


def _encoded(model: ServedModel, x: np.ndarray | None, otherwise: Start) -> Start:
    """The code of a picture; what is there instead while there is none."""
    if x is None:
        return otherwise
    z = model.encode(x[None])[0]
    return Start(z, f"z:{z_to_text(z)}", x)


def _searched(run: Run, model: ServedModel, kind: str, number: int, key: str) -> Start:
    """A picture where it was found in the space of a model that cannot encode; the first draw until it is."""
    if kind != "own":
        say_few(run)
    x, name = _picture(run, model, kind, number, key)
    if x is None or not can_find(run, model, key=key):
        return Start(model.prior(1, 0)[0], name or kind)
    inversion = found(model, x)
    show_error(inversion, key=key)
    return Start(inversion.z, name or f"z:{z_to_text(inversion.z)}", x)


def _picture(run: Run, model: ServedModel, kind: str, number: int, key: str) -> tuple[np.ndarray | None, str]:
    """The picture that was chosen, None while there is none; and its name in the address, empty where nobody else has it."""
    if kind == "own":
        return _upload(model, key), ""
    count = min(MOST, len(IMAGES.open(run.plan.data).at["seen"]))
    if kind == "image":
        picked, x = _pick(run, count, number, key)
        return x, f"image:{picked}"
    x, below = _draw(run, model, count, key)
    return (below, "draw") if x is None else (x, "")


def pictures_of(start: Start, model: ServedModel) -> list[tuple[str, np.ndarray]]:
    """What an edited picture is compared with: the original, its reconstruction at mu, one draw of the posterior."""
    at_mu = ("At the start", model.decode(start.z[None])[0].transpose(2, 0, 1))
    if start.x is None:
        return [at_mu]
    pictures = [("Original", start.x), ("At its mean" if model.can_encode else "As it was found", at_mu[1])]
    if model.is_probabilistic:
        draw = model.decode(model.sample_posterior(start.x[None], 0))
        pictures.append(("A draw near it", draw[0].transpose(2, 0, 1)))
    return pictures


def forget_start(key: str) -> None:
    """Let the address decide again."""
    for name in ("start", "image", "page", "draw"):
        st.session_state.pop(f"{key}.{name}", None)


def _pick(run: Run, count: int, first: int, key: str) -> tuple[int, np.ndarray]:
    """One of the first images: its number, and its pixels."""
    pages = -(-count // SHOWN)
    picked = min(st.session_state.get(f"{key}.image", first), count - 1)
    page = min(st.session_state.setdefault(f"{key}.page", picked // SHOWN), pages - 1)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="stretch"):
            picked = pick_image(run, range(page * SHOWN, min((page + 1) * SHOWN, count)), picked=picked, key=f"{key}.pick-{run.id}-{page}")
        if pages > 1:
            st.button("Others", key=f"{key}.more", icon=":material/refresh:", on_click=_turn, args=(f"{key}.page", (page + 1) % pages))
    st.session_state[f"{key}.image"] = picked
    return picked, IMAGES.take(run.plan.data, "seen", [picked]).x[0]


def _turn(name: str, page: int) -> None:
    st.session_state[name] = page


def _from_seed(model: ServedModel, first: int, key: str) -> Start:
    if f"{key}.draw" not in st.session_state:
        st.session_state[f"{key}.draw"] = first
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input("Seed", 0, 2**31, key=f"{key}.draw", width=150, persist_state="session",
                               help="The same seed is the same draw, anywhere.")
        st.button("Another", key=f"{key}.another", icon=":material/casino:", on_click=_next_seed, args=(f"{key}.draw",))
    return Start(model.prior(1, int(seed))[0], f"seed:{seed}")


def _next_seed(name: str) -> None:
    st.session_state[name] += 1


def read_own(file: UploadedFile, model: ServedModel) -> np.ndarray:
    """An uploaded picture as the model takes it, uint8 (C, S, S); DataError, with the file's name, where it is none or too large."""
    if file.size > MOST_BYTES:
        raise DataError(f"{file.name}: has {file.size / 1e6:.0f} MB; {MOST_BYTES / 1e6:.0f} MB are allowed")
    try:
        x, told = read_picture(io.BytesIO(file.getvalue()), find_run(model.run_id).plan.data)
    except LabError as error:
        raise DataError(f"{file.name} {error}") from None
    if told:
        st.caption(f"{file.name}: {told}.")
    return x


def _upload(model: ServedModel, key: str) -> np.ndarray | None:
    """One's own picture; None while there is none."""
    file = st.file_uploader("A picture", type=PICTURES, key=f"{key}.upload", label_visibility="collapsed")
    if file is not None:
        return read_own(file, model)
    how = "encoded" if model.can_encode else "searched for"
    st.caption(f"It is made square and as small as the model's images, and {how}. It stays in this session.")
    return None


def _draw(run: Run, model: ServedModel, count: int, key: str) -> tuple[np.ndarray | None, np.ndarray | None]:
    """What was drawn, None while nothing is; and the image that was picked last, over which it is drawn in colour, None where it is not."""
    images, number = IMAGES.open(run.plan.data), _last(key, count)
    is_over = model.channels == 3 and st.toggle("Draw over an image", value=True, key=f"{key}.over", persist_state="session",
                                                help="The image that was picked last. Give it glasses or a beard.")
    below = images.take("seen", [number]).x[0] if is_over else None
    paper = paper_of(images.take("seen", list(range(min(8, count)))).x)
    return sketch(model.size, model.channels, key=f"{key}.sketch", paper=paper, picture=below), below


def _last(key: str, count: int) -> int:
    """The number of the image that was picked last."""
    return min(st.session_state.get(f"{key}.image", 0), count - 1)
