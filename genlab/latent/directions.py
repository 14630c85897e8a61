"""Directions to move along: single dimensions, principal components, random ones, and what is left of one after others."""

from collections.abc import Callable
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
    z = vectors(z, "attribute_directions")
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


def mean_differences(z: ArrayLike, attributes: ArrayLike) -> np.ndarray:
    """Mean code of the images that have more of an attribute than average, less that of the others.  (N, D), (N, K) -> (K, D)

    What merely goes along with an attribute is in it too. 0 where the attribute never varies; unknown values (NaN) are left out.
    """
    z, columns = _paired(z, attributes, "mean_differences")
    found = np.zeros((len(columns), z.shape[1]))
    for k, (known, above) in enumerate(columns):
        if above.any() and not above.all():
            found[k] = z[known][above].mean(0) - z[known][~above].mean(0)
    return found


def logistic_directions(z: ArrayLike, attributes: ArrayLike, *, ridge: float = 1e-2) -> np.ndarray:
    """Normals of the planes that best part images with more of an attribute than average from the others.  (N, D), (N, K) -> (K, D)

    Logistic regression by Newton's method (Bishop 2006, section 4.3.3), as Shen et al. 2020 (arXiv 1907.10786, section 3.1) use a
    linear boundary's normal to edit faces. Codes are brought to unit scale and `ridge` weighs |w|^2 / 2, so that parted clouds have
    an answer too. 0 where the attribute never varies; unknown values (NaN) are left out.
    """
    z, columns = _paired(z, attributes, "logistic_directions")
    scale = z.std() or 1.0
    x = np.concatenate([(z - z.mean(0)) / scale, np.ones((len(z), 1))], axis=1)
    found = np.zeros((len(columns), z.shape[1]))
    for k, (known, above) in enumerate(columns):
        if above.any() and not above.all():
            found[k] = _newton(x[known], above.astype(float), ridge)[:-1] / scale
    return found


def _paired(z: ArrayLike, attributes: ArrayLike, where: str) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Checked codes, and for each attribute which images are known and which of these have more of it than average."""
    z = vectors(z, where)
    a = np.asarray(attributes, np.float64)
    if a.ndim != 2 or len(a) != len(z):
        raise LabError(f"{where}: {len(z)} latents and attributes of shape {a.shape}; ({len(z)}, K) is needed")
    columns = []
    for column in a.T:
        known = ~np.isnan(column)
        columns.append((known, column[known] > column[known].mean() if known.any() else np.zeros(0, bool)))
    return z, columns


def _newton(x: np.ndarray, y: np.ndarray, ridge: float, steps: int = 50) -> np.ndarray:
    """Weights (D,) of a logistic regression of y in {0, 1} on x (N, D) whose last column, the constant, is not held back."""
    w, penalty = np.zeros(x.shape[1]), ridge * np.eye(x.shape[1])
    penalty[-1, -1] = 1e-9
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -40, 40)))
        slope = x.T @ (p - y) / len(x) + penalty @ w
        curve = (x * (p * (1 - p))[:, None]).T @ x / len(x) + penalty
        move = np.linalg.solve(curve, slope)
        w = w - move * min(1.0, 5.0 / max(np.linalg.norm(move), 1e-300))   # far from the answer a whole step overshoots
        if np.abs(move).max() < 1e-9:
            break
    return w


METHODS: dict[str, Callable[[ArrayLike, ArrayLike], np.ndarray]] = {
    "ridge": attribute_directions, "means": mean_differences, "logistic": logistic_directions}
"""Ways to find the directions of attributes by name; each (N, D), (N, K) -> (K, D)."""


def in_spreads(directions: ArrayLike, z: ArrayLike) -> np.ndarray:
    """The same directions, each as long as one standard deviation of the latents along it.  (K, D), (N, D) -> (K, D)"""
    z = vectors(z, "in_spreads")
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
