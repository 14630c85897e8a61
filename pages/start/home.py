"""What is this?"""

import streamlit as st

from genlab.data import DataSpec, load_dataset
from genlab.machine import machine
from genlab.ui.menu import page_links
from genlab.ui.pictures import show_images

SHOWN = 48


@st.cache_data
def first_digits() -> tuple:
    train_set, test_set = load_dataset(DataSpec(name="digits"))
    return train_set.x[:SHOWN], len(train_set) + len(test_set), train_set.size


text, picture = st.columns(2, gap="large")
with text:
    st.markdown(
        "A generative model looks at pictures until it can make its own. Here you train one and watch: what it rebuilds, what it makes up, "
        "and where it keeps the difference between a 3 and an 8. Nothing is simulated: the pictures are real, and so is the training."
    )
    page_links(but="start/home.py")
    here = machine()
    st.caption(f"Running on {here.device_name} with {here.cores} cores and {here.memory_gb:.0f} GB of memory.")
with picture:
    x, count, size = first_digits()
    show_images(x, columns=8, scale=3, key="home.digits", alt=f"{SHOWN} handwritten digits in rows",
                caption=f"{SHOWN} of the {count} handwritten digits that the lab starts with, {size} x {size} pixels each. Nothing to download.")
