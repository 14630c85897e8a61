"""Variational autoencoder: codes are spread out until sampling the prior gives images.

D. Kingma and M. Welling, "Auto-Encoding Variational Bayes", 2014, arXiv 1312.6114; train_step minimises the negative of
equation 10 (reparameterised, one draw). beta: Higgins et al. 2017 (beta-VAE), equation 4. The calibrated sigma:
O. Rybkin et al. 2021, arXiv 2006.13202 (sigma-VAE), equation 5: the best sigma^2 for a batch is its mean squared error.
"""

import torch
from pydantic import Field
from torch import Tensor, nn

from genlab.models.base import Batch, GenerativeModel, LatentConfig, Metrics
from genlab.models.metric import ELBO, KL, LOSS, MSE, RECON, SIGMA
from genlab.models.nets.blocks import ConvDecoder, ConvEncoder
from genlab.models.posterior import Gaussian
from genlab.models.space import Space
from genlab.objectives import losses

LOGVAR_RANGE = (-14.0, 6.0)   # beyond it exp() or its inverse leaves what float32 arithmetic stands


class VAEConfig(LatentConfig):
    beta: float = Field(default=1.0, ge=0, le=1000, title="beta", description="Weight of the KL term. 1 is the VAE, 4 a beta-VAE.",
                        json_schema_extra={"live": True})
    sigma: float = Field(default=losses.SIGMA_REPORT, gt=0, le=10, title="Decoder sigma",
                         description="Spread of a pixel around its reconstruction. 0.7071 makes the loss the report's SSE + KL.",
                         json_schema_extra={"unit": "grey levels in [0, 1]"})
    calibrated: bool = Field(default=False, title="Calibrated sigma",
                             description="Fit sigma to the data as training goes (sigma-VAE) in place of the fixed one.")
    free_bits: float = Field(default=0.0, ge=0, le=10, title="Free bits", description="KL below this costs nothing, for each latent.",
                             json_schema_extra={"unit": "nats per latent", "live": True})
    warmup_steps: int = Field(default=0, ge=0, le=1_000_000, title="KL warm-up",
                              description="beta grows from 0 to its value over so many steps.", json_schema_extra={"unit": "steps"})


class VAE(GenerativeModel):
    Config = VAEConfig
    title = "Variational autoencoder"
    about = "Learns to reproduce its images from codes kept close to N(0, I), so that new codes give new images."
    is_probabilistic = True
    beside_decoder = ("encoder", "to_mu", "to_logvar")
    metrics = {"elbo": ELBO, "recon": RECON, "kl": KL, "mse": MSE, "loss": LOSS, "sigma": SIGMA}

    def __init__(self, config: VAEConfig):
        super().__init__(config)
        self.encoder = ConvEncoder(config.channels, config.size, config.width)
        self.to_mu = nn.Linear(self.encoder.features, config.latent_dim)
        self.decoder = ConvDecoder(config.channels, config.size, config.width, config.latent_dim)
        self.to_logvar = nn.Linear(self.encoder.features, config.latent_dim)   # last: what it shares with the AE starts equal
        self.register_buffer("fitted_sigma", torch.tensor(float(config.sigma)))
        self.eval()

    @classmethod
    def spaces(cls, config: LatentConfig) -> dict[str, Space]:
        return {"z": Space("z", (config.latent_dim,), is_normal=True)}

    def encode(self, x: Tensor) -> Gaussian:
        h = self.encoder(x)
        return Gaussian(self.to_mu(h).float(), self.to_logvar(h).float().clamp(*LOGVAR_RANGE))

    def decode(self, z: Tensor, space: str | None = None, *, generator: torch.Generator | None = None) -> Tensor:
        return self.decoder(z)

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        return -losses.recon_each(x, self.decode(z), self.fitted_sigma)

    @property
    def likelihood(self) -> str:
        return f"decoder sigma {float(self.fitted_sigma):.4g}"

    @property
    def beta_now(self) -> float:
        """The KL weight at this step of the warm-up."""
        warmup = self.config.warmup_steps
        return self.config.beta * (min(1.0, int(self.steps) / warmup) if warmup else 1.0)

    def train_step(self, batch: Batch, optimizers: dict, generator: torch.Generator) -> Metrics:
        x = batch["x"]
        with self.learning(), self.autocast():
            q = self.encode(x)
            x_hat = self.decode(q.sample(generator))
        if self.config.calibrated:
            self._fit_sigma(losses.mse(x, x_hat).detach())
        metrics = self._metrics(x, x_hat, q)
        optimizers["model"].zero_grad()
        metrics["loss"].backward()
        optimizers["model"].step()
        self.steps += 1
        return metrics

    def measure(self, batch: Batch, generator: torch.Generator) -> Metrics:
        q = self.encode(batch["x"])
        return self._metrics(batch["x"], self.decode(q.sample(generator)), q)

    def begin_anew(self) -> None:
        super().begin_anew()
        self.fitted_sigma.fill_(self.config.sigma)

    def _fit_sigma(self, mse: Tensor) -> None:
        """Follow the batch's own sigma; the first step takes it whole."""
        pace = torch.where(self.steps == 0, 1.0, 0.1)
        self.fitted_sigma.lerp_(mse.sqrt().clamp(min=1e-3), pace)

    def _metrics(self, x: Tensor, x_hat: Tensor, q: Gaussian) -> Metrics:
        kl_dims = losses.kl_dims(q.mean, q.logvar)
        mse, kl = losses.mse(x, x_hat), kl_dims.sum()
        recon = losses.recon_from_mse(mse, x[0].numel(), self.fitted_sigma)
        loss = recon + self.beta_now * losses.free_bits(kl_dims, self.config.free_bits)
        return {"loss": loss, "recon": recon, "kl": kl, "elbo": -(recon + kl), "mse": mse, "sigma": self.fitted_sigma.clone(),
                "kl_dims": kl_dims}
