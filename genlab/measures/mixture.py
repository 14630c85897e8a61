"""A Gaussian mixture fitted to the codes of training images, to sample from in place of the prior.

P. Ghosh et al., "From variational to deterministic autoencoders", 2020, arXiv 1903.12436, section 4: density estimation after training,
ten full Gaussians. It makes a plain autoencoder a generative model, and shows how much of a VAE's lead is its prior's.
"""

from dataclasses import dataclass

import numpy as np

from genlab.errors import LabError

COMPONENTS = 10
CODES_PER_DIMENSION = 5   # that a component has to itself, at least: fewer do not fix its covariance


@dataclass(frozen=True)
class Mixture:
    """weights : (K,); means : (K, D); roots : (K, D, D), lower Cholesky factors of the covariances"""

    weights: np.ndarray
    means: np.ndarray
    roots: np.ndarray

    def sample(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n draws.  -> (n, D)"""
        which = rng.choice(len(self.weights), n, p=self.weights)
        eps = rng.standard_normal((n, self.means.shape[1]))
        return self.means[which] + np.einsum("nij,nj->ni", self.roots[which], eps)


def fit_mixture(codes: np.ndarray, seed: int, components: int = COMPONENTS) -> Mixture:
    """A mixture of at most so many full Gaussians, fewer where codes are few.  (N, D); LabError for fewer than 2 codes."""
    from sklearn.mixture import GaussianMixture  # a second to import: only where it is used

    n, d = codes.shape
    if n < 2:
        raise LabError(f"mixture: {n} code; a Gaussian mixture needs 2 training images at least")
    k = max(1, min(components, n // (CODES_PER_DIMENSION * d)))
    ridge = 1e-3 * float(codes.var(0).mean()) + 1e-9   # codes that lie in a plane still have a density
    fitted = GaussianMixture(k, covariance_type="full", reg_covar=ridge, random_state=seed, max_iter=100).fit(codes.astype(np.float64))
    return Mixture(fitted.weights_ / fitted.weights_.sum(), fitted.means_, np.linalg.cholesky(fitted.covariances_))
