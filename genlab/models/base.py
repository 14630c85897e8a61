"""The contract that every generative model keeps, so that one loop, one page and one server serve all of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from genlab.errors import ConfigError, LabError
from genlab.models.metric import Metric
from genlab.models.posterior import Posterior, log_normal
from genlab.models.space import Space
from genlab.settings import build_config

Batch = dict[str, Tensor]
"""What a step is given, by the names in `inputs`: "x" are images (B, C, H, W) in [0, 1], "attributes" (B, K), "a" and "b" images of two domains."""

Metrics = dict[str, Tensor]
"""What one step measured: a scalar for each name in the model's `metrics` that it has, and kl_dims of shape (D,)."""

MADE_UP = "made up"   # the panel of a preview that stands for itself, not for the batch
N_MADE_UP = 16


@dataclass(frozen=True)
class Phase:
    """A stretch of a training: how many steps, the side of the images it learns from (None: as the data has it), and what it is called."""

    steps: int
    size: int | None = None
    name: str = ""


class ModelConfig(BaseModel):
    """Settings that every model has. The fields' ranges and texts are the form, the command line and the check on load."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(default=64, ge=16, le=128, multiple_of=8, title="Image size", description="Height and width of an image.",
                      json_schema_extra={"unit": "px", "from_data": True})
    channels: int = Field(default=3, ge=1, le=3, title="Channels", description="1 grey, 3 colour.", json_schema_extra={"from_data": True})

    @model_validator(mode="after")
    def _grey_or_colour(self) -> Self:
        if self.channels == 2:
            raise ValueError("channels must be 1 (grey) or 3 (colour)")
        return self

    @classmethod
    def live_fields(cls) -> tuple[str, ...]:
        """Names of the settings that may be changed while a run trains."""
        return tuple(n for n, f in cls.model_fields.items() if (f.json_schema_extra or {}).get("live"))

    @property
    def fault(self) -> str:
        """Why no new run may have these settings together, empty where it may; those that have them already still open and go on."""
        return ""

    @property
    def closed(self) -> tuple[str, ...]:
        """Live settings that the others leave no other value."""
        return ()

    @classmethod
    def network_fields(cls) -> tuple[str, ...]:
        """Names of the settings that say what the network is: weights of one do not serve another."""
        extras = {n: f.json_schema_extra or {} for n, f in cls.model_fields.items()}
        return tuple(n for n, extra in extras.items() if extra.get("network") or extra.get("from_data"))


class LatentConfig(ModelConfig):
    """Settings of a model whose latent is one row of numbers and whose networks have a width."""

    latent_dim: int = Field(default=50, ge=1, le=512, title="Latent dimension", description="How many numbers describe an image.",
                            json_schema_extra={"network": True})
    width: int = Field(default=64, ge=4, le=256, multiple_of=4, title="Width",
                       description="Channels of the first layer; the next two have 2 and 4 times as many. The report uses 64.",
                       json_schema_extra={"network": True})


class GenerativeModel(nn.Module):
    """A model that owns its update.

    decode, encode, sample and measure mean the same at any time: the batch statistics are used inside train_step alone, and train()
    and eval() from outside change nothing. What a model cannot do it does not override: a model without spaces has no latents to move,
    one that cannot encode has no encode, one whose log_likelihood is None none to speak of.
    """

    Config: ClassVar[type[ModelConfig]] = ModelConfig
    title: ClassVar[str] = ""
    about: ClassVar[str] = ""
    can_encode: ClassVar[bool] = True
    is_probabilistic: ClassVar[bool] = False
    keeps_best: ClassVar[bool] = False   # whether its samples may get worse again, so that the best step is looked for and kept
    lr: ClassVar[float] = 1e-3   # the learning rate where none is asked for
    beside_decoder: ClassVar[tuple[str, ...]] = ()   # names of the parts that decode does without
    inputs: ClassVar[tuple[str, ...]] = ("x",)   # what a batch must hold
    domains: ClassVar[tuple[str, ...]] = ()   # what it translates between, each one of its inputs
    metrics: ClassVar[dict[str, Metric]] = {}   # all that train_step and measure may report, the telling ones first

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.precision = "fp32"
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))   # updates so far: what a warm-up counts

    # -- what a model is asked for ------------------------------------------------------------------------------

    @classmethod
    def spaces(cls, config: ModelConfig) -> dict[str, Space]:
        """Where the latents of a model with these settings live, by name; the first is where sliders begin. Empty where it has none."""
        return {}

    def space(self, name: str | None = None) -> Space:
        """The space of this name, by default the first; LabError where there is none."""
        spaces = self.spaces(self.config)
        if not spaces or name is not None and name not in spaces:
            raise LabError(f"{self.title}: space {name or 'of latents'!r} is not there; there are {', '.join(spaces) or 'none'}")
        return spaces[name] if name else next(iter(spaces.values()))

    def sample(self, n: int, generator: torch.Generator, space: str | None = None) -> Tensor:
        """n latents that decode into new images: each number drawn as the space's noise says, unless the model has a prior of its own.

        -> (n, *shape)
        """
        space = self.space(space)
        shape, on = (n, *space.shape), {"generator": generator, "device": generator.device}
        z = torch.randn(shape, **on) if space.noise == "normal" else 2 * torch.rand(shape, **on) - 1
        return z.to(self.steps.device)

    def log_prior(self, z: Tensor) -> Tensor | None:
        """log p(z) of latents of the first space, in nats; None where there is no density.  (B, *shape) -> float64 (B,)"""
        return log_normal(z) if self.space().is_normal else None

    def decode(self, z: Tensor, space: str | None = None, *, generator: torch.Generator | None = None) -> Tensor:
        """Images in [0, 1], float32, of the config's size in every phase.  (B, *shape) -> (B, C, H, W)

        generator : of noise that is no part of the latent; without one it is left out or fixed
        """
        raise NotImplementedError

    def convert(self, z: Tensor, source: str, target: str) -> Tensor:
        """The same latents in another space; LabError where there is no way from one to the other.  (B, *shape) -> (B, *shape)"""
        if source == target:
            return z
        raise LabError(f"{self.title}: latents of {source!r} have no place in {target!r}")

    def encode(self, x: Tensor) -> Posterior:
        """q(z|x) of images in [0, 1].  (B, C, H, W) -> of (B, *shape)"""
        raise NotImplementedError

    def log_likelihood(self, x: Tensor, z: Tensor) -> Tensor | None:
        """log p(x|z) of each image with its latent, in nats; None where the model has none.  -> (B,)"""
        return None

    @property
    def likelihood(self) -> str:
        """What p(x|z) is, in a few words for a protocol; empty where log_likelihood is None."""
        return ""

    def translate(self, x: Tensor, to: str) -> Tensor:
        """The images of another domain as they would look in this one, an entry of `domains`.  (B, C, H, W) -> the same"""
        raise NotImplementedError

    # -- how it is trained --------------------------------------------------------------------------------------

    @classmethod
    def phases(cls, config: ModelConfig, steps: int) -> list[Phase]:
        """The stretches of a training of so many steps, which add up to them: one, unless the model grows or learns in parts."""
        return [Phase(steps)]

    def enter(self, phase: int, start: int) -> None:
        """Be ready for this phase, which begins after `start` steps. Called before its optimizers are made, and again on a resume."""

    def optimizers(self, lr: float) -> dict[str, Optimizer]:
        """The optimizers that train_step expects in the phase it is in, by name."""
        return {"model": Adam(self.parameters(), lr=lr, fused=True)}

    def train_step(self, batch: Batch, optimizers: dict[str, Optimizer], generator: torch.Generator) -> Metrics:
        """One update on a batch; the same metric names at every step of a phase."""
        raise NotImplementedError

    def measure(self, batch: Batch, generator: torch.Generator) -> Metrics:
        """The metrics of a batch without an update."""
        raise NotImplementedError

    def preview(self, batch: Batch, generator: torch.Generator) -> Batch:
        """Pictures that show how far it is, by name, float32 in [0, 1]; all but "made up" stand for the batch, one picture each."""
        panels: Batch = {}
        if self.can_encode:
            panels = {"original": batch["x"], "rebuilt": self.decode(self.encode(batch["x"]).mean)}
        if self.spaces(self.config):
            panels[MADE_UP] = self.decode(self.sample(N_MADE_UP, generator))
        return panels

    # -- what a model is given ----------------------------------------------------------------------------------

    def train(self, mode: bool = True) -> Self:
        """Does nothing: see the class. Layers are switched by `learning` alone."""
        for child in self.children():
            child.eval()
        self.training = False
        return self

    @contextmanager
    def learning(self) -> Iterator[None]:
        """Inside, batch norm uses and records the batch's statistics; train_step alone enters here."""
        for child in self.children():
            child.train()
        try:
            yield
        finally:
            for child in self.children():
                child.eval()

    def autocast(self) -> torch.autocast:
        """Where networks run in bf16 if self.precision says so. Losses stay outside, in float32."""
        return torch.autocast(self.steps.device.type, torch.bfloat16, enabled=self.precision == "bf16")

    def begin_anew(self) -> None:
        """Make a first step of what comes next, after weights of another run were loaded: buffers that a setting fixes are the setting's again."""
        self.steps.zero_()

    def set_live(self, name: str, value: float | str) -> None:
        """Change one setting of a running model; ConfigError where it is not live, out of range, or would be a fault beside the others."""
        if name not in self.Config.live_fields():
            raise ConfigError(f"{name} cannot be changed while a run trains; {', '.join(self.Config.live_fields()) or 'no setting'} can")
        changed = build_config(self.Config, {**self.config.model_dump(), name: value})
        if changed.fault and not self.config.fault:
            raise ConfigError(f"{name} = {value}: {changed.fault}")
        self.config = changed
