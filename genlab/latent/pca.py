"""Principal components of images: the best linear autoencoder, and the baseline beside every other.

P. Baldi and K. Hornik, "Neural networks and principal component analysis", 1989: no linear autoencoder with k codes does better.
"""

from dataclasses import dataclass

import numpy as np

from genlab.errors import LabError


@dataclass(frozen=True)
class PCA:
    """mean : (P,); axes : (k, P) with orthonormal rows; std : (k,) of the codes of the images it was fitted on"""

    mean: np.ndarray
    axes: np.ndarray
    std: np.ndarray

    def encode(self, flat: np.ndarray) -> np.ndarray:
        """(N, P) -> (N, k)"""
        return (flat - self.mean) @ self.axes.T

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """(N, k) -> (N, P)"""
        return codes @ self.axes + self.mean

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """Draws from the Gaussian with these components.  -> (n, P)"""
        return self.decode(rng.standard_normal((n, len(self.std))) * self.std)


def fit_pca(flat: np.ndarray, k: int) -> PCA:
    """The first k components of N vectors, or as many as they have: at most N - 1.  float (N, P); LabError for fewer than 2.

    Through the smaller of the two Gram matrices; signs are fixed, so the same vectors give the same components.
    """
    n, p = flat.shape
    if n < 2:
        raise LabError(f"pca: {n} image; at least 2 are needed")
    k, mean = min(k, n - 1, p), flat.mean(0)
    centred = flat - mean
    if n <= p:
        values, vectors = np.linalg.eigh(centred @ centred.T)
        axes = (vectors.T[::-1][:k] @ centred) / np.sqrt(values[::-1][:k, None].clip(np.finfo(flat.dtype).tiny))
    else:
        values, vectors = np.linalg.eigh(centred.T @ centred)
        axes = vectors.T[::-1][:k]
    axes = axes * np.where(np.take_along_axis(axes, np.abs(axes).argmax(1)[:, None], 1) < 0, -1, 1)
    return PCA(mean, axes, np.sqrt(values[::-1][:k].clip(0) / (n - 1)))
