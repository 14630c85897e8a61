"""One latent at every kept moment of a run's training."""

import numpy as np

from genlab.runs import Run
from genlab.server.protocol import MOST_TARGETS
from genlab.ui.explore.decoding import connection, packed, target
from genlab.ui.shell.components import component

_film = component("film", html="explore/film/film.html", css="explore/film/film.css", js="explore/film/film.js")


def show_film(run: Run, z: np.ndarray, *, key: str, size_px: int = 256) -> None:
    """What the run made of z, (D,), at each snapshot, with a slider over its training and a button that plays it."""
    steps = chosen(run.snapshots())
    per_epoch = run.status.step / run.status.epoch if run.status.epoch else 0
    labels = [f"epoch {step / per_epoch:.4g} · step {step}" if per_epoch else f"step {step}" for step in steps]
    _film(key=key, height="content", data={**connection(), "targets": [target(run.id, step) for step in steps], "labels": labels, "z": packed(z),
                                           "size": size_px})


def chosen(steps: list[int], most: int = MOST_TARGETS) -> list[int]:
    """At most so many of them, the first and the last among them, the others evenly between."""
    at = np.unique(np.rint(np.linspace(0, len(steps) - 1, min(most, len(steps)))).astype(int))
    return [steps[i] for i in at]
