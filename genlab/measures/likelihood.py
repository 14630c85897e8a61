"""What a probabilistic model says of images it has not seen, in nats per image: ELBO, importance-weighted bounds, the gap to the prior.

D. Kingma and M. Welling 2014, arXiv 1312.6114, equation 3 (ELBO). Y. Burda, R. Grosse, R. Salakhutdinov, "Importance weighted
autoencoders", 2016, arXiv 1509.00519, equation 8 (the bounds L_k). M. Hoffman and M. Johnson, "ELBO surgery", 2016, equation 8 (the KL
splits into information and the aggregated posterior's distance to the prior).
"""

import math
from typing import Protocol

import numpy as np
import torch
from scipy.special import logsumexp
from torch import Tensor

from genlab.errors import LabError
from genlab.latent.intervals import Estimate, by_bootstrap, of_mean
from genlab.latent.statistics import ACTIVE_VARIANCE
from genlab.measures.rebuild import squared_error
from genlab.models.posterior import HALF_LOG_2PI, Posterior

KS = (1, 5, 50, 500)
AT_ONCE = 50      # decoded at once


class Probabilistic(Protocol):
    """What the bounds ask of a model: q(z|x), log p(z) and log p(x|z)."""

    def encode(self, x: Tensor) -> Posterior: ...

    def decode(self, z: Tensor) -> Tensor: ...

    def log_prior(self, z: Tensor) -> Tensor: ...

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor: ...


def elbo_terms(model: Probabilistic, x: Tensor, generator: torch.Generator) -> dict[str, np.ndarray]:
    """recon, kl and elbo of each image, and mse per pixel: one draw each, the KL in closed form.  (B, C, H, W) in [0, 1] -> (B,) each"""
    q = model.encode(x)
    z = q.sample(generator)
    recon, kl = -model.log_likelihood(x, z), sum(part.sum(1) for part in q.kl().values())
    found = {"recon": recon, "kl": kl, "elbo": -(recon + kl), "mse_draw": squared_error(x, model.decode(z))}
    return {name: t.double().numpy() for name, t in found.items()}


def log_weights(model: Probabilistic, x: Tensor, k: int, generator: torch.Generator) -> np.ndarray:
    """log p(x|z) + log p(z) - log q(z|x) of k draws for each image.  (B, C, H, W) -> float64 (B, k)"""
    q, rows = model.encode(x), []
    for i in range(len(x)):
        parts = []
        for start in range(0, k, AT_ONCE):
            q_i = q.take(torch.full((min(AT_ONCE, k - start),), i))
            z = q_i.sample(generator)
            parts.append(model.log_likelihood(x[i : i + 1], z).double() + model.log_prior(z) - q_i.log_prob(z))
        rows.append(torch.cat(parts))
    return torch.stack(rows).numpy()


def iwae_bounds(log_w: np.ndarray, ks: tuple[int, ...] = KS) -> dict[int, np.ndarray]:
    """L_k of each image: log of the mean weight of k draws, averaged over disjoint groups of k.  (B, K) -> (B,) for each k

    Each k divides the next and all divide K, so that groups are made of whole smaller groups and no bound can be below a smaller k's.
    """
    most = log_w.shape[1]
    if any(b % a for a, b in zip(ks, (*ks[1:], most), strict=True)):
        raise LabError(f"iwae: k = {', '.join(map(str, ks))} of {most} draws; each must divide the next")
    grouped = {k: log_w.reshape(len(log_w), most // k, k) for k in ks}
    return {k: (logsumexp(g, axis=-1) - math.log(k)).mean(1) for k, g in grouped.items()}


def bound(bounds: dict[int, np.ndarray], k: int) -> Estimate:
    """The mean bound with k draws; parts say what it gains over one draw, which its own interval hides: images differ more."""
    gain = of_mean(bounds[k] - bounds[min(bounds)]) if k > min(bounds) else Estimate(0.0, 0.0, 0.0)
    return of_mean(bounds[k], gain=gain.value, gain_low=gain.low, gain_high=gain.high)


def prior_gap(mu: np.ndarray, logvar: np.ndarray, seed: int) -> Estimate:
    """KL of the aggregated posterior of these N images to N(0, I), in nats, by a draw from each.  (N, D) twice

    log q(z) is the log of the mean density over all N posteriors. parts: kl, and information = kl - gap, which cannot exceed log N; where it
    comes near, the gap is that of these images and only an upper bound of all images'. single is the sum of the same gap taken latent by
    latent, which few images fix already, and leaves out how latents hang together. The interval takes the mixture as given.
    """
    n = len(mu)
    if n < 2:
        raise LabError(f"prior_gap: {n} image; at least 2 are needed")
    mu, logvar = mu.astype(np.float64), logvar.astype(np.float64)
    z = mu + np.exp(0.5 * logvar) * np.random.default_rng(seed).standard_normal(mu.shape)
    log_q = logsumexp(log_densities(z, mu, logvar), axis=-1) - math.log(n)
    log_p = -(0.5 * np.square(z) + HALF_LOG_2PI).sum(1)
    kl = float(0.5 * (mu**2 + np.exp(logvar) - 1 - logvar).sum(1).mean())
    single = sum(_gap_of_one(*(a[:, [i]] for a in (z, mu, logvar))) for i in range(z.shape[1]))
    found = of_mean(log_q - log_p)
    return Estimate(found.value, found.low, found.high, {"kl": kl, "information": kl - found.value, "log_n": math.log(n), "single": single})


def _gap_of_one(z: np.ndarray, mu: np.ndarray, logvar: np.ndarray) -> float:
    """KL of one latent's mixture to N(0, 1), in nats.  (N, 1) three times"""
    log_q = logsumexp(log_densities(z, mu, logvar), axis=-1) - math.log(len(z))
    return float((log_q + 0.5 * np.square(z[:, 0]) + HALF_LOG_2PI).mean())


def active_units(mu: np.ndarray, seed: int) -> Estimate:
    """Number of latents whose mean varies by more than 0.01 over the images (Burda et al. 2016, section 5.2).  (N, D)"""
    if len(mu) < 2:
        raise LabError(f"active_units: {len(mu)} image; at least 2 are needed")
    found = by_bootstrap(lambda m: float((m.var(0) > ACTIVE_VARIANCE).sum()), [mu], seed)
    return Estimate(found.value, found.low, found.high, {"of": mu.shape[1]})


def log_densities(z: np.ndarray, mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """log N(z_i; mu_j, e^logvar_j) for each pair.  (M, D), (N, D), (N, D) -> (M, N)"""
    precision = np.exp(-logvar)
    square = np.square(z) @ precision.T - 2 * z @ (mu * precision).T + (np.square(mu) * precision).sum(1)
    return -0.5 * (square + logvar.sum(1)) - HALF_LOG_2PI * z.shape[1]
