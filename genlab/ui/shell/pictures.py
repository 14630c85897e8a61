"""Images as the lab shows them: every pixel crisp, and a grid as one picture."""

import base64

import numpy as np
import streamlit as st

from genlab.runs.pictures import png, tile


def show_images(x: np.ndarray, *, alt: str, key: str, columns: int = 8, scale: int = 2, caption: str | None = None) -> None:
    """Images in rows as one picture, each pixel `scale` CSS pixels wide (less where the page is narrower).  uint8 (n, C, H, W)

    alt says what is to be seen for who cannot see it; the key makes the picture keep its place when it changes.
    """
    show_png(png(tile(x, columns)), width=scale * (min(columns, len(x)) * (x.shape[3] + 2) - 2), alt=alt, key=key, caption=caption)


def show_png(data: bytes, *, width: int, alt: str, key: str, caption: str | None = None) -> None:
    """A PNG file, `width` CSS pixels wide at most and without smoothing.

    Sent inside the page's own message: a second request could come after the server has forgotten the file.
    """
    with st.container(key=f"crisp-{key}", width=width):   # the container gives way where the page is narrower, a picture would not
        st.image(data_url(data), width="stretch", alt=alt, caption=caption)


def data_url(data: bytes) -> str:
    """A PNG file as an address that holds it."""
    return "data:image/png;base64," + base64.b64encode(data).decode()
