"""A small model of each kind that the lab's four are not: levels, an integer code map, growth, translation, styles. For tests of the contract."""

import torch
from pydantic import Field
from torch import Tensor, nn
from torch.optim import Adam

from genlab.models.base import GenerativeModel, LatentConfig, ModelConfig, Phase
from genlab.models.metric import ELBO, LOSS, MSE, RECON, Metric
from genlab.models.posterior import Gaussian, Point
from genlab.models.space import Space
from genlab.objectives import losses


def dense(n_in: int, n_out: int) -> nn.Sequential:
    return nn.Sequential(nn.Flatten(), nn.Linear(n_in, 16), nn.ReLU(), nn.Linear(16, n_out))


class Small(GenerativeModel):
    """What the five share: one optimizer, one loss."""

    Config = LatentConfig
    metrics = {"mse": MSE, "loss": LOSS}

    @property
    def shape(self) -> tuple[int, int, int]:
        return self.config.channels, self.config.size, self.config.size

    @property
    def pixels(self) -> int:
        return self.config.channels * self.config.size**2

    def learn(self, loss: Tensor, optimizers: dict) -> None:
        optimizers["model"].zero_grad()
        loss.backward()
        optimizers["model"].step()
        self.steps += 1

    def painted(self, h: Tensor) -> Tensor:
        return torch.sigmoid(h.float()).unflatten(1, self.shape)


class Levels(Small):
    """Two levels of latents, called top and bottom, with a KL each."""

    title, about, is_probabilistic = "Two levels", "Has latents in two named groups.", True
    metrics = {"elbo": ELBO, "recon": RECON, "kl_top": Metric("KL of the top"), "kl_bottom": Metric("KL of the bottom"), "loss": LOSS}

    def __init__(self, config: LatentConfig):
        super().__init__(config)
        self.E, self.G = dense(self.pixels, 2 * config.latent_dim + 2), dense(config.latent_dim + 1, self.pixels)

    @classmethod
    def spaces(cls, config: LatentConfig) -> dict[str, Space]:
        n, top = config.latent_dim + 1, 1 + config.latent_dim // 2
        return {"z": Space("z", (n,), is_normal=True, groups={"top": slice(0, top), "bottom": slice(top, n)})}

    def encode(self, x: Tensor) -> Gaussian:
        mu, logvar = self.E(x).float().chunk(2, 1)
        return Gaussian(mu, logvar.clamp(-8, 4), self.space().groups)

    def decode(self, z: Tensor, space: str | None = None, *, generator: torch.Generator | None = None) -> Tensor:
        return self.painted(self.G(z))

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor:
        return -losses.recon_each(x, self.decode(z), 0.5)

    @property
    def likelihood(self) -> str:
        return "decoder sigma 0.5"

    def measure(self, batch: dict, generator: torch.Generator) -> dict:
        q = self.encode(batch["x"])
        recon = -self.log_likelihood(batch["x"], q.sample(generator)).mean()
        kl = {name: part.sum(1).mean() for name, part in q.kl().items()}
        loss = recon + sum(kl.values())
        return {"loss": loss, "recon": recon, "elbo": -loss, **{f"kl_{name}": value for name, value in kl.items()}}

    def train_step(self, batch: dict, optimizers: dict, generator: torch.Generator) -> dict:
        metrics = self.measure(batch, generator)
        self.learn(metrics["loss"], optimizers)
        return metrics


class Codes(Small):
    """An image is a map of two by two integers, each one of eight."""

    title, about = "Code map", "Describes an image by four integers."

    def __init__(self, config: LatentConfig):
        super().__init__(config)
        self.E, self.G = dense(self.pixels, 4 * 8), dense(4 * 8, self.pixels)

    @classmethod
    def spaces(cls, config: LatentConfig) -> dict[str, Space]:
        return {"codes": Space("codes", (2, 2), "index", levels=8)}

    def sample(self, n: int, generator: torch.Generator, space: str | None = None) -> Tensor:
        return torch.randint(0, 8, (n, 2, 2), generator=generator, device=generator.device).to(self.steps.device)

    def log_prior(self, z: Tensor) -> Tensor:
        return torch.full((len(z),), -4 * torch.tensor(8.0).log().item(), dtype=torch.float64)

    def encode(self, x: Tensor) -> Point:
        return Point(self.E(x).unflatten(1, (2, 2, 8)).argmax(-1))

    def decode(self, z: Tensor, space: str | None = None, *, generator: torch.Generator | None = None) -> Tensor:
        return self.painted(self.G(nn.functional.one_hot(z, 8).float()))

    def measure(self, batch: dict, generator: torch.Generator) -> dict:
        mse = losses.mse(batch["x"], self.decode(self.encode(batch["x"]).mean))
        return {"loss": mse, "mse": mse}

    def train_step(self, batch: dict, optimizers: dict, generator: torch.Generator) -> dict:
        soft = self.E(batch["x"]).unflatten(1, (4, 8)).softmax(-1)
        hard = nn.functional.one_hot(soft.argmax(-1), 8).float()
        mse = losses.mse(batch["x"], self.painted(self.G(hard + soft - soft.detach())))   # straight through
        self.learn(mse, optimizers)
        return {"loss": mse.detach(), "mse": mse.detach()}


class Growing(Small):
    """Learns from small images first; the part for the full size joins in the second half, with an optimizer of its own."""

    title, about = "Growing", "Learns 8 pixels first, then all."

    def __init__(self, config: LatentConfig):
        super().__init__(config)
        self.E, self.G = dense(config.channels * 64, config.latent_dim), dense(config.latent_dim, config.channels * 64)
        self.fine = nn.Linear(config.latent_dim, self.pixels)
        self.register_buffer("stage", torch.zeros((), dtype=torch.int64))

    @classmethod
    def phases(cls, config: ModelConfig, steps: int) -> list[Phase]:
        return [Phase(steps // 2, 8, "8 px"), Phase(steps - steps // 2, None, "whole")]

    def enter(self, phase: int, start: int) -> None:
        self.stage.fill_(phase)

    def optimizers(self, lr: float) -> dict:
        parts = (self.E, self.G) if not int(self.stage) else (self.E, self.G, self.fine)
        return {"model": Adam([p for part in parts for p in part.parameters()], lr=lr, fused=True)}

    @classmethod
    def spaces(cls, config: LatentConfig) -> dict[str, Space]:
        return {"z": Space("z", (config.latent_dim,), is_normal=True)}

    def encode(self, x: Tensor) -> Point:
        return Point(self.E(nn.functional.interpolate(x, (8, 8), mode="area")).float())

    def decode(self, z: Tensor, space: str | None = None, *, generator: torch.Generator | None = None) -> Tensor:
        coarse = nn.functional.interpolate(torch.sigmoid(self.G(z)).unflatten(1, (self.config.channels, 8, 8)), self.config.size)
        return (coarse + int(self.stage) * 0.1 * torch.tanh(self.fine(z)).unflatten(1, self.shape)).clamp(0, 1)

    def measure(self, batch: dict, generator: torch.Generator) -> dict:
        x_hat = self.decode(self.encode(batch["x"]).mean)
        mse = losses.mse(batch["x"], nn.functional.interpolate(x_hat, batch["x"].shape[-2:], mode="area"))
        return {"loss": mse, "mse": mse}

    def train_step(self, batch: dict, optimizers: dict, generator: torch.Generator) -> dict:
        metrics = self.measure(batch, generator)
        self.learn(metrics["loss"], optimizers)
        return {name: value.detach() for name, value in metrics.items()}


class TranslatingConfig(ModelConfig):
    domain: str = Field(default="man", title="Domain", description="The attribute that tells the domains apart.")


class Translating(Small):
    """Images of one domain as those of another, there and back; no latent at all."""

    Config = TranslatingConfig
    title, about, can_encode = "Translating", "Turns images of one kind into the other.", False
    inputs = domains = ("a", "b")
    metrics = {"cycle": Metric("Cycle", "per pixel", "lower"), "loss": LOSS}

    def __init__(self, config: TranslatingConfig):
        super().__init__(config)
        self.to_a, self.to_b = (nn.Conv2d(config.channels, config.channels, 3, padding=1) for _ in range(2))

    def translate(self, x: Tensor, to: str) -> Tensor:
        return torch.sigmoid(4 * getattr(self, f"to_{to}")(x).float() - 2)

    def measure(self, batch: dict, generator: torch.Generator) -> dict:
        a, b = batch["a"], batch["b"]
        cycle = losses.mse(a, self.translate(self.translate(a, "b"), "a")) + losses.mse(b, self.translate(self.translate(b, "a"), "b"))
        return {"loss": cycle, "cycle": cycle}

    def train_step(self, batch: dict, optimizers: dict, generator: torch.Generator) -> dict:
        metrics = self.measure(batch, generator)
        self.learn(metrics["loss"], optimizers)
        return {name: value.detach() for name, value in metrics.items()}

    def preview(self, batch: dict, generator: torch.Generator) -> dict:
        there = self.translate(batch["a"], "b")
        return {"original": batch["a"], "translated": there, "there and back": self.translate(there, "a")}


class Styles(Small):
    """A second space that a mapping leads to: what G draws from is w, what is drawn is z."""

    title, about, can_encode = "Styles", "Maps z to w and decodes both.", False

    def __init__(self, config: LatentConfig):
        super().__init__(config)
        self.mapping, self.G = nn.Linear(config.latent_dim, 5), dense(5, self.pixels)

    @classmethod
    def spaces(cls, config: LatentConfig) -> dict[str, Space]:
        return {"z": Space("z", (config.latent_dim,), is_normal=True), "w": Space("w", (5,))}

    def convert(self, z: Tensor, source: str, target: str) -> Tensor:
        return torch.tanh(self.mapping(z)) if (source, target) == ("z", "w") else super().convert(z, source, target)

    def sample(self, n: int, generator: torch.Generator, space: str | None = None) -> Tensor:
        return self.convert(super().sample(n, generator), "z", space or "z")

    def decode(self, z: Tensor, space: str | None = None, *, generator: torch.Generator | None = None) -> Tensor:
        return self.painted(self.G(self.convert(z, space or "z", "w")))

    def measure(self, batch: dict, generator: torch.Generator) -> dict:
        mse = losses.mse(batch["x"].mean(0), self.decode(self.sample(len(batch["x"]), generator)).mean(0))
        return {"loss": mse, "mse": mse}

    def train_step(self, batch: dict, optimizers: dict, generator: torch.Generator) -> dict:
        metrics = self.measure(batch, generator)
        self.learn(metrics["loss"], optimizers)
        return {name: value.detach() for name, value in metrics.items()}


KINDS: dict[str, type[GenerativeModel]] = {"levels": Levels, "codes": Codes, "growing": Growing, "translating": Translating, "styles": Styles}
