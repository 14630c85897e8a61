"""What every function here expects of the arrays it is given, checked where they come in."""

import io
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from genlab.errors import LabError

AT_ONCE = 64   # images in a forward pass


def vectors(z: ArrayLike, where: str, *, dim: int | None = None, least: int = 1) -> np.ndarray:
    """z as finite float64 of shape (N, D); LabError names the function, what came, and what is needed."""
    z = np.asarray(z, np.float64)
    if z.ndim != 2 or len(z) < least or z.shape[1] < 1:
        raise LabError(f"{where}: latents have shape {z.shape}; (N, D) with N at least {least} is needed")
    return _checked(z, where, dim)


def vector(z: ArrayLike, where: str, *, dim: int | None = None) -> np.ndarray:
    """z as finite float64 of shape (D,); LabError names the function, what came, and what is needed."""
    z = np.asarray(z, np.float64)
    if z.ndim != 1 or z.size < 1:
        raise LabError(f"{where}: a latent has shape {z.shape}; (D,) is needed")
    return _checked(z, where, dim)


def _checked(z: np.ndarray, where: str, dim: int | None) -> np.ndarray:
    if dim is not None and z.shape[-1] != dim:
        raise LabError(f"{where}: latents of {z.shape[-1]} and of {dim} dimensions; they must be of one model")
    if not np.isfinite(z).all():
        raise LabError(f"{where}: a latent holds NaN or infinity; only finite numbers can be decoded")
    return z


def in_parts(function: Callable[[np.ndarray], np.ndarray], rows: np.ndarray, at_once: int = AT_ONCE) -> np.ndarray:
    """What a function makes of all rows, given so many at a time: a forward pass of thousands of images would take gigabytes."""
    return np.concatenate([function(rows[i : i + at_once]) for i in range(0, max(len(rows), 1), at_once)])


def npy(z: np.ndarray) -> bytes:
    """The .npy file of latents, in float32."""
    buffer = io.BytesIO()
    np.save(buffer, z.astype(np.float32))
    return buffer.getvalue()
