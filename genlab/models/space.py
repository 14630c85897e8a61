"""Where latents live: the shape of one latent, what its numbers are, and what parts of it are called."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True)
class Space:
    """One space of a model, "z", "w" or "codes".

    shape : of one latent without the batch; kind : "real" numbers, or "index" into a codebook of `levels` entries
    noise : what `sample` draws each number from, "normal", N(0, 1), or "uniform", evenly from [-1, 1]
    is_normal : whether N(0, I) is the prior that the model was trained for, and so has a density to speak of
    groups : names of parts, each a slice of the flattened latent; a space without names is one group
    """

    name: str
    shape: tuple[int, ...]
    kind: Literal["real", "index"] = "real"
    noise: Literal["normal", "uniform"] = "normal"
    is_normal: bool = False
    levels: int = 0
    groups: Mapping[str, slice] = field(default_factory=dict)

    @property
    def dim(self) -> int:
        """How many numbers one latent has."""
        return math.prod(self.shape)
