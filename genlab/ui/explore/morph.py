"""A large face that follows the pointer: a square of latents, of which the page shows the one below the pointer."""


import numpy as np

from genlab.errors import LabError
from genlab.latent.lattice import REACH
from genlab.lens.morph import SIDE, Morph
from genlab.ui.explore.decoding import connection, packed, target
from genlab.ui.shell.components import component
from genlab.ui.shell.pictures import data_url

_morph = component("morph", html="explore/morph/morph.html", css="explore/morph/morph.css", js="explore/morph/morph.js")


def show_morph(morph: Morph, *, label: str, about: str, key: str, size_px: int = 560) -> np.ndarray | None:
    """The square of a run as one picture, there with the page and alive a moment later; the latent that was clicked just now, (D,)."""
    first = data_url(morph.first)
    result = _morph(key=key, height="content", on_open_change=lambda: None, data={
        **connection(), "target": target(morph.run_id), "z": packed(morph.z), "side": SIDE, "reach": REACH, "first": first, "size": size_px,
        "label": label, "about": about})
    return None if result.open is None else _latent(result.open, morph.z.shape[1])


def _latent(opened: object, dim: int) -> np.ndarray:
    """What the browser says, checked like anything from outside."""
    z = opened.get("z") if isinstance(opened, dict) else None
    if not isinstance(z, list) or len(z) != dim or not all(isinstance(v, int | float) and np.isfinite(v) for v in z):
        raise LabError(f"the page sent what is no latent of {dim} numbers; reload it")
    return np.array(z, np.float32)
