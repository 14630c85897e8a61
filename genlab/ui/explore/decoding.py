"""What every component that decodes is told: the page's token, latents as text."""

import base64

import numpy as np
import streamlit as st

from genlab.lens.models import NEWEST
from genlab.server.token import new_token


def connection() -> dict[str, str]:
    """This page's token for the decode socket."""
    return {"token": st.session_state.setdefault("decode.token", new_token())}


def target(run_id: str, step: int = NEWEST) -> str:
    """A run at a kept step, or its newest weights, as the decode socket calls it."""
    return run_id if step == NEWEST else f"{run_id}@{step}"


def packed(z: np.ndarray) -> str:
    """Numbers as float32 in base64, row by row."""
    return base64.b64encode(np.asarray(z, "<f4").tobytes()).decode()
