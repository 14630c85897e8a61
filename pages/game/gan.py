"""How does a GAN learn to make images, and how does one see that it fails?"""

import streamlit as st

from genlab.runs import find_run
from genlab.ui.game.ganhealth import LOOK_S, is_live, show_family, show_health
from genlab.ui.game.ganinside import choose_step, kinds_of, show_neighbours, show_samples_at, show_scores
from genlab.ui.game.ganpick import choose_gan, start_small
from genlab.ui.game.losstable import show_losses
from genlab.ui.shell.links import copy_link
from genlab.ui.shell.page import errors_shown
from genlab.ui.train.follow import follow_run

KEY = "gan"
DRAWN = ("kid", "coverage", "acc_real", "acc_fake", "grad_G", "grad_D", "loss_D", "loss_G")


@errors_shown()
def game(run_id: str) -> None:
    """How it goes, in words, with what may help."""
    run = find_run(run_id)
    show_health(run)
    if is_live(run) is not st.session_state.get(f"{KEY}.live"):   # it came to rest: what is looked at less often is drawn anew
        st.rerun()


@errors_shown()
def inside(run_id: str) -> None:
    """At one kept step: samples, D's scores, and the training images nearby."""
    run = find_run(run_id)
    step = choose_step(run)
    if step is None:
        st.caption("No weights are kept yet; they come at the end of the first epoch.")
        return
    made, scored = st.columns(2, gap="large")
    with made:
        st.markdown("**Samples from the same latents**")
        show_samples_at(run, step)
    with scored:
        st.markdown("**What D thinks**")
        show_scores(run, step)
    st.markdown("**Are the samples new?**")
    show_neighbours(run, step)
    copy_link({"run": run.id, "step": step}, key=f"{KEY}.link")


@st.fragment
@errors_shown()
def losses() -> None:
    """The same game under each loss: which makes the better images, and how sure that is."""
    st.subheader("Which loss?", anchor=False)
    show_losses()


run = choose_gan()
if run is None:
    st.info("No GAN has been trained here yet. Train one: it takes about half a minute.", icon=":material/play_arrow:")
    start_small()
else:
    live = st.session_state[f"{KEY}.live"] = is_live(run)
    every = LOOK_S if live else None
    st.sidebar.caption(kinds_of(run))
    st.fragment(game, run_every=every)(run.id)
    follow_run(run.id, key=KEY, only=DRAWN)
    show_family(run)
    with st.expander("Train one here", icon=":material/play_arrow:", key=f"{KEY}.new"):
        start_small()
losses()
if run:   # last: reading thousands of faces takes seconds, and nothing above waits for it or is pushed away by it
    st.subheader("Inside, at one moment", anchor=False)
    st.fragment(inside, run_every=every)(run.id)
