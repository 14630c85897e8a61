"""Maps of latent space: many latents in two or three dimensions, so that neighbours stay neighbours. UMAP, PCA and t-SNE.

umap and scikit-learn are imported where they are used: together they take two seconds, and only whoever fits a map needs them.
"""

import io
import re
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from genlab.errors import LabError
from genlab.latent.arrays import vectors
from genlab.latent.compiled import keep_compiled
from genlab.latent.directions import components
from genlab.latent.placing import place

Method = Literal["umap", "pca", "tsne"]
METHODS: dict[str, str] = {"umap": "UMAP", "pca": "PCA", "tsne": "t-SNE"}
METRICS = ("euclidean", "cosine", "correlation", "manhattan")
FEWEST = 5           # points: fewer have no neighbourhoods to keep
SPECTRAL_FROM = 50   # points; below, UMAP starts from principal components: its graph has too few eigenvectors

Told = Callable[[float], None]
"""Told how far a fit is, from 0 to 1."""


@dataclass(frozen=True)
class Projection:
    """A fitted map.

    xy : float32 (N, dims), in the order of the latents
    transform : places new latents on it, (M, D) -> float32 (M, dims); UMAP and PCA by their own transform, t-SNE, which has none, by `placing.place`
    """

    xy: np.ndarray
    transform: Callable[[np.ndarray], np.ndarray]


def project(z: ArrayLike, method: Method = "umap", *, dims: int = 2, neighbours: int = 15, min_dist: float = 0.1, metric: str = "euclidean",
            seed: int = 0, told: Told = lambda share: None) -> Projection:
    """The map of N latents, (N, D); the same seed gives the same map. Latents that are the same point lie on the same point.

    umap: McInnes et al. 2018, arXiv 1802.03426; tsne: van der Maaten and Hinton 2008, `neighbours` is its perplexity; pca knows
    neither neighbours nor metric. Raises LabError for latents that are not finite, fewer than 5 different ones, and settings out of range.
    """
    z = _checked(z, method, dims, neighbours, metric)
    if method == "pca":
        return _pca(z, dims, told)
    points, back = np.unique(z.astype(np.float32), axis=0, return_inverse=True)
    if len(points) < FEWEST:
        raise LabError(f"project: {len(z)} latents lie on {len(points)} different points; {FEWEST} are needed for a map")
    neighbours = min(neighbours, len(points) - 1)
    fit = _umap if method == "umap" else _tsne
    found = fit(points, dims, neighbours, min_dist, metric, seed, told)
    told(1.0)
    return Projection(found.xy[back.reshape(-1)], found.transform)


def _checked(z: ArrayLike, method: str, dims: int, neighbours: int, metric: str) -> np.ndarray:
    z = np.asarray(z, np.float64)
    if z.ndim == 2 and len(bad := np.flatnonzero(~np.isfinite(z).all(1))):
        raise LabError(f"project: {len(bad)} of {len(z)} latents hold NaN or infinity, the first is number {bad[0]}; is the model damaged?")
    z = vectors(z, "project", least=FEWEST)
    if method not in METHODS:
        raise LabError(f"project: method {method!r} is not known; there are {', '.join(METHODS)}")
    if metric not in METRICS:
        raise LabError(f"project: metric {metric!r} is not known; there are {', '.join(METRICS)}")
    if dims not in (2, 3):
        raise LabError(f"project: {dims} dimensions; a map has 2 or 3")
    if method != "pca" and not 2 <= neighbours < len(z):
        raise LabError(f"project: neighbours = {neighbours}; {len(z)} latents allow 2 to {len(z) - 1}")
    return z


def _pca(z: np.ndarray, dims: int, told: Told) -> Projection:
    k = min(dims, z.shape[1], len(z) - 1)
    found = components(z, k)
    padding = ((0, 0), (0, dims - k))   # a single latent dimension still makes a flat map

    def transform(new: np.ndarray) -> np.ndarray:
        return np.pad((vectors(new, "project", dim=z.shape[1]) - found.mean) @ found.directions.T, padding).astype(np.float32)

    told(1.0)
    return Projection(transform(z), transform)


def _umap(z: np.ndarray, dims: int, neighbours: int, min_dist: float, metric: str, seed: int, told: Told) -> Projection:
    keep_compiled()
    from umap import UMAP

    bar = {"disable": False, "file": _Counted(told, r"(\d+) of (\d+)"), "bar_format": "{n} of {total} ", "mininterval": 0.02, "miniters": 1}
    mapper = UMAP(n_neighbors=neighbours, n_components=dims, min_dist=min_dist, metric=metric, random_state=seed, transform_seed=seed, n_jobs=1,
                  init="spectral" if len(z) >= SPECTRAL_FROM else "pca", tqdm_kwds=bar)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)   # about eigenvectors it falls back from by itself
        xy = mapper.fit_transform(z)

    def transform(new: np.ndarray) -> np.ndarray:
        return np.asarray(mapper.transform(vectors(new, "project", dim=z.shape[1]).astype(np.float32)), np.float32)

    return Projection(_finite(xy, "UMAP"), transform)


def _tsne(z: np.ndarray, dims: int, neighbours: int, min_dist: float, metric: str, seed: int, told: Told) -> Projection:
    from sklearn.manifold import TSNE

    iterations = 1000
    mapper = TSNE(dims, perplexity=neighbours, metric=metric, random_state=seed, max_iter=iterations, n_jobs=1,
                  init="pca" if z.shape[1] >= dims else "random", verbose=2)   # what it prints is the only sign of how far it is
    with redirect_stdout(_Counted(told, r"Iteration (\d+)", iterations)):
        xy = _finite(mapper.fit_transform(z), "t-SNE")
    return Projection(xy, lambda new: place(new, z, xy, neighbours))


def _finite(xy: np.ndarray, name: str) -> np.ndarray:
    if not np.isfinite(xy).all():
        raise LabError(f"project: {name} found no finite place for some points; try more neighbours or another metric")
    return np.asarray(xy, np.float32)


class _Counted(io.StringIO):
    """A stream that a library reports its iterations to; what it says is told on as a share."""

    def __init__(self, told: Told, pattern: str, total: int = 0):
        super().__init__()
        self.told, self.pattern, self.total = told, re.compile(pattern), total

    def write(self, text: str) -> int:
        if found := self.pattern.findall(text):
            done, total = (found[-1], self.total) if self.total else found[-1]
            self.told(min(int(done) / max(int(total), 1), 1.0))
        return len(text)


# -- several maps that lie on each other -----------------------------------------------------------------------------


def project_aligned(zs: Sequence[ArrayLike], method: Method = "umap", *, neighbours: int = 15, min_dist: float = 0.1, seed: int = 0) -> np.ndarray:
    """Maps of the same N images at several moments, each as near to the last as it can be.  S times (N, D_s) -> float32 (S, N, 2)

    umap: AlignedUMAP; pca: principal components, each turned onto the next (Procrustes). Raises LabError as `project`, and for t-SNE.
    """
    zs = [_checked(z, method, 2, neighbours, "euclidean") for z in zs]
    if method == "tsne" or len(zs) < 2 or len({len(z) for z in zs}) > 1:
        raise LabError(f"project_aligned: {METHODS[method]} of {len(zs)} moments; UMAP or PCA of the same images at two or more can be aligned")
    if method == "pca":
        return np.stack(_turned([_pca(z, 2, lambda share: None).xy for z in zs]))
    keep_compiled()
    from umap import AlignedUMAP

    same = [{i: i for i in range(len(zs[0]))}] * (len(zs) - 1)
    mapper = AlignedUMAP(n_neighbors=neighbours, min_dist=min_dist, random_state=seed, alignment_regularisation=0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        found = mapper.fit_transform([z.astype(np.float32) for z in zs], relations=same)
    return np.stack([_finite(np.asarray(xy), "UMAP") for xy in found])


def _turned(maps: list[np.ndarray]) -> list[np.ndarray]:
    """Each map turned, mirrored and scaled onto the one after it; the last stays."""
    out = [maps[-1]]
    for xy in reversed(maps[:-1]):
        u, _, v = np.linalg.svd((xy - xy.mean(0)).T @ (out[0] - out[0].mean(0)))
        turned = (xy - xy.mean(0)) @ (u @ v)
        out.insert(0, (turned * (out[0].std() / max(turned.std(), 1e-12)) + out[0].mean(0)).astype(np.float32))
    return out
