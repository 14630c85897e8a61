"""What the codes of many images say about a latent space: spread, information and use of each dimension."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from genlab.errors import LabError
from genlab.latent.arrays import vectors

ACTIVE_VARIANCE = 0.01


@dataclass(frozen=True)
class LatentStatistics:
    """Each field has shape (D,).

    mean, std : of the posterior means over the images
    kl : mean KL(q(z_i|x) || N(0, 1)) in nats; None for a model without a spread
    active : True where the variance of the means is above 0.01 (Burda et al. 2016, arXiv 1509.00519, section 5.2)
    """

    mean: np.ndarray
    std: np.ndarray
    kl: np.ndarray | None
    active: np.ndarray

    @property
    def order(self) -> np.ndarray:
        """Dimensions from the most telling to the least: by KL, by spread where there is no KL.  -> int (D,)"""
        return np.argsort(-(self.std if self.kl is None else self.kl), kind="stable")


def latent_statistics(mu: ArrayLike, logvar: ArrayLike | None = None) -> LatentStatistics:
    """Statistics of the codes of N images, one image's without a spread.  (N, D), (N, D) or None; LabError where the shapes differ."""
    mu = vectors(mu, "latent_statistics")
    kl = None
    if logvar is not None:
        logvar = vectors(logvar, "latent_statistics", dim=mu.shape[1])
        if len(logvar) != len(mu):
            raise LabError(f"latent_statistics: {len(mu)} means and {len(logvar)} log variances; one of each for an image is needed")
        kl = 0.5 * (mu**2 + np.exp(logvar) - 1 - logvar).mean(0)   # Kingma and Welling 2014, appendix B
    return LatentStatistics(mu.mean(0), mu.std(0), kl, mu.var(0) > ACTIVE_VARIANCE)
