"""The first GAN: a generator and a discriminator of fully connected layers, without any norm.

I. Goodfellow et al., "Generative Adversarial Nets", 2014, arXiv 1406.2661.
"""

import torch
from pydantic import Field
from torch import Tensor, nn

from genlab.models.adversarial import AdversarialConfig, AdversarialModel


class GANConfig(AdversarialConfig):
    width: int = Field(default=64, ge=4, le=256, multiple_of=4, title="Width",
                       description="The two hidden layers of G have 4 and 8 times as many units, those of D 8 and 4.",
                       json_schema_extra={"network": True})


class GAN(AdversarialModel):
    Config = GANConfig
    title = "GAN"
    about = "Two fully connected networks: G draws, D tells its drawings from real images, and each learns from the other."

    def build_G(self) -> nn.Module:
        return DenseGenerator(self.config)

    def build_D(self) -> nn.Module:
        return DenseDiscriminator(self.config)


class DenseGenerator(nn.Module):
    """Latents to images in [-1, 1].  (B, D) -> (B, C, S, S) float32"""

    def __init__(self, config: GANConfig):
        super().__init__()
        w, self.shape = config.width, (config.channels, config.size, config.size)
        self.layers = nn.Sequential(nn.Linear(config.latent_dim, 4 * w), nn.LeakyReLU(0.2), nn.Linear(4 * w, 8 * w), nn.LeakyReLU(0.2),
                                    nn.Linear(8 * w, config.channels * config.size**2))

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(self.layers(z).float()).unflatten(1, self.shape)


class DenseDiscriminator(nn.Module):
    """Images in [-1, 1] to scores.  (B, C, S, S) -> (B,) float32"""

    def __init__(self, config: GANConfig):
        super().__init__()
        w = config.width
        self.layers = nn.Sequential(nn.Flatten(), nn.Linear(config.channels * config.size**2, 8 * w), nn.LeakyReLU(0.2),
                                    nn.Linear(8 * w, 4 * w), nn.LeakyReLU(0.2), nn.Linear(4 * w, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).flatten().float()
