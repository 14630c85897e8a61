"""What is left of G's gradient: D trained ahead, and two Gaussians that one drags apart."""

import base64

import numpy as np
import streamlit as st

from genlab.data.shapes2d import EXTENT
from genlab.game.optimal import apart
from genlab.game.vanishing import CELLS, COMPARED, STEPS, Moment, ahead, start
from genlab.server.gameframe import REACH, steps
from genlab.ui.game.gamesettings import LOSSES
from genlab.ui.shell.components import component

TITLES = LOSSES | {"wgan": "Wasserstein"}   # the best critic needs no clip
ABOUT = {"minimax": "flat where D is sure", "non-saturating": "steep where D is sure", "lsgan": "flat where D has learnt its targets",
         "wgan-gp": "the critic's slope is held near 1"}

_vanish = component("vanish", html="game/vanish/vanish.html", css="game/vanish/vanish.css", js="game/vanish/vanish.js")
_apart = component("apart", html="game/vanish/apart.html", css="game/vanish/vanish.css", js="game/vanish/apart.js")


def show_ahead(shape: str, seed: int, lr_D: float, n: int, *, key: str) -> int:
    """Four losses at one moment, and their curves over n; the n that was chosen last, 0 before that. Without an n it plays once."""
    data = _moments(shape, seed, lr_D)
    chosen = _vanish(key=key, height="content", on_n_change=lambda: None, data={**data, "n": n, "stamp": f"{shape} {seed} {lr_D}"}).n
    return chosen if chosen in STEPS else n


def show_apart(sigma: float, d: float, *, key: str) -> float:
    """Two Gaussians at distance d, which can be dragged; the distance that was chosen last."""
    found = apart(sigma)
    pushes = [{"title": TITLES[name], "values": _few(values)} for name, values in found.pushes.items()]
    chosen = _apart(key=key, height="content", on_d_change=lambda: None, data={
        "d": _few(found.d), "js": _few(found.js), "kl": _few(found.kl), "w1": _few(found.w1), "pushes": pushes, "sigma": sigma, "at": d,
        "words": [(0.05, "Nearly the same: the best D can only guess, and no loss has much to push with."),
                  (0.6, "They overlap: the best D is unsure between them, so every loss has a slope there."),
                  (0.685, "Little is shared: the best D is nearly always right, and minimax has hardly a slope left for the fake."),
                  (1, "Nothing is shared: JS stands at log 2 wherever the fake goes, and the best D is flat under it. "
                                "W1 still says how far it is.")], "stamp": f"{sigma}"}).d
    return float(chosen) if isinstance(chosen, int | float) and 0 <= chosen <= found.d[-1] else d


@st.cache_data(max_entries=32, show_spinner="D is trained ahead, three times\u2026")
def _moments(shape: str, seed: int, lr_D: float) -> dict:
    """Everything that is drawn, made once for these values."""
    real, fakes = start(shape, seed)
    moments = list(ahead(shape, seed, lr_D))
    return {"real": np.round(real.astype(float), 3).tolist(), "fakes": _text(steps(fakes, REACH)), "extent": EXTENT, "cells": CELLS,
            "steps": list(STEPS), "losses": [{"title": TITLES[loss], "about": ABOUT[loss]} for loss in COMPARED],
            "norms": [[m.norms[loss] for m in moments] for loss in COMPARED],
            "arrows": [[_arrows(m.arrows[loss]) for m in moments] for loss in COMPARED],
            "heats": [[_text(m.heats[loss].tobytes()) for m in moments] for loss in COMPARED],
            "words": [_said(m, moments[0]) for m in moments]}


def _said(moment: Moment, first: Moment) -> str:
    real, fake = moment.accuracy
    return (f"D is right about {real:.0%} of real points and {fake:.0%} of fakes; it gives a fake a chance of {moment.D_fake:.2g} to be real. "
            f"Minimax leaves G {_share(moment.norms['minimax'], moment.norms['non-saturating'])} of the gradient that non-saturating does"
            + (f" and {_share(moment.norms['minimax'], first.norms['minimax'])} of what it had at first." if moment.n > first.n else "."))


def _share(part: float, whole: float) -> str:
    """A ratio in words: 85 %, or 1/250 where that would be below 1 %."""
    return f"{part / whole:.0%}" if part >= 0.01 * whole else "1/" + f"{float(f'{whole / part:.2g}'):,.0f}".replace(",", "\u202f")


def _arrows(ways: np.ndarray) -> dict:
    longest = float(np.abs(ways).max()) or 1.0
    return {"steps": _text(steps(ways, longest)), "longest": longest}


def _few(values: np.ndarray) -> list[float]:
    return [float(f"{v:.5g}") for v in values]


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
