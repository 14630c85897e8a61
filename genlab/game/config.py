"""What fixes a game in the plane; all of it fits into a link."""

from typing import Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from genlab.data.shapes2d import EXTENT, SHAPES, Shape, find_shape, mixture
from genlab.errors import DataError
from genlab.objectives import adversarial

DRAWN = "drawn"
DRAWN_SIGMA = 0.12   # spread of the Gaussian that each drawn point stands for
MOST_POINTS = 400

USUAL = {"k": 1, "beta1": 0.5, "beta2": 0.99}
PRESETS = dict.fromkeys(adversarial.LOSSES, USUAL) | dict.fromkeys(adversarial.WASSERSTEIN, {"k": 5, "beta1": 0.0, "beta2": 0.9})
"""What goes with each loss; holds where nothing else is asked for."""


class GameConfig(BaseModel):
    """A game from its first weights on: same config, same game, bit for bit. Fields marked live may change while it goes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: str = Field(default="ring", title="Data", description=f"One of {', '.join(SHAPES)}, or {DRAWN}.")
    points: tuple[tuple[float, float], ...] = Field(default=(), max_length=MOST_POINTS, title="Drawn points",
                                                    description="Places that were drawn; the data lie around them.")
    loss: adversarial.Loss = Field(default="non-saturating", title="Loss", json_schema_extra={"live": True, "presets": PRESETS},
                                   description="What D and G play for.")
    k: int = Field(default=1, ge=1, le=20, title="k", description="Updates of D for each update of G.",
                   json_schema_extra={"live": True, "unit": "steps of D"})
    lr_D: float = Field(default=2e-3, gt=0, le=1, title="Learning rate of D", description="Its step size.", json_schema_extra={"live": True})
    lr_G: float = Field(default=2e-3, gt=0, le=1, title="Learning rate of G", description="Its step size.", json_schema_extra={"live": True})
    r1: float = Field(default=0.0, ge=0, le=1000, title="R1 gamma", description="Weight of the penalty on D's slope at real points. 0 is off.",
                      json_schema_extra={"live": True})
    gp: float = Field(default=1.0, ge=0, le=1000, title="Gradient penalty", description="Its weight lambda under wgan-gp.",
                      json_schema_extra={"live": True})
    clip: float = Field(default=0.1, gt=0, le=10, title="Clip", description="Bound of the critic's weights under wgan.",
                        json_schema_extra={"live": True})
    batch: int = Field(default=128, ge=1, le=2048, title="Batch size", description="Real points, and as many fakes, in an update.",
                       json_schema_extra={"live": True, "unit": "points"})
    optimizer: Literal["adam", "sgd"] = Field(default="adam", title="Optimiser", description="A change forgets its memory of past gradients.",
                                              json_schema_extra={"live": True})
    noise: Literal["normal", "uniform"] = Field(default="normal", title="Noise", description="N(0, 1), or evenly from [-1, 1].",
                                                json_schema_extra={"live": True})
    beta1: float = Field(default=0.5, ge=0, lt=1, title="beta1", description="Adam's memory of the gradient.", json_schema_extra={"live": True})
    beta2: float = Field(default=0.99, ge=0, lt=1, title="beta2", description="Adam's memory of its square.", json_schema_extra={"live": True})
    noise_dim: int = Field(default=2, ge=1, le=64, title="Noise dimension", description="How many numbers of noise make a point.")
    hidden: int = Field(default=64, ge=2, le=256, title="Width", description="Units in each hidden layer of D and of G.")
    layers: int = Field(default=2, ge=1, le=5, title="Layers", description="Hidden layers of D and of G.")
    seed: int = Field(default=0, ge=0, lt=2**31, title="Seed", description="Fixes the first weights, the data and the noise.")

    @model_validator(mode="before")
    @classmethod
    def _presets(cls, values: dict) -> dict:
        loss = values.get("loss") if isinstance(values, dict) else None
        return {**PRESETS[loss], **values} if loss in adversarial.LOSSES else values

    @model_validator(mode="after")
    def _has_data(self) -> Self:
        if self.shape == DRAWN:
            if not self.points:
                raise ValueError("nothing is drawn; at least one point is needed")
            if not np.abs(self.points).max() <= EXTENT:   # false for NaN too
                raise ValueError(f"a drawn point lies outside [-{EXTENT}, {EXTENT}]")
        else:
            try:
                find_shape(self.shape)
            except DataError as error:
                raise ValueError(str(error)) from None
        return self

    @classmethod
    def live_fields(cls) -> tuple[str, ...]:
        """Names of what may be changed while a game goes."""
        return tuple(n for n, f in cls.model_fields.items() if (f.json_schema_extra or {}).get("live"))

    @property
    def data(self) -> Shape:
        """The distribution of real points, with its exact density."""
        return data_of(self.shape, self.points)


def data_of(shape: str, points: tuple[tuple[float, float], ...]) -> Shape:
    """A shape by its name, or Gaussians around the drawn points."""
    if shape != DRAWN:
        return find_shape(shape)
    return mixture(DRAWN, "Drawn", np.array(points, np.float64), DRAWN_SIGMA)
