"""Neighbours of latents: what a picture clearly shows, theirs show, too."""

import numpy as np

from genlab.latent.laws import NORMAL, Law

NEAR, SHAKE = 4, 0.5   # neighbours of a latent, and how far from it they are, in spreads of the prior


def neighbours(z: np.ndarray, law: Law = NORMAL) -> np.ndarray:
    """Each latent of a law moved a little, NEAR times over, and not beyond its border; always the same of the same latents.

    (N, D) -> float32 (NEAR x N, D)
    """
    noise = np.random.default_rng(17).standard_normal((NEAR, *z.shape), np.float32)
    return (z + np.float32(SHAKE * law.std) * noise).clip(-law.bound, law.bound).reshape(-1, z.shape[1])
