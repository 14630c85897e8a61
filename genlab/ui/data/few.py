"""Saying that a run has few images."""

import streamlit as st

from genlab.lens.images import IMAGES
from genlab.runs import Run


def say_few(run: Run) -> None:
    """That training images are among those shown, where so few are held out."""
    if said := IMAGES.open(run.plan.data).few_words:
        st.caption(f":material/info: {said}")
