"""Autoencoder: an encoder and a decoder trained to reproduce the image, nothing else.

G. Hinton and R. Salakhutdinov, "Reducing the dimensionality of data with neural networks", Science 313, 2006.
train_step minimises -log N(x; x_hat, sigma^2 I), the reconstruction term of the VAE beside it, so both curves share one unit.
"""

import torch
from pydantic import Field
from torch import Tensor, nn

from genlab.models.base import Batch, GenerativeModel, LatentConfig, Metrics
from genlab.models.metric import LOSS, MSE, RECON
from genlab.models.nets.blocks import ConvDecoder, ConvEncoder
from genlab.models.posterior import Point
from genlab.models.space import Space
from genlab.objectives import losses


class AutoencoderConfig(LatentConfig):
    sigma: float = Field(default=losses.SIGMA_REPORT, gt=0, le=10, title="Decoder sigma",
                         description="Spread of a pixel around its reconstruction. 0.7071 makes the loss the report's squared error.",
                         json_schema_extra={"unit": "grey levels in [0, 1]"})


class Autoencoder(GenerativeModel):
    Config = AutoencoderConfig
    title = "Autoencoder"
    about = "Learns to reproduce its images. Its codes may lie anywhere: sampling N(0, I) is a guess."
    beside_decoder = ("encoder", "to_mu")
    metrics = {"recon": RECON, "mse": MSE, "loss": LOSS}

    def __init__(self, config: AutoencoderConfig):
        super().__init__(config)
        self.encoder = ConvEncoder(config.channels, config.size, config.width)
        self.to_mu = nn.Linear(self.encoder.features, config.latent_dim)
        self.decoder = ConvDecoder(config.channels, config.size, config.width, config.latent_dim)
        self.eval()

    @classmethod
    def spaces(cls, config: LatentConfig) -> dict[str, Space]:
        return {"z": Space("z", (config.latent_dim,))}

    def encode(self, x: Tensor) -> Point:
        return Point(self.to_mu(self.encoder(x)).float())

    def decode(self, z: Tensor, space: str | None = None, *, generator: torch.Generator | None = None) -> Tensor:
        return self.decoder(z)

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        return -losses.recon_each(x, self.decode(z), self.config.sigma)

    @property
    def likelihood(self) -> str:
        return f"decoder sigma {self.config.sigma:.4g}"

    def train_step(self, batch: Batch, optimizers: dict, generator: torch.Generator) -> Metrics:
        x = batch["x"]
        with self.learning(), self.autocast():
            x_hat = self.decode(self.encode(x).mean)
        metrics = self._metrics(x, x_hat)
        optimizers["model"].zero_grad()
        metrics["recon"].backward()
        optimizers["model"].step()
        self.steps += 1
        return metrics

    def measure(self, batch: Batch, generator: torch.Generator) -> Metrics:
        return self._metrics(batch["x"], self.decode(self.encode(batch["x"]).mean))

    def _metrics(self, x: Tensor, x_hat: Tensor) -> Metrics:
        mse = losses.mse(x, x_hat)
        recon = losses.recon_from_mse(mse, x[0].numel(), self.config.sigma)
        return {"loss": recon, "recon": recon, "mse": mse}
