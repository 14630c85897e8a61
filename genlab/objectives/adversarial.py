"""What D and G play for: the five losses as functions of D's scores, and the penalties on D's gradient. Always in float32.

A score is what D gives for an image, before any sigmoid. Under the logistic losses it is a logit: D = sigmoid(score) is the
probability that an image is real, and losses are in nats. Least squares asks for 1 (real) and 0 (fake). A Wasserstein critic's
scores have no scale of their own; the gap between their means estimates the Wasserstein-1 distance.
"""

from collections.abc import Callable
from typing import Literal, get_args

import torch
from torch import Tensor, nn
from torch.nn.functional import softplus

Loss = Literal["non-saturating", "minimax", "lsgan", "wgan", "wgan-gp"]
LOSSES: tuple[str, ...] = get_args(Loss)
LOGISTIC = ("non-saturating", "minimax")
WASSERSTEIN = ("wgan", "wgan-gp")

Score = Callable[[Tensor], Tensor]
"""D: a batch to one score each.  (B, ...) -> (B,)"""


def loss_D(loss: str, real: Tensor, fake: Tensor) -> Tensor:
    """What D minimises, from its scores of real and fake images, penalties left out.  (B,) twice -> ()

    Logistic: -log D(real) - log(1 - D(fake)), Goodfellow et al. 2014 (arXiv 1406.2661), equation 1. Least squares with targets
    1 and 0: Mao et al. 2017 (arXiv 1611.04076), equation 9. Wasserstein: Arjovsky et al. 2017 (arXiv 1701.07875), equation 3.
    """
    if loss in LOGISTIC:
        return softplus(-real).mean() + softplus(fake).mean()
    if loss == "lsgan":
        return ((real - 1).square().mean() + fake.square().mean()) / 2
    return fake.mean() - real.mean()


def loss_G(loss: str, fake: Tensor) -> Tensor:
    """What G minimises, from D's scores of its images.  (B,) -> ()

    minimax: log(1 - D(fake)), flat where D is sure (saturating). non-saturating: -log D(fake), same fixed point, steep there.
    """
    if loss == "minimax":
        return -softplus(fake).mean()
    if loss == "non-saturating":
        return softplus(-fake).mean()
    if loss == "lsgan":
        return (fake - 1).square().mean() / 2
    return -fake.mean()


def accuracy(loss: str, real: Tensor, fake: Tensor) -> tuple[Tensor, Tensor]:
    """Shares of real images that D takes for real and of fakes that it takes for fake.  (B,) twice -> (), ()"""
    at = border(loss, real, fake)
    return (real > at).float().mean(), (fake <= at).float().mean()


def border(loss: str, real: Tensor, fake: Tensor) -> Tensor | float:
    """The score above which D takes an image for real: 0 under logistic losses, 1/2 under least squares, midway between two means for a critic."""
    return 0.0 if loss in LOGISTIC else 0.5 if loss == "lsgan" else (real.mean() + fake.mean()) / 2


def gradient_penalty(D: Score, real: Tensor, fake: Tensor, generator: torch.Generator) -> Tensor:
    """E (|grad D(x)| - 1)^2 at points drawn evenly on the lines between real and fake images.  (B, ...) twice -> ()

    Gulrajani et al. 2017 (arXiv 1704.00028), equation 3, without its lambda.
    """
    t = torch.rand(len(real), *[1] * (real.ndim - 1), generator=generator, device=generator.device).to(real.device)
    norm = slope(D, torch.lerp(real, fake, t)).square().sum(1).add(1e-12).sqrt()   # a square root has no slope at 0
    return (norm - 1).square().mean()


def r1(D: Score, real: Tensor) -> Tensor:
    """E |grad D(x)|^2 / 2 at real images.  (B, ...) -> ()   Mescheder et al. 2018 (arXiv 1801.04406), equation 9, without its gamma."""
    return slope(D, real).square().sum(1).mean() / 2


def slope(D: Score, x: Tensor) -> Tensor:
    """Gradient of each image's score by its own pixels, itself differentiable.  (B, ...) -> (B, pixels)"""
    x = x.detach().requires_grad_()
    with torch.enable_grad():
        return torch.autograd.grad(D(x).sum(), x, create_graph=True)[0].flatten(1)


@torch.no_grad()
def clip_weights(D: nn.Module, bound: float) -> None:
    """Bring every weight of a critic into [-bound, bound].  Arjovsky et al. 2017 (arXiv 1701.07875), algorithm 1"""
    for weight in D.parameters():
        weight.clamp_(-bound, bound)
