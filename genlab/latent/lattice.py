"""A square of latents in which every spot is near a known one: a few of them on a lattice, and what lies between."""

import numpy as np
from numpy.typing import ArrayLike

from genlab.errors import LabError
from genlab.latent.arrays import vectors
from genlab.latent.directions import components

REACH = 0.45   # of the way to the next latent: how far each one's influence goes


def spread_out(z: ArrayLike, k: int) -> np.ndarray:
    """Positions of k latents that differ as much as they can, the most central first.  (N, D) -> int (k,)

    Each next one is the farthest from all taken so far (Gonzalez 1985). LabError where k is not in 1 to N.
    """
    z = vectors(z, "spread_out")
    if not 1 <= k <= len(z):
        raise LabError(f"spread_out: k = {k}; 1 to {len(z)} of these latents can be taken")
    taken = [int(np.linalg.norm(z - z.mean(0), axis=1).argmin())]
    nearest = np.full(len(z), np.inf)
    while len(taken) < k:
        nearest = np.minimum(nearest, np.linalg.norm(z - z[taken[-1]], axis=1))
        taken.append(int(nearest.argmax()))
    return np.array(taken)


def on_lattice(z: ArrayLike, side: int) -> np.ndarray:
    """The order in which side x side latents, row by row, lie beside those like them.  (side^2, D) -> int (side^2,)

    Rows by the direction in which they differ most, and within a row by the next.
    """
    z = vectors(z, "on_lattice", least=2)
    if len(z) != side * side:
        raise LabError(f"on_lattice: {len(z)} latents; {side} x {side} are needed")
    along = (z - z.mean(0)) @ components(z, 1).directions[0]
    rows = np.argsort(along, kind="stable").reshape(side, side)
    across = components(z, min(2, len(z) - 1, z.shape[1])).directions[-1]
    return np.concatenate([row[np.argsort(z[row] @ across, kind="stable")] for row in rows])


def between(z: ArrayLike, x: float, y: float) -> np.ndarray:
    """The latent at a spot of the square, x and y in [0, 1] from its upper left corner.  (side^2, D) -> (D,)

    A mean weighted by a Gaussian of the distance to each, made as long as they are on that mean: as on an arc, it does not
    cut through the empty middle. morph.js computes the same.
    """
    z = vectors(z, "between")
    side = round(len(z) ** 0.5)
    row, column = np.divmod(np.arange(len(z)), side)
    far = (column - x * (side - 1)) ** 2 + (row - y * (side - 1)) ** 2
    weights = np.exp(-far / (2 * REACH**2))
    weights /= weights.sum()
    mixed = weights @ z
    return mixed * (weights @ np.linalg.norm(z, axis=1)) / max(np.linalg.norm(mixed), np.finfo(float).tiny)
