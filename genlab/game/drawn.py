"""Drawn points as text that fits into a link: a letter for the version, then two bytes a point in base64url."""

import base64
import binascii

import numpy as np

from genlab.data.shapes2d import EXTENT
from genlab.errors import ConfigError
from genlab.game.config import MOST_POINTS

STEPS = 127   # from the middle of the plane to its edge


def points_to_text(points: tuple[tuple[float, float], ...]) -> str:
    """About 2.7 letters a point; places are rounded to the steps of such a link."""
    steps = np.rint(np.clip(np.array(points, np.float64) / EXTENT, -1, 1) * STEPS).astype(np.int8)
    return "p" + base64.urlsafe_b64encode(steps.tobytes()).decode().rstrip("=")


def points_from_text(text: str) -> tuple[tuple[float, float], ...]:
    """The points; ConfigError where the text is damaged."""
    try:
        data = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
        if text[:1] != "p" or len(data) % 2 or not 0 < len(data) // 2 <= MOST_POINTS:
            raise ValueError
    except (ValueError, binascii.Error):
        raise ConfigError(f"points {text[:12]!r}... are damaged; copy the whole link, or draw again") from None
    steps = np.maximum(np.frombuffer(data, np.int8).reshape(-1, 2), -STEPS)
    return tuple((round(float(x), 4), round(float(y), 4)) for x, y in steps * (EXTENT / STEPS))


def snapped(points: list) -> tuple[tuple[float, float], ...]:
    """Points as a link would keep them, so that a drawn game and the game of its link are the same."""
    return points_from_text(points_to_text(points)) if points else ()
