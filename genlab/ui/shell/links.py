"""Every view has an address: links that reproduce it, and latents short enough to stand in one."""

import base64
import binascii
from urllib.parse import urlencode

import numpy as np
import streamlit as st

from genlab.errors import LabError
from genlab.ui.shell.components import component

FORMATS = {"h": "<f2", "f": "<f4"}

_copy_link = component("copy_link", html="shell/copy_link.html", css="shell/copy_link.css", js="shell/copy_link.js")


def copy_link(params: dict[str, str | int | float], *, key: str) -> None:
    """A button that copies the address of this page with exactly these parameters."""
    _copy_link(data={"query": urlencode(params)}, key=key, height="content")


def z_to_text(z: np.ndarray, *, exact: bool = False) -> str:
    """A latent as text for an address: a letter for the format, then base64url.  (D,) -> about 2.7 D letters

    In 16-bit floats, to within 0.05 %; in 32 bits where `exact` asks for it or a value is too large for 16.
    """
    with np.errstate(over="ignore"):
        fits = np.isfinite(np.asarray(z, FORMATS["h"])).all()
    letter = "h" if fits and not exact else "f"
    return letter + base64.urlsafe_b64encode(np.asarray(z, FORMATS[letter]).tobytes()).decode().rstrip("=")


def z_from_text(text: str, latent_dim: int) -> np.ndarray:
    """The latent that a text stands for, float32 (latent_dim,); LabError where it is damaged or made for another model."""
    try:
        data = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
        z = np.frombuffer(data, FORMATS[text[:1]]).astype(np.float32)
    except (KeyError, ValueError, binascii.Error):
        raise LabError(f"latent {text[:12]!r}... in the address is damaged; copy the whole link") from None
    if len(z) != latent_dim:
        raise LabError(f"latent in the address has {len(z)} numbers; this model's have {latent_dim}")
    if not np.isfinite(z).all():
        raise LabError("latent in the address holds numbers that are not finite; copy the link again")
    return z


def query_z(name: str, latent_dim: int) -> np.ndarray | None:
    """The latent in a parameter of the page's address, None without one; LabError as `z_from_text`."""
    text = st.query_params.get(name)
    return z_from_text(text, latent_dim) if text else None
