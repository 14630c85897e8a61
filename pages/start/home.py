"""What is this?"""

import numpy as np
import streamlit as st

from genlab.data import DataSpec
from genlab.data.faces import stream
from genlab.jobs import running_queue
from genlab.lens.morph import MORPHS, Morph, face_run
from genlab.machine import machine
from genlab.runs import Run
from genlab.ui.explore.morph import show_morph
from genlab.ui.shell.links import z_to_text
from genlab.ui.shell.page import errors_shown
from genlab.ui.shell.pictures import show_images
from genlab.ui.shell.tour import begin, show_tours
from genlab.ui.train.cards import show_cards

SHOWN = 40


@st.cache_data
def first_faces() -> np.ndarray:
    return stream(DataSpec(name="faces", size=96, channels=3), 0, SHOWN).x


def face(run: Run, morph: Morph) -> None:
    """The run's face, and on to its sliders with the very latent that was clicked."""
    n, dim = run.plan.data.n, morph.z.shape[1]
    seen = f"{n:,} pictures".replace(",", "\u202f") if n else "pictures"
    about = f"Nobody. A machine that has looked at {seen} draws this one from {dim} numbers, the bars: your pointer chooses them."
    label = "A face that a model draws; arrow keys change it, Enter opens it in the sliders"
    z = show_morph(morph, label=label, about=about, key="home.face")
    if z is not None:
        st.switch_page("explore/sliders.py", query_params={"run": run.id, "from": f"z:{z_to_text(z, exact=True)}"})


def state_of_the_machine() -> None:
    here, queue = machine(), running_queue()
    now = queue and queue.machine()
    trains = f"; {now.busy} in training, {now.waiting} waiting" if now and now.busy + now.waiting else ""
    with st.container(key="here"):
        st.page_link("start/machine.py", label=f"Machine: {here.device_name}, {here.cores} cores, {here.memory_gb:.0f} GB of memory{trains}",
                     icon=":material/memory:")


run, morph = face_run(), None
picture, text = st.columns([5, 6], gap="large")
with picture, errors_shown():
    if run:
        morph = MORPHS.get(run)
        face(run, morph)
    else:
        show_images(first_faces(), columns=8, scale=1, key="home.faces", alt=f"{SHOWN} drawn portraits in rows",
                    caption="Nobody: portraits drawn by the lab, every attribute of each known.")
with text:
    with st.container(key="lede"):
        st.markdown("A generative model looks at pictures until it can make its own. Here you train one, look inside while it learns, and test "
                    "what is said about it.")
        st.markdown("Nothing is simulated: every model here was really trained, and every number really measured.")
    with st.container(key="ways", gap="xsmall"):
        st.page_link("train/train.py", label="**Train your first model**: one click, half a minute", icon=":material/play_circle:", width="stretch")
        begin("lecture", icon="co_present")
        begin("alone", icon="self_improvement")
    state_of_the_machine()
show_cards(run, morph, but="Start")
st.subheader("Start here", anchor=False)
show_tours()
