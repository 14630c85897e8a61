"""Choosing a kind of path, how many pictures it has, and the seed of a walk."""

from dataclasses import dataclass

import streamlit as st

from genlab.latent.paths import CLOSED
from genlab.lens.waypoints import LARGEST_SEED, MOST_FRAMES
from genlab.ui.shell.address import asked, asked_number

FRAMES = 240
TITLES = {"slerp": "Spherical", "lerp": "Linear", "loop": "Closed loop", "circle": "Circle", "walk": "Random walk"}
PASSED = {"circle": 2, "walk": 1}   # waypoints; all of them on any other path
HELP = ("A spherical path turns from one code to the next and stays as far out as draws from the prior lie; a linear one cuts straight across. "
        "A closed loop returns to its start by arcs. A circle is spanned by the first two. A walk sets out from the first, draw by draw.")


@dataclass(frozen=True)
class PathChoice:
    """A kind in genlab.latent.paths.KINDS, a number of pictures, and the seed of a walk."""

    kind: str
    frames: int
    seed: int

    @property
    def is_closed(self) -> bool:
        return self.kind in CLOSED

    @property
    def query(self) -> dict[str, str]:
        """The parameters of the address that stand for it."""
        return {"kind": self.kind, "frames": str(self.frames)} | ({"seed": str(self.seed)} if self.kind == "walk" else {})


def choose_path(key: str) -> PathChoice:
    """The path that a person chose, or that the address asks for."""
    kind = st.pills("Path", TITLES, format_func=TITLES.get, key=f"{key}.kind", required=True, persist_state="session", wrap=True, help=HELP)
    with st.container(horizontal=True):
        frames = st.number_input("Pictures", 2, MOST_FRAMES, key=f"{key}.frames", width=150, step=30, persist_state="session",
                                 help="At speed 1 it shows 60 a second.")
        seed = 0
        if kind == "walk":
            seed = st.number_input("Seed of the walk", 0, LARGEST_SEED, key=f"{key}.seed", width=150, persist_state="session")
    return PathChoice(kind, int(frames), int(seed))


def take_path(key: str) -> None:
    """Put the choice where the address wants it; what it does not name stays as it is."""
    state = st.session_state
    kind = asked(key, "kind", state.get(f"{key}.kind", ""))
    state[f"{key}.kind"] = kind if kind in TITLES else "slerp"
    state[f"{key}.frames"] = min(max(asked_number(key, "frames", state.get(f"{key}.frames", FRAMES)), 2), MOST_FRAMES)
    state[f"{key}.seed"] = min(asked_number(key, "seed", state.get(f"{key}.seed", 0)), LARGEST_SEED)
