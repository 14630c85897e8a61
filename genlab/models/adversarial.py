"""The game of D and G that every adversarial model plays: its settings, its update, its measures. Networks are the families' own.

I. Goodfellow et al., "Generative Adversarial Nets", 2014, arXiv 1406.2661, algorithm 1. One step is one update of D; with k steps of
D per step of G, G's turn comes after every k-th. Images are in [-1, 1] inside and in [0, 1] for whoever asks.

The loss of a step is reported with R1 as it was measured last, once: applied in every r1_every-th step and r1_every times as strongly, that is
what it is on average.
"""

import copy
from typing import ClassVar, Literal

import torch
from pydantic import Field, model_validator
from torch import Tensor, nn
from torch.nn.utils import get_total_norm
from torch.nn.utils.parametrizations import spectral_norm
from torch.optim import Adam, Optimizer

from genlab.models.base import Batch, GenerativeModel, LatentConfig, Metrics
from genlab.models.metric import GAME
from genlab.models.nets.augment import Augmentation
from genlab.models.space import Space
from genlab.objectives import adversarial

USUAL = {"k": 1, "beta1": 0.5, "beta2": 0.999}
PRESETS = dict.fromkeys(adversarial.LOSSES, USUAL) | {
    "wgan": {"k": 5, "beta1": 0.0, "beta2": 0.99}, "wgan-gp": {"k": 5, "beta1": 0.0, "beta2": 0.9}}
"""What the papers use beside each loss; holds where nothing else is asked for."""


class AdversarialConfig(LatentConfig):
    latent_dim: int = Field(default=100, ge=1, le=512, title="Latent dimension", description="How many numbers of noise make an image.",
                            json_schema_extra={"network": True})
    loss: adversarial.Loss = Field(
        default="non-saturating", title="Loss", json_schema_extra={"live": True, "presets": PRESETS},
        description="minimax: the game as first written, whose gradient fades where D is sure. non-saturating: -log D for G. lsgan: squared errors. "
                    "wgan: a critic with clipped weights. wgan-gp: a critic with a gradient penalty.")
    k: int = Field(default=1, ge=1, le=20, title="k", description="Updates of D for each update of G. The Wasserstein papers use 5.",
                   json_schema_extra={"live": True, "unit": "steps of D"})
    r1: float = Field(default=0.0, ge=0, le=1000, title="R1 gamma", json_schema_extra={"live": True},
                      description="Weight of the penalty on D's gradient at real images, which keeps D from winning. 0 is off; try 0.1 to 10.")
    translate: float = Field(default=0.0, ge=0, le=0.5, title="Shift for D", json_schema_extra={"live": True, "unit": "of the side"},
                             description="D sees real and made images shifted by up to so much: helps with few images. DiffAugment uses 0.125.")
    cutout: float = Field(default=0.0, ge=0, le=0.75, title="Hole for D", json_schema_extra={"live": True, "unit": "of the side"},
                          description="D sees real and made images with a square hole: helps with few images. DiffAugment uses 0.5.")
    spectral: bool = Field(default=False, title="Spectral norm", description="Keep the largest singular value of each of D's layers at 1.",
                           json_schema_extra={"network": True})
    gp: float = Field(default=10.0, ge=0, le=1000, title="Gradient penalty", description="Its weight lambda under wgan-gp.")
    clip: float = Field(default=0.01, gt=0, le=1, title="Clip", description="Bound of the critic's weights under wgan.")
    r1_every: int = Field(default=4, ge=1, le=64, title="R1 every", json_schema_extra={"unit": "steps of D"},
                          description="Apply R1 in every so many steps and as many times as strongly: the same pull for less time.")
    ema: float = Field(default=0.999, ge=0, lt=1, title="Average of G",
                       description="Images come from a running average of G's weights, which keeps so much of itself in each of G's steps "
                                   "(less at first). 0 is G itself.")
    beta1: float = Field(default=0.5, ge=0, lt=1, title="beta1", description="Adam's memory of the gradient. Radford et al.: 0.5; Wasserstein: 0.")
    beta2: float = Field(default=0.999, ge=0, lt=1, title="beta2", description="Adam's memory of its square.")
    lr_ratio: float = Field(default=1.0, gt=0, le=100, title="Learning rate of D", description="As a multiple of G's.",
                            json_schema_extra={"unit": "times"})
    noise: Literal["normal", "uniform"] = Field(default="normal", title="Noise",
                                                description="What the numbers of a latent are drawn from: N(0, 1), or evenly from [-1, 1].")

    @model_validator(mode="before")
    @classmethod
    def _presets(cls, values: dict) -> dict:
        loss = values.get("loss") if isinstance(values, dict) else None
        return {**PRESETS[loss], **values} if loss in adversarial.LOSSES else values


class AdversarialModel(GenerativeModel):
    """D against G. Images are decoded by G_ema, a running average of G with its batch statistics fixed.

    A family gives build_G(), latents (B, D) -> images in [-1, 1], and build_D(), those -> scores (B,); both compute in float32
    at their ends.
    """

    Config = AdversarialConfig
    can_encode = False
    keeps_best = True
    lr = 2e-4
    beside_decoder: ClassVar[tuple[str, ...]] = ("G", "D")
    metrics = GAME

    def __init__(self, config: AdversarialConfig):
        super().__init__(config)
        self.G, self.D = self.build_G(), self.build_D()
        if config.spectral:
            for layer in [m for m in self.D.modules() if isinstance(m, nn.Conv2d | nn.Linear)]:
                spectral_norm(layer)
        self.G_ema = copy.deepcopy(self.G).requires_grad_(False)
        self.register_buffer("steps_G", torch.zeros((), dtype=torch.int64))   # updates of G so far: what the average's ramp counts
        self.register_buffer("last", torch.zeros(3))   # loss_G, grad_G and r1 where they were measured last: not every step has them
        self.eval()

    def build_G(self) -> nn.Module:
        raise NotImplementedError

    def build_D(self) -> nn.Module:
        raise NotImplementedError

    @classmethod
    def spaces(cls, config: "AdversarialConfig") -> dict[str, Space]:
        return {"z": Space("z", (config.latent_dim,), noise=config.noise, is_normal=config.noise == "normal")}

    def decode(self, z: Tensor, space: str | None = None, *, generator: torch.Generator | None = None) -> Tensor:
        return (self.G_ema(z) + 1) / 2

    def optimizers(self, lr: float) -> dict[str, Optimizer]:
        betas, ratio = (self.config.beta1, self.config.beta2), self.config.lr_ratio
        D = Adam([{"params": list(self.D.parameters()), "lr_scale": ratio}], lr=lr * ratio, betas=betas, fused=True)
        return {"G": Adam(self.G.parameters(), lr=lr, betas=betas, fused=True), "D": D}

    # -- the update -------------------------------------------------------------------------------------------------

    def train_step(self, batch: Batch, optimizers: dict, generator: torch.Generator) -> Metrics:
        x = batch["x"]
        is_turn_of_G = (int(self.steps) + 1) % self.config.k == 0
        is_measured = is_turn_of_G or not int(self.steps_G)   # before G's first turn its loss and gradient are known all the same
        with self.learning():
            z = self.sample(len(x), generator)
            with self.autocast(), torch.set_grad_enabled(is_measured):
                fake = self.G(z)
            metrics = self._step_D(2 * x - 1, fake.detach(), optimizers["D"], generator)
            if is_measured:
                self._measure_G(fake, optimizers["G"], generator)
            if is_turn_of_G:
                self._step_G(optimizers["G"])
        self.steps += 1
        loss_G, grad_G, r1 = self.last.clone()
        metrics |= {"loss": metrics["loss"] + self.config.r1 * r1 + loss_G, "loss_G": loss_G, "grad_G": grad_G}
        return metrics | ({"r1": r1} if self.config.r1 else {})

    def _step_D(self, real: Tensor, fake: Tensor, optimizer: Optimizer, generator: torch.Generator) -> Metrics:
        T = self._augmentation(real, generator)
        real, fake = T(real), T(fake)
        with self.autocast():
            scores = self.D(real), self.D(fake)
        metrics = self._judged(*scores)
        gp, r1 = self._penalties(real, fake, generator)
        loss = metrics["loss_D"] + self.config.gp * gp
        optimizer.zero_grad()
        (loss + self.config.r1 * self.config.r1_every * r1).backward()
        grad = get_total_norm([p.grad for p in self.D.parameters()])
        optimizer.step()
        if self.config.loss == "wgan":
            adversarial.clip_weights(self.D, self.config.clip)
        return {"loss": loss, **metrics, "grad_D": grad} | ({"gp": gp} if self.config.loss == "wgan-gp" else {})

    def _penalties(self, real: Tensor, fake: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """The gradient penalty and R1 of this step, without their weights; 0 where it has none.  -> (), ()"""
        config, gp, r1 = self.config, *torch.zeros(2, device=real.device)
        if config.loss == "wgan-gp":
            gp = adversarial.gradient_penalty(self.D, real, fake, generator)
        if config.r1 and int(self.steps) % config.r1_every == 0:
            r1 = adversarial.r1(self.D, real)
            self.last[2] = r1.detach()
        return gp, r1

    def _measure_G(self, fake: Tensor, optimizer: Optimizer, generator: torch.Generator) -> None:
        """G's loss and gradient by the D of now, put where the optimizer and `last` have them."""
        fake = self._augmentation(fake, generator)(fake)
        self.D.requires_grad_(False)
        with self.autocast():
            score = self.D(fake)
        loss = adversarial.loss_G(self.config.loss, score)
        optimizer.zero_grad()
        loss.backward()
        self.D.requires_grad_(True)
        self.last[0], self.last[1] = loss.detach(), get_total_norm([p.grad for p in self.G.parameters()])

    def _step_G(self, optimizer: Optimizer) -> None:
        optimizer.step()
        n = int(self.steps_G)
        follow(self.G_ema, self.G, min(self.config.ema, (1 + n) / (10 + n)))
        self.steps_G += 1

    def _augmentation(self, x: Tensor, generator: torch.Generator) -> Augmentation:
        return Augmentation.draw(len(x), self.config.size, self.config.translate, self.config.cutout, generator)

    # -- measures ---------------------------------------------------------------------------------------------------

    def measure(self, batch: Batch, generator: torch.Generator) -> Metrics:
        """How D judges images that it never saw and as many that decode makes; D learns nothing from it."""
        x = batch["x"]
        made = self.decode(self.sample(len(x), generator))
        real, fake = self.D(2 * x - 1), self.D(2 * made - 1)
        metrics = self._judged(real, fake)
        loss_G = adversarial.loss_G(self.config.loss, fake)
        return {"loss": metrics["loss_D"] + loss_G, **metrics, "loss_G": loss_G}

    def _judged(self, real: Tensor, fake: Tensor) -> Metrics:
        acc_real, acc_fake = adversarial.accuracy(self.config.loss, real, fake)
        return {"loss_D": adversarial.loss_D(self.config.loss, real, fake), "score_real": real.mean(), "score_fake": fake.mean(),
                "acc_real": acc_real, "acc_fake": acc_fake}


@torch.no_grad()
def follow(average: nn.Module, source: nn.Module, keep: float) -> None:
    """Move a running average of weights and batch statistics: average <- keep average + (1 - keep) source. Counters are copied."""
    mine, theirs = [*average.parameters(), *average.buffers()], [*source.parameters(), *source.buffers()]
    for a, b in zip(mine, theirs, strict=True):
        if a.is_floating_point():
            a.lerp_(b, 1 - keep)
        else:
            a.copy_(b)
