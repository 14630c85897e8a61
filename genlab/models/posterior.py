"""What an encoder says of an image: a distribution over codes. Who asks chooses between its mean and a draw."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

import torch
from torch import Tensor

from genlab.objectives import losses

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)


class Posterior(Protocol):
    """q(z|x) of a batch.

    mean : (B, *shape), never a draw; logvar : the same, None where the model's codes have no spread
    """

    mean: Tensor
    logvar: Tensor | None

    def sample(self, generator: torch.Generator) -> Tensor:
        """One draw of each image's code, through which gradients flow.  -> (B, *shape)"""

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z|x) of each code, in nats.  (B, *shape) -> float64 (B,)"""

    def kl(self) -> dict[str, Tensor]:
        """KL to the prior of each latent, in nats, by group.  -> (B, D of the group) each"""

    def take(self, index: Tensor) -> Self:
        """The posterior of the images at these positions, which may repeat."""


@dataclass(frozen=True)
class Gaussian:
    """N(mean, e^logvar), each latent by itself; its KL is to N(0, I).

    groups : slices of the latent by name; all of it is "z" where there are none
    """

    mean: Tensor
    logvar: Tensor
    groups: Mapping[str, slice] = field(default_factory=dict)

    def sample(self, generator: torch.Generator) -> Tensor:
        return reparameterize(self.mean, self.logvar, generator)

    def log_prob(self, z: Tensor) -> Tensor:
        mu, logvar = self.mean.double(), self.logvar.double()
        return -(0.5 * ((z.double() - mu).square() / logvar.exp() + logvar) + HALF_LOG_2PI).flatten(1).sum(1)

    def kl(self) -> dict[str, Tensor]:
        all_of_it = losses.kl_each(self.mean, self.logvar)
        return {name: all_of_it[:, part] for name, part in self.groups.items()} or {"z": all_of_it}

    def take(self, index: Tensor) -> "Gaussian":
        return Gaussian(self.mean[index], self.logvar[index], self.groups)


@dataclass(frozen=True)
class Point:
    """A code without a spread, as an autoencoder gives it: a draw is the code, and there is no density and no KL."""

    mean: Tensor
    logvar: None = None

    def sample(self, generator: torch.Generator) -> Tensor:
        return self.mean

    def log_prob(self, z: Tensor) -> Tensor:
        raise NotImplementedError("a code without a spread has no density")

    def kl(self) -> dict[str, Tensor]:
        return {}

    def take(self, index: Tensor) -> "Point":
        return Point(self.mean[index])


def reparameterize(mu: Tensor, logvar: Tensor, generator: torch.Generator) -> Tensor:
    """z = mu + sigma eps with eps ~ N(0, I): a draw through which gradients flow.  (B, D) twice -> (B, D)

    Kingma and Welling 2014 (arXiv 1312.6114), section 2.4.
    """
    eps = torch.randn(mu.shape, generator=generator, device=generator.device).to(mu.device)
    return mu + (0.5 * logvar).exp() * eps


def log_normal(z: Tensor) -> Tensor:
    """log N(z; 0, I) of each latent, in nats.  (B, *shape) -> float64 (B,)"""
    return -(0.5 * z.double().square() + HALF_LOG_2PI).flatten(1).sum(1)
