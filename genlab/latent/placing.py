"""Latents on a map that is already there, known by its points alone, and the latents that its spots stand for."""

import warnings

import numpy as np
from numpy.typing import ArrayLike

from genlab.latent.arrays import vectors
from genlab.latent.compiled import keep_compiled

SAME = 1e-6   # latents no further apart are one point of the map


def place(new: ArrayLike, z: ArrayLike, xy: ArrayLike, neighbours: int = 15) -> np.ndarray:
    """New latents on a map that is known by its points alone.  (M, D), (N, D), (N, dims) -> float32 (M, dims)

    The mean of the nearest points' places, weighted as UMAP weights the edges of its graph: where its own transform starts from.
    A latent that is one of the map's lies where that one lies.
    """
    z, xy = vectors(z, "place"), vectors(xy, "place")
    new = vectors(new, "place", dim=z.shape[1])
    out = np.empty((len(new), xy.shape[1]), np.float32)
    for i, one in enumerate(new):
        index, distance = _nearest(one, z, neighbours)
        out[i] = xy[index[0]] if distance[0] <= SAME else _memberships(distance) @ xy[index]
    return out


def place_linear(new: ArrayLike, z: ArrayLike, xy: ArrayLike) -> np.ndarray:
    """New latents on a map that is a linear one, as PCA's is: where it sends them, found from its points.  As `place`"""
    z, xy = vectors(z, "place_linear"), vectors(xy, "place_linear")
    new = vectors(new, "place_linear", dim=z.shape[1])
    send, *_ = np.linalg.lstsq(z - z.mean(0), xy - xy.mean(0), rcond=None)
    return ((new - z.mean(0)) @ send + xy.mean(0)).astype(np.float32)


def settle(new: ArrayLike, z: ArrayLike, xy: ArrayLike, *, neighbours: int = 15, min_dist: float = 0.1, metric: str = "euclidean",
           seed: int = 0) -> np.ndarray:
    """New latents on a UMAP map where UMAP itself puts them.  As `place`

    They begin where `place` has them and are then drawn to their neighbours and away from others while the map's own points stay
    (McInnes et al. 2018, section 3). The neighbours are found anew from the points: a second or two for thousands, and umap to import.
    """
    keep_compiled()
    from umap import UMAP

    z, xy = vectors(z, "settle").astype(np.float32), vectors(xy, "settle").astype(np.float32)
    new = vectors(new, "settle", dim=z.shape[1]).astype(np.float32)
    mapper = UMAP(n_neighbors=min(neighbours, len(z) - 1), n_components=xy.shape[1], min_dist=min_dist, metric=metric, random_state=seed,
                  transform_seed=seed, n_jobs=1, init=xy, n_epochs=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        mapper.fit(z)
        mapper.embedding_, mapper.n_epochs = xy, None   # fit scales what it is given, even where it moves nothing
        out = np.asarray(mapper.transform(new), np.float32)
    for i, one in enumerate(new):
        index, distance = _nearest(one, z, 1)
        if distance[0] <= SAME:
            out[i] = xy[index[0]]
    return out


def _nearest(one: np.ndarray, z: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    distance = np.linalg.norm(z - one, axis=1)
    index = np.argsort(distance, kind="stable")[:k]
    return index, distance[index]


def _memberships(distance: np.ndarray) -> np.ndarray:
    """exp(-(d - d_0) / sigma), sigma such that they sum to log2 k before they are made to sum to 1 (McInnes et al. 2018, eq. 1)."""
    beyond, wanted = distance - distance[0], np.log2(len(distance) + 1)
    low, high = 1e-9, 10 * (beyond.max() + 1e-9)
    for _ in range(48):
        sigma = (low + high) / 2
        low, high = (sigma, high) if np.exp(-beyond / sigma).sum() < wanted else (low, sigma)
    weights = np.exp(-beyond / sigma)
    return weights / weights.sum()


def blend(at: ArrayLike, xy: ArrayLike, z: ArrayLike, k: int = 8) -> np.ndarray:
    """The latent that stands for any spot of a map.  (M, dims), (N, dims), (N, D) -> (M, D)

    The k nearest points' latents, weighted by the inverse square of their distance on the map (Shepard 1968): continuous, and a
    point's own latent on the point. The browser does the same while the pointer moves (ui/maps/map/cloud.js).
    """
    at, xy, z = vectors(at, "blend"), vectors(xy, "blend"), vectors(z, "blend")
    out = np.empty((len(at), z.shape[1]))
    for i, spot in enumerate(at):
        index, distance = _nearest(spot, xy, k)
        weights = 1 / np.maximum(distance, 1e-9) ** 2
        out[i] = weights / weights.sum() @ z[index]
    return out
