"""DCGAN: a generator of transposed convolutions against a discriminator of strided ones.

A. Radford, L. Metz and S. Chintala, "Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks",
2016, arXiv 1511.06434: no pooling and no fully connected hidden layers, batch norm but for G's last and D's first layer, ReLU in G and
LeakyReLU 0.2 in D, weights from N(0, 0.02), Adam with 2e-4 and beta1 0.5. At 64 pixels the paper's network is width 128.
"""

from typing import Literal, Self

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn

from genlab.models.adversarial import AdversarialConfig, AdversarialModel
from genlab.models.nets.blocks import up


class DCGANConfig(AdversarialConfig):
    width: int = Field(default=64, ge=4, le=256, multiple_of=4, title="Width",
                       description="Channels of the layer next to the image; each one further in has twice as many, 8 times at most. "
                                   "Radford et al. use 128.", json_schema_extra={"network": True})
    norm_D: Literal["auto", "batch", "layer", "none"] = Field(
        default="auto", title="Norm in D", json_schema_extra={"network": True},
        description="auto takes batch norm as in the paper, layer norm under wgan-gp, and none beside R1 or spectral norm; R1 can't be batch norm's.")

    @model_validator(mode="after")
    def _settle_norm(self) -> Self:
        """auto becomes what it stands for, so that a change in flight or a fork keeps the network as it is."""
        if self.norm_D == "auto":
            self.__dict__["norm_D"] = "layer" if self.loss == "wgan-gp" else "none" if self.spectral or self.r1 else "batch"
        if self.loss == "wgan-gp" and self.norm_D == "batch":
            raise ValueError("a gradient penalty needs a D that judges each image by itself: norm_D = layer or none in a new run, not batch")
        return self

    @property
    def fault(self) -> str:
        if self.r1 and self.norm_D == "batch":
            return ("R1 needs a D that judges each image by itself, and batch norm mixes those of a batch: r1 = 0 here, or a new run with norm_D = "
                    "auto, layer or none")
        return ""

    @property
    def closed(self) -> tuple[str, ...]:
        return ("r1",) if self.norm_D == "batch" and not self.r1 else ()


class DCGAN(AdversarialModel):
    Config = DCGANConfig
    title = "DCGAN"
    about = "Two convolutional networks: G draws, D tells its drawings from real images, and each learns from the other."

    def build_G(self) -> nn.Module:
        return drawn_weights(ConvGenerator(self.config))

    def build_D(self) -> nn.Module:
        return drawn_weights(ConvDiscriminator(self.config))


def stages(config: DCGANConfig) -> list[int]:
    """Channels of the feature maps from the smallest to the largest; each map is half as high and wide as the next, the smallest 4 to 7 pixels."""
    count, side = 0, config.size
    while side % 2 == 0 and side // 2 >= 4:
        count, side = count + 1, side // 2
    return [config.width * min(2**i, 8) for i in reversed(range(count))]


class ConvGenerator(nn.Module):
    """Latents to images in [-1, 1].  (B, D) -> (B, C, S, S) float32"""

    def __init__(self, config: DCGANConfig):
        super().__init__()
        c = stages(config)
        first = nn.ConvTranspose2d(config.latent_dim, c[0], config.size // 2 ** len(c))   # projects z onto the smallest map
        self.layers = nn.Sequential(first, nn.BatchNorm2d(c[0]), nn.ReLU(inplace=True), *(up(a, b) for a, b in zip(c, c[1:], strict=False)),
                                    nn.ConvTranspose2d(c[-1], config.channels, 4, 2, 1))

    def forward(self, z: Tensor) -> Tensor:
        return torch.tanh(self.layers(z[:, :, None, None]).float())


class ConvDiscriminator(nn.Module):
    """Images in [-1, 1] to scores.  (B, C, S, S) -> (B,) float32

    Batch norm takes the statistics of the batch at hand, in training and out of it: real images and fakes are judged apart.
    """

    def __init__(self, config: DCGANConfig):
        super().__init__()
        c = stages(config)[::-1]
        layers = [nn.Conv2d(config.channels, c[0], 4, 2, 1), nn.LeakyReLU(0.2, inplace=True)]
        for a, b in zip(c, c[1:], strict=False):
            layers += [nn.Conv2d(a, b, 4, 2, 1), *_norm(config.norm_D, b), nn.LeakyReLU(0.2, inplace=True)]
        self.layers = nn.Sequential(*layers, nn.Conv2d(c[-1], 1, config.size // 2 ** len(c)))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).flatten().float()


def _norm(name: str, channels: int) -> list[nn.Module]:
    if name == "batch":
        return [nn.BatchNorm2d(channels, track_running_stats=False)]
    return [nn.GroupNorm(1, channels)] if name == "layer" else []


def drawn_weights(net: nn.Module) -> nn.Module:
    """The net with kernels from N(0, 0.02), scales of norms from N(1, 0.02) and no biases."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0, 0.02)
            nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d | nn.GroupNorm):
            nn.init.normal_(layer.weight, 1, 0.02)
    return net
