"""The contract that every generative model keeps, so that one loop, one page and one server serve all of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, Self

import torch
from pydantic import BaseModel, ConfigDict, Field, model_validator
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from genlab.errors import ConfigError
from genlab.settings import build_config

Metrics = dict[str, Tensor]
"""What one step measured: scalars in nats per image unless the name says otherwise, and kl_dims of shape (D,)."""


class ModelConfig(BaseModel):
    """Settings that every model has. The fields' ranges and texts are the form, the command line and the check on load."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size: int = Field(default=64, ge=16, le=128, multiple_of=8, title="Image size", description="Height and width of an image.",
                      json_schema_extra={"unit": "px", "from_data": True})
    channels: int = Field(default=3, ge=1, le=3, title="Channels", description="1 grey, 3 colour.", json_schema_extra={"from_data": True})
    latent_dim: int = Field(default=50, ge=1, le=512, title="Latent dimension", description="How many numbers describe an image.",
                            json_schema_extra={"network": True})
    width: int = Field(default=64, ge=4, le=256, multiple_of=4, title="Width",
                       description="Channels of the first layer; the next two have 2 and 4 times as many. The report uses 64.",
                       json_schema_extra={"network": True})

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


class GenerativeModel(nn.Module):
    """A model that owns its update.

    decode, encode, prior, sample_posterior and measure mean the same at any time: the batch statistics are used inside
    train_step alone, and train() and eval() from outside change nothing.
    """

    Config: ClassVar[type[ModelConfig]] = ModelConfig
    title: ClassVar[str] = ""
    about: ClassVar[str] = ""
    can_encode: ClassVar[bool] = True
    is_probabilistic: ClassVar[bool] = False
    keeps_best: ClassVar[bool] = False   # whether its samples may get worse again, so that the best step is looked for and kept
    lr: ClassVar[float] = 1e-3   # the learning rate where none is asked for
    beside_decoder: ClassVar[tuple[str, ...]] = ()   # names of the parts that decode does without

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.precision = "fp32"
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))   # updates so far: what a warm-up counts

    # -- what a model is asked for ------------------------------------------------------------------------------

    def decode(self, z: Tensor) -> Tensor:
        """Images in [0, 1], float32.  (B, D) -> (B, C, H, W)"""
        raise NotImplementedError

    def encode(self, x: Tensor) -> Tensor:
        """The mean code of each image, never a draw.  (B, C, H, W) in [0, 1] -> (B, D)"""
        raise NotImplementedError

    def sample_posterior(self, x: Tensor, generator: torch.Generator) -> Tensor:
        """One draw of each image's code; the code itself where the model has no spread.  (B, C, H, W) -> (B, D)"""
        return self.encode(x)

    @property
    def noise(self) -> str:
        """What `prior` draws each number from: "normal", N(0, 1), or "uniform", evenly from [-1, 1]."""
        return "normal"

    def prior(self, n: int, generator: torch.Generator) -> Tensor:
        """n draws from what is decoded into new images, each number alone by the law that `noise` names.  -> (n, D)"""
        shape, on = (n, self.config.latent_dim), {"generator": generator, "device": generator.device}
        z = torch.randn(shape, **on) if self.noise == "normal" else 2 * torch.rand(shape, **on) - 1
        return z.to(self.steps.device)

    def optimizers(self, lr: float) -> dict[str, Optimizer]:
        """The optimizers that train_step expects, by name."""
        return {"model": Adam(self.parameters(), lr=lr, fused=True)}

    def train_step(self, x: Tensor, optimizers: dict[str, Optimizer], generator: torch.Generator) -> Metrics:
        """One update on a batch in [0, 1]; the same metric names at every step."""
        raise NotImplementedError

    def measure(self, x: Tensor, generator: torch.Generator) -> Metrics:
        """The metrics of a batch without an update."""
        raise NotImplementedError

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
