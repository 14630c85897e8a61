"""How true a map is: whether near is near."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from genlab.latent.arrays import vectors
from genlab.latent.projection import FEWEST


@dataclass(frozen=True)
class Fidelity:
    """How far a map may be trusted, each in [0, 1], 1 is best.

    trustworthiness : of those near on the map, how few come from far away in latent space (Venna and Kaski 2001)
    agreement : share of a point's k nearest latents that are also among its k nearest on the map
    k : neighbours counted; points : how many points were asked
    """

    trustworthiness: float
    agreement: float
    k: int
    points: int


def fidelity(z: ArrayLike, xy: ArrayLike, *, k: int = 15, metric: str = "euclidean", most: int = 1000, seed: int = 0) -> Fidelity:
    """How far a map may be trusted, from at most `most` points drawn by the seed, each ranked against all.  (N, D), (N, dims)"""
    from scipy.spatial.distance import cdist

    z, xy = vectors(z, "fidelity", least=FEWEST), vectors(xy, "fidelity")
    n = len(z)
    k = max(1, min(k, (n - 1) // 2 - 1))
    asked = np.sort(np.random.default_rng(seed).permutation(n)[:most])
    penalty = shared = 0.0
    for rows in np.array_split(asked, -(-len(asked) // 128)):
        here = np.arange(len(rows))
        in_z, on_map = cdist(z[rows], z, metric), cdist(xy[rows], xy)
        in_z[here, rows] = on_map[here, rows] = -1   # a point is its own rank 0
        rank = np.empty((len(rows), n), np.int64)
        np.put_along_axis(rank, np.argsort(in_z, axis=1, kind="stable"), np.arange(n)[None], axis=1)
        near = np.take_along_axis(rank, np.argsort(on_map, axis=1, kind="stable")[:, 1 : k + 1], axis=1)
        penalty += np.maximum(near - k, 0).sum()
        shared += (near <= k).sum()
    worst = len(asked) * k * (2 * n - 3 * k - 1) / 2
    return Fidelity(float(1 - penalty / worst), float(shared / (len(asked) * k)), k, len(asked))
