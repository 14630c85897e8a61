"""A run's images where this machine has them, and a way to get them where it has not."""

import streamlit as st

from genlab.data import find_dataset
from genlab.models import find_model
from genlab.runs import Run
from genlab.ui.data.datapick import say_where


def has_images(run: Run, *, key: str) -> bool:
    """Whether the images that a run's model encodes are here; True for a model that encodes none. Where they are not, that is said, and a
    download is offered."""
    dataset = find_dataset(run.plan.data.name)
    if dataset.is_local() or not find_model(run.plan.model).can_encode:
        return True
    st.warning(f"{run.title} was trained on {dataset.title.lower()}, which is not on this machine: no image can be encoded until it is.",
               icon=":material/image_not_supported:")
    say_where(run.plan.data.name, f"{key}.data")
    return dataset.is_local()
