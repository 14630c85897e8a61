"""Losses in one unit: nats per image (summed over pixels or latents, averaged over the batch). Always in float32."""

import math

import torch
from torch import Tensor

SIGMA_REPORT = math.sqrt(0.5)
"""The decoder sigma that turns the Gaussian negative log-likelihood into the report's squared error: SSE + a constant."""


def mse(x: Tensor, x_hat: Tensor) -> Tensor:
    """Mean squared error per pixel value, averaged over everything.  (B, C, H, W) twice -> ()"""
    return (x_hat.float() - x.float()).square().mean()


def recon(x: Tensor, x_hat: Tensor, sigma: float | Tensor) -> Tensor:
    """Negative log-likelihood of x under N(x_hat, sigma^2 I), in nats per image.  (B, C, H, W) twice -> ()

    SSE / (2 sigma^2) + D/2 log(2 pi sigma^2) with D = C H W. Every model uses this one function.
    """
    return recon_from_mse(mse(x, x_hat), x[0].numel(), sigma)


def recon_from_mse(mse: Tensor, pixels: int, sigma: float | Tensor) -> Tensor:
    """The same negative log-likelihood from an MSE already at hand; pixels is D = C H W."""
    variance = torch.as_tensor(sigma, dtype=torch.float32, device=mse.device).square()
    return pixels / 2 * (mse / variance + (2 * math.pi * variance).log())


def recon_each(x: Tensor, x_hat: Tensor, sigma: float | Tensor) -> Tensor:
    """The same negative log-likelihood of each image; one x may stand for all.  (B or 1, C, H, W), (B, C, H, W) -> (B,)"""
    mse = (x_hat.float() - x.float()).square().flatten(1).mean(1)
    return recon_from_mse(mse, x[0].numel(), sigma)


def kl_each(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, e^logvar) || N(0, 1)) of each latent of each image, in nats.  (B, D) twice -> (B, D)"""
    mu, logvar = mu.float(), logvar.float()
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar)


def kl_dims(mu: Tensor, logvar: Tensor) -> Tensor:
    """KL(N(mu, e^logvar) || N(0, 1)) of each latent, batch mean, in nats.  (B, D) twice -> (D,)

    Kingma and Welling 2014 (arXiv 1312.6114), appendix B: (mu^2 + sigma^2 - 1 - log sigma^2) / 2.
    """
    mu, logvar = mu.float(), logvar.float()
    return 0.5 * (mu.square() + logvar.exp() - 1 - logvar).mean(0)


def free_bits(kl_dims: Tensor, floor: float) -> Tensor:
    """Sum of the KL of each latent, none counted below the floor: nothing is gained by pushing it lower.  (D,) -> ()

    Kingma et al. 2016 (arXiv 1606.04934), equation 15, one group per latent.
    """
    return kl_dims.clamp(min=floor).sum() if floor > 0 else kl_dims.sum()
