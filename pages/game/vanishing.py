"""Why does G stop learning when D is too good? Gradients that vanish, measured and exact."""

import streamlit as st

from genlab.data.shapes2d import SHAPES
from genlab.game.optimal import FARTHEST
from genlab.game.vanishing import STEPS
from genlab.ui.game.vanishing import show_ahead, show_apart
from genlab.ui.shell.address import arriving, asked, asked_number, write_address
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown

KEY = "vanishing"
RATES = [5e-4, 1e-3, 2e-3, 5e-3, 1e-2]
SIGMAS = [0.15, 0.3, 0.5, 1.0]


def arrive() -> None:
    """What the address asks for; the usual where it asks for nothing that there is."""
    st.session_state[f"{KEY}.shape"] = shape if (shape := asked(KEY, "shape")) in SHAPES else "ring"
    st.session_state[f"{KEY}.seed"] = asked_number(KEY, "seed")
    st.session_state[f"{KEY}.lr"] = _one_of(RATES, asked(KEY, "lr_D"), 2e-3)
    st.session_state[f"{KEY}.sigma"] = _one_of(SIGMAS, asked(KEY, "sigma"), 0.5)
    st.session_state[f"{KEY}.n"] = _one_of(list(STEPS), asked(KEY, "n"), 0)
    distances = [round(0.05 * i, 2) for i in range(round(FARTHEST / 0.05) + 1)]
    st.session_state[f"{KEY}.d"] = _one_of(distances, asked(KEY, "d"), 2.0)


def _one_of(values: list, text: str, other: float) -> float:
    """The value whose text this is."""
    return next((v for v in values if f"{v:g}" == text), other)


@st.fragment
@errors_shown()
def both() -> None:
    """D trained ahead above, the best D below."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shape = st.selectbox("Data", list(SHAPES), format_func=lambda name: SHAPES[name].title, key=f"{KEY}.shape", width=210)
        lr_D = st.selectbox("Learning rate of D", RATES, format_func=lambda v: f"{v:g}", key=f"{KEY}.lr", width=160)
        seed = st.number_input("Seed", 0, 2**31 - 1, key=f"{KEY}.seed", width=120)
    st.subheader("D is trained ahead, G waits", anchor=False)
    n = show_ahead(shape, seed, lr_D, st.session_state[f"{KEY}.n"], key=f"{KEY}.ahead")
    st.caption("Arrows: the gradient that each fake feels, all to one scale. Numbers and curves: the norm of the gradient of G's loss by G's "
               "weights, of 512 fakes. Logistic losses share one D; least squares and WGAN-GP have a D each, from the same first weights.")
    st.subheader("The best D there is", anchor=False)
    sigma = st.segmented_control("Width of both Gaussians (σ)", SIGMAS, required=True, key=f"{KEY}.sigma")
    d = show_apart(sigma, st.session_state[f"{KEY}.d"], key=f"{KEY}.apart")
    st.caption("Drag the orange Gaussian. The best D at x is real(x) / (real(x) + fake(x)); with it the minimax game measures 2 JS \u2212 log 4. "
               "Bars are on a logarithmic scale.")
    query = {"shape": shape, "lr_D": f"{lr_D:g}", "seed": str(seed), "sigma": f"{sigma:g}", "d": f"{d:g}"} | ({"n": str(n)} if n else {})
    write_address(KEY, query)
    copy_link(query, key=f"{KEY}.link")


if arriving(KEY):
    arrive()
both()
