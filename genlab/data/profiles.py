"""ICC profiles of colour spaces that files name without bringing one: made from the places of white and the primaries, and a curve."""

import struct
from collections.abc import Callable

import numpy as np

XY = tuple[float, float]
D50 = np.array([0.9642, 1.0, 0.8249])   # the white of all ICC profiles
D65: XY = (0.3127, 0.3290)
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
POINTS = 1024   # of a curve

SRGB: tuple[XY, ...] = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
ADOBE_RGB: tuple[XY, ...] = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06))
DISPLAY_P3: tuple[XY, ...] = ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060))
ADOBE_GAMMA = 563 / 256

Curve = Callable[[np.ndarray], np.ndarray]
"""From a picture's numbers to light, both from 0 to 1."""


def srgb_curve(v: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1."""
    return np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)


def power_curve(gamma: float) -> Curve:
    return lambda v: v**gamma


def to_d50(primaries: tuple[XY, ...], white: XY = D65) -> np.ndarray:
    """The matrix (3, 3) that takes light of these primaries to XYZ as seen under D50, its columns red, green and blue."""
    columns = np.stack([_xyz(xy) for xy in primaries], axis=1)
    seen = _xyz(white)
    light = columns * np.linalg.solve(columns, seen)
    adapted = np.linalg.inv(BRADFORD) @ np.diag((BRADFORD @ D50) / (BRADFORD @ seen)) @ BRADFORD
    return adapted @ light


def rgb_profile(name: str, primaries: tuple[XY, ...], curve: Curve, white: XY = D65) -> bytes:
    """An ICC profile, version 2, of a space with these primaries, white and curve. Raises ValueError where they span no colours."""
    try:
        with np.errstate(all="ignore"):
            matrix = to_d50(primaries, white)
    except (np.linalg.LinAlgError, ZeroDivisionError):
        matrix = np.full((3, 3), np.nan)
    if not np.isfinite(matrix).all():
        raise ValueError(f"primaries {primaries} with white {white} span no colours")
    text = name.encode("ascii", "replace") + b"\0"
    table = np.rint(curve(np.linspace(0, 1, POINTS)) * 65535).astype(">u2").tobytes()
    bodies = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", len(text)) + text + bytes(78), b"cprt": b"text" + bytes(4) + b"none\0",
        b"wtpt": _xyz_tag(D50), b"rXYZ": _xyz_tag(matrix[:, 0]), b"gXYZ": _xyz_tag(matrix[:, 1]), b"bXYZ": _xyz_tag(matrix[:, 2]),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), b"curv" + bytes(4) + struct.pack(">I", POINTS) + table),
    }
    tags, data, start = b"", b"", 128 + 4 + 12 * len(bodies)
    for key, body in bodies.items():
        tags += key + struct.pack(">II", start + len(data), len(body))
        data += body + bytes(-len(body) % 4)
    head = struct.pack(">I4xI4s4s4s12x4s", start + len(data), 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    head = head.ljust(68, b"\0") + _fixed(D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(bodies)) + tags + data


def _xyz(xy: XY) -> np.ndarray:
    x, y = xy
    return np.array([x / y, 1.0, (1 - x - y) / y])


def _fixed(values: np.ndarray) -> bytes:
    """Numbers as s15Fixed16."""
    return np.rint(np.clip(values, -32768, 32767) * 65536).astype(">i4").tobytes()


def _xyz_tag(values: np.ndarray) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(values)
