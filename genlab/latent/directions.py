"""Directions to move along: single dimensions, principal components, random ones, and what is left of one after others."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from genlab.errors import LabError
from genlab.latent.arrays import vector, vectors

NOTHING_LEFT = 1e-6   # share of a direction's length


@dataclass(frozen=True)
class Components:
    """Principal components of N latents, the widest first.

    directions : (K, D), unit length, orthogonal; the largest coordinate of each is positive, so that signs are repeatable
    std : (K,) spread of the latents along each
    share : (K,) share of the whole variance, in [0, 1]
    mean : (D,)
    """

    directions: np.ndarray
    std: np.ndarray
    share: np.ndarray
    mean: np.ndarray


def components(z: ArrayLike, k: int) -> Components:
    """The first k principal components of latents.  (N, D); LabError where k is not in 1 to min(N - 1, D)"""
    z = vectors(z, "components", least=2)
    most = min(len(z) - 1, z.shape[1])
    if not 1 <= k <= most:
        raise LabError(f"components: k = {k}; {len(z)} latents of {z.shape[1]} dimensions have 1 to {most}")
    mean = z.mean(0)
    variances, axes = np.linalg.eigh(np.cov(z - mean, rowvar=False, bias=True).reshape(z.shape[1], -1))
    variances, axes = variances[::-1].clip(0), axes[:, ::-1].T
    axes = axes * np.sign(np.take_along_axis(axes, np.abs(axes).argmax(1)[:, None], 1))
    return Components(axes[:k], np.sqrt(variances[:k]), variances[:k] / max(variances.sum(), np.finfo(float).tiny), mean)


def single_dims(dims: ArrayLike, latent_dim: int) -> np.ndarray:
    """The unit direction of each of these dimensions.  int (K,) -> (K, D)"""
    dims = np.asarray(dims, int)
    if dims.ndim != 1 or (dims.size and not 0 <= dims.min() <= dims.max() < latent_dim):
        raise LabError(f"single_dims: {dims.tolist()}; dimensions 0 to {latent_dim - 1} are there")
    return np.eye(latent_dim)[dims]


def random_directions(k: int, latent_dim: int, rng: np.random.Generator) -> np.ndarray:
    """k directions of unit length at right angles to each other, without preference.  -> (K, D)"""
    if not 1 <= k <= latent_dim:
        raise LabError(f"random_directions: k = {k}; 1 to {latent_dim} can be at right angles")
    q, r = np.linalg.qr(rng.standard_normal((latent_dim, k)))
    return (q * np.sign(np.diag(r))).T   # without the sign, QR prefers one side


def attribute_directions(z: ArrayLike, attributes: ArrayLike, *, ridge: float = 1e-2) -> np.ndarray:
    """How z moves when one attribute grows by 1 and all others stay.  (N, D), (N, K) -> (K, D)

    Ridge regression of z on all attributes together, each set to variance 1 first, so that what merely goes along with an
    attribute is told apart from it; a direction is 0 where the attribute never varies. Unknown values (NaN) count as the mean.
    """
    z = vectors(z, "attribute_directions", least=2)
    a = np.asarray(attributes, np.float64)
    if a.ndim != 2 or len(a) != len(z):
        raise LabError(f"attribute_directions: {len(z)} latents and attributes of shape {a.shape}; ({len(z)}, K) is needed")
    a = np.where(np.isnan(a), np.nanmean(np.where(np.isnan(a).all(0), 0.0, a), axis=0), a)
    spread = a.std(0)
    varies = spread > 0
    x = (a[:, varies] - a[:, varies].mean(0)) / spread[varies]
    found = np.zeros((a.shape[1], z.shape[1]))
    gram = x.T @ x / len(x) + ridge * np.eye(x.shape[1])
    found[varies] = np.linalg.solve(gram, x.T @ (z - z.mean(0)) / len(x)) / spread[varies, None]
    return found


def in_spreads(directions: ArrayLike, z: ArrayLike) -> np.ndarray:
    """The same directions, each as long as one standard deviation of the latents along it.  (K, D), (N, D) -> (K, D)"""
    z = vectors(z, "in_spreads", least=2)
    directions = vectors(directions, "in_spreads", dim=z.shape[1])
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    units = np.divide(directions, lengths, out=np.zeros_like(directions), where=lengths > 0)
    return units * (z @ units.T).std(0)[:, None]


def orthogonalise(direction: ArrayLike, against: ArrayLike) -> np.ndarray:
    """What is left of a direction at right angles to all of `against`.  (D,), (K, D) -> (D,), its length shrunk accordingly.

    Moving along it changes nothing that is read off along `against`, which need not be orthogonal themselves. Raises
    LabError where next to nothing is left.
    """
    direction = vector(direction, "orthogonalise")
    left, length = direction, np.linalg.norm(direction)
    if np.size(against):
        _, s, axes = np.linalg.svd(vectors(against, "orthogonalise", dim=len(direction)), full_matrices=False)
        axes = axes[s > s[0] * 1e-10]
        for _ in range(2):   # twice is enough: the second pass removes what rounding left
            left = left - axes.T @ (axes @ left)
    if np.linalg.norm(left) <= NOTHING_LEFT * length:
        raise LabError("orthogonalise: the direction lies wholly in what is kept fixed; unlock something or choose another")
    return left
