"""A plane of two axes: the picture follows the pointer over it, the encoded images lie on it as faint dots."""

from collections.abc import Sequence

import numpy as np

from genlab.ui.explore.decoding import connection, packed, target
from genlab.ui.explore.scrubber import Axis
from genlab.ui.shell.components import component

BEYOND = 0.5   # standard deviations that the plane goes farther than its axes

_plane = component("plane", html="explore/plane/plane.html", css="explore/plane/plane.css", js="explore/plane/plane.js")


def show_plane(run_id: str, z: np.ndarray, axes: Sequence[Axis], here: tuple[float, float], codes: np.ndarray, *, key: str,
               size_px: int = 380) -> tuple[float, float] | None:
    """The plane through z, (D,), along two axes, on which z stands at `here`; the point that was clicked just now, None otherwise.

    codes : (N, D), shown where the plane's two axes see them; both, and here, count from z with the axes' amounts taken back
    """
    origin = z - here[0] * axes[0].direction - here[1] * axes[1].direction
    result = _plane(key=key, height="content", on_put_change=lambda: None, data={
        **connection(), "target": target(run_id), "z": packed(z), "size": size_px,
        "reach": BEYOND + max(abs(end) for axis in axes for end in (axis.low, axis.high)),
        "across": packed(axes[0].direction), "up": packed(axes[1].direction), "here": [float(a) for a in here],
        "names": [axis.name for axis in axes], "dots": packed(coordinates(codes - origin, axes))})
    put = result.put
    if not isinstance(put, dict) or not all(isinstance(put.get(name), int | float) for name in "ab"):
        return None
    return tuple(float(np.clip(put[name], axis.low, axis.high)) for name, axis in zip("ab", axes, strict=True))


def coordinates(moves: np.ndarray, axes: Sequence[Axis]) -> np.ndarray:
    """Amounts along two axes that come nearest to each move.  (N, D) -> (N, 2)"""
    basis = np.stack([axis.direction for axis in axes])
    return moves @ np.linalg.pinv(basis)
