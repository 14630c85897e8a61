"""What is this?"""

import numpy as np
import streamlit as st

from genlab.data import DataSpec
from genlab.data.faces import stream
from genlab.machine import machine
from genlab.ui.menu import page_links
from genlab.ui.pictures import show_images

SHOWN = 40


@st.cache_data
def first_faces() -> np.ndarray:
    return stream(DataSpec(name="faces", size=96, channels=3), 0, SHOWN).x


text, picture = st.columns([2, 3], gap="large")
with text:
    st.markdown(
        "A generative model looks at pictures until it can make its own. Here you train one and watch: what it rebuilds, what it makes up, "
        "and where it keeps the difference between a smile and a pair of glasses. Nothing is simulated: the training is real, live, and yours."
    )
    st.page_link("train/train.py", label="**Train your first model**: one click, half a minute", icon=":material/play_circle:")
    here = machine()
    st.caption(f"Running on {here.device_name} with {here.cores} cores and {here.memory_gb:.0f} GB of memory.")
with picture:
    show_images(first_faces(), columns=10, scale=1, key="home.faces", alt=f"{SHOWN} drawn portraits in rows",
                caption="Nobody: portraits drawn by the lab, every attribute of each known. They and 1 797 real handwritten digits need no download.")
page_links(but="start/home.py")
