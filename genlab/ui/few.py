"""Saying that a run has few images."""

import streamlit as st

from genlab.runs import Run
from genlab.serving.images import IMAGES


def say_few(run: Run) -> None:
    """That training images are among those shown, where so few are held out."""
    if said := IMAGES.open(run.plan.data).few_words:
        st.caption(f":material/info: {said}")
