"""Axes to move along: single dimensions, principal components, named attributes, random directions. All in spreads of the codes."""

from dataclasses import replace

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from genlab.errors import LabError
from genlab.latent.directions import attribute_directions, in_spreads, orthogonalise, random_directions
from genlab.latent.laws import NORMAL, Law
from genlab.lens.axes import attribute_columns, component_axes, dim_axis
from genlab.lens.codes import Codes
from genlab.ui.explore.drawncodes import read_codes, say_unknown
from genlab.ui.explore.scrubber import Axis
from genlab.ui.shell.address import asked, asked_number
from genlab.ui.shell.lockpick import choose_locked

UNFOLDED = 12     # sliders in view; the others are one click away
MOST = 64         # sliders in all
KINDS = {"dims": "Single dimensions", "pca": "Principal components", "attributes": "Attributes", "random": "Random directions"}
HELP = ("A single dimension is one of the model's own numbers, the most telling first. A principal component is a direction in which the codes "
        "of real images spread most. An attribute's direction is how codes move when it grows and everything else known stays.")
LOCK = "The other directions are made orthogonal to these: moving along them changes nothing that is read along these."


def choose_axes(codes: Codes | None, z0: np.ndarray, law: Law, *, row: DeltaGenerator, key: str) -> tuple[list[Axis], dict[str, str]]:
    """The axes from z0 that a person chose, and the parameters of the address that stand for them; codes is None where there are none.

    The choice of their kind is drawn into `row`, all else where the caller draws.
    """
    kinds = [k for k in KINDS if k in ("dims", "random") or codes is not None and _has(codes, k)]
    if st.session_state.get(f"{key}.axes") not in kinds:
        st.session_state[f"{key}.axes"] = asked(key, "axes") if asked(key, "axes") in kinds else kinds[0]
    kind = row.pills("Move along", kinds, format_func=KINDS.get, key=f"{key}.axes", required=True, persist_state="session", wrap=True, help=HELP)
    query = {"axes": kind}
    if kind == "attributes":
        names, _ = attribute_columns(read_codes(codes).attributes, codes.info)
        if locked := choose_locked(names, key=key, about=LOCK):
            query["lock"] = ",".join(locked)
    if kind == "random":
        query["directions"] = str(_choose_seed(key))
    if codes is not None:
        say_unknown(codes)
    return within(axes_for(query, codes, len(z0), law), z0, law), query


def _has(codes: Codes, kind: str) -> bool:
    """Whether there are attributes, or components, to move along."""
    return bool(codes.info) if kind == "attributes" else not codes.is_drawn and len(codes.mu) > 1


def within(axes: list[Axis], z0: np.ndarray, law: Law) -> list[Axis]:
    """The same axes, each as long from z0 as the law of the latents has room."""
    found = []
    for axis in axes:
        low, high = law.room(z0, axis.direction)
        found.append(replace(axis, low=low, high=high))
    return found


def axes_for(query: dict[str, str], codes: Codes | None, latent_dim: int, law: Law = NORMAL) -> list[Axis]:
    """The axes of a model that these parameters of an address stand for: another model's are its own."""
    match query["axes"]:
        case "dims":
            return _dims(codes, latent_dim, law)
        case "pca":
            return _components(codes)
        case "attributes":
            return _attributes(codes, [name for name in query.get("lock", "").split(",") if name])
        case _:
            return _random(codes, latent_dim, int(query["directions"]), law)


def forget_axes(key: str) -> None:
    """Let the address decide again."""
    for name in ("axes", "lock", "directions"):
        st.session_state.pop(f"{key}.{name}", None)


def _dims(codes: Codes | None, latent_dim: int, law: Law = NORMAL) -> list[Axis]:
    if codes is None or codes.is_drawn:   # draws spread alike along all
        return [Axis(f"z {i}", dim_axis(None, latent_dim, i, law), is_folded=i >= UNFOLDED) for i in range(min(latent_dim, MOST))]
    stats = codes.statistics
    axes = []
    for rank, i in enumerate(stats.order[:MOST]):
        told = f"KL {stats.kl[i]:.2f} nats" if stats.kl is not None else f"spread {stats.std[i]:.2f}"
        note = f"{told}; " + ("one σ is the spread of its codes" if stats.active[i] else "unused: its codes hardly differ from image to image")
        axes.append(Axis(f"z {i}", dim_axis(stats, latent_dim, i, law), note=note, is_folded=rank >= UNFOLDED or not stats.active[i]))
    return _one_in_view(axes)


def _one_in_view(axes: list[Axis]) -> list[Axis]:
    """The same axes, the first of them in view even where none is used."""
    return [Axis(**{**vars(axes[0]), "is_folded": False}), *axes[1:]]


def _components(codes: Codes) -> list[Axis]:
    return [Axis(f"component {i + 1}", direction, note=f"{100 * share:.1f} % of the codes' variance", is_folded=i >= UNFOLDED)
            for i, (direction, share) in enumerate(zip(*component_axes(codes, MOST), strict=True))]


def _random(codes: Codes | None, latent_dim: int, seed: int, law: Law) -> list[Axis]:
    directions = law.std * random_directions(min(UNFOLDED, latent_dim), latent_dim, np.random.default_rng(seed))
    if codes is not None:
        scaled = in_spreads(directions, codes.mu)
        directions = np.where(scaled.any(1, keepdims=True), scaled, directions)   # where codes do not spread, as long as the prior
    return [Axis(f"direction {i + 1}", d) for i, d in enumerate(directions)]


def _choose_seed(key: str) -> int:
    if f"{key}.directions" not in st.session_state:
        st.session_state[f"{key}.directions"] = asked_number(key, "directions")
    return int(st.number_input("Seed of the directions", 0, 2**31, key=f"{key}.directions", width=180, persist_state="session"))


# -- attributes -------------------------------------------------------------------------------------------------------


def _attributes(codes: Codes, locked: list[str]) -> list[Axis]:
    names, columns = attribute_columns(codes.attributes, codes.info)
    directions = attribute_directions(codes.mu, columns)
    if not directions.any():
        raise LabError(f"no attribute varies among {codes.of_what}, so none has a direction; move along single dimensions")
    fixed = directions[[names.index(name) for name in locked]] if locked else []
    scaled = in_spreads(directions, codes.mu)
    order = np.argsort(-np.linalg.norm(directions * columns.std(0)[:, None], axis=1), kind="stable")
    axes = []
    for k in order[:MOST]:
        if names[k] in locked or not directions[k].any():
            continue
        try:
            left = orthogonalise(scaled[k], fixed)
        except LabError:   # nothing is left of it beside what is kept fixed
            continue
        axes.append(Axis(names[k], left, is_folded=len(axes) >= UNFOLDED))
    if not axes:
        raise LabError("no attribute can be moved beside those kept fixed; unlock one")
    return axes
