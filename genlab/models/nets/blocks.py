"""The report's convolutional encoder and decoder, shared by every model that uses them unchanged.

Source: Xu and Weng, "A Popular Generative Model: VAE": three 4x4 convolutions of stride 2, 64 -> 128 -> 256 channels,
batch norm and LeakyReLU; its mirror image with transposed convolutions, batch norm and ReLU, and a final sigmoid.
"""

import torch
from torch import Tensor, nn


def down(c_in: int, c_out: int) -> nn.Sequential:
    """Halves height and width."""
    return nn.Sequential(nn.Conv2d(c_in, c_out, 4, 2, 1), nn.BatchNorm2d(c_out), nn.LeakyReLU(0.2, inplace=True))


def up(c_in: int, c_out: int) -> nn.Sequential:
    """Doubles height and width."""
    return nn.Sequential(nn.ConvTranspose2d(c_in, c_out, 4, 2, 1), nn.BatchNorm2d(c_out), nn.ReLU(inplace=True))


class ConvEncoder(nn.Module):
    """Images in [0, 1] to features.  (B, C, S, S) -> (B, 4 width (S/8)^2)"""

    def __init__(self, channels: int, size: int, width: int):
        super().__init__()
        self.layers = nn.Sequential(down(channels, width), down(width, 2 * width), down(2 * width, 4 * width))
        self.features = 4 * width * (size // 8) ** 2

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x).flatten(1)


class ConvDecoder(nn.Module):
    """Latents to images in [0, 1], float32.  (B, D) -> (B, C, S, S)"""

    def __init__(self, channels: int, size: int, width: int, latent_dim: int):
        super().__init__()
        self.shape = (4 * width, size // 8, size // 8)
        self.fc = nn.Linear(latent_dim, 4 * width * (size // 8) ** 2)
        self.layers = nn.Sequential(up(4 * width, 2 * width), up(2 * width, width), nn.ConvTranspose2d(width, channels, 4, 2, 1))

    def forward(self, z: Tensor) -> Tensor:
        h = self.fc(z).unflatten(1, self.shape)                   # (B, 4 width, S/8, S/8)
        if self.layers[2].weight.is_contiguous(memory_format=torch.channels_last):
            h = h.contiguous(memory_format=torch.channels_last)   # unflatten forgets the format the layers were put in
        return torch.sigmoid(self.layers(h).float())
