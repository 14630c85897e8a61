"""One batch of scenes as the painters see it: every factor by name, shaped to meet pixels, and where things stand."""

import math
from collections import Counter
from functools import cached_property

import torch
from torch import Tensor

from genlab.data.columns import Columns
from genlab.data.scenes.factors import FACTORS, LAYOUT, WATERS

NAMES = tuple(a.name for a in FACTORS) + LAYOUT
COUNTS = Counter(name.rpartition("_")[0] for name in NAMES)   # of numbered columns


class Place(Columns):
    """Factors of B scenes: place.hour, place.river_x... are (B, 1, 1). Canvas coordinates: x to the right and y down, from -1 to 1."""

    PLACES = {name: k for k, name in enumerate(NAMES)}

    def many(self, name: str) -> Tensor:
        """The numbered columns name_0, name_1... as (B, count)."""
        first = self.PLACES[f"{name}_0"]
        return self.table[:, first : first + COUNTS[name]]

    def has_water(self, which: str) -> Tensor:
        """Which of the scenes have this water, bool (B,)."""
        return self.flat("water") == WATERS.index(which)

    @cached_property
    def skyline(self) -> Tensor:
        """Height of the plain's far end."""
        return 0.05 + 0.05 * self.horizon

    @cached_property
    def elevation(self) -> Tensor:
        """Height of the sun: 0 at sunrise and sunset, 1 halfway between."""
        return torch.sin((self.hour.double() - 5) * (math.pi / 16)).float().clamp(min=0)

    @cached_property
    def sun(self) -> tuple[Tensor, Tensor]:
        """Where the sun stands, x and y."""
        return 0.8 * self.sun_x, self.skyline - 0.10 - 0.66 * self.elevation

    @cached_property
    def side(self) -> Tensor:
        """The side on which the near hill rises: -1 or 1."""
        return torch.where(self.near_side < 0, -1.0, 1.0)

    def river_at(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Middle and half width of the river's course at a height, the nearer the wider; (B, h, 1) -> the same."""
        p = ((y - self.skyline - 0.09) / 0.80).clamp(min=0)
        s = p.sqrt()
        swing = torch.sin((2.6 * math.pi * s + 2 * self.river_phase).double()).float()
        middle = 0.45 * self.river_x * (1 - 0.6 * s) - 0.35 * self.side * s + (0.036 + 0.18 * s) * (0.7 + 0.3 * self.river_bend) * swing
        return middle, 0.012 + 0.20 * p * s

    @cached_property
    def house_spot(self) -> tuple[Tensor, Tensor, Tensor]:
        """Where the house stands, or would: x, the height of its foot, and half its width. Never on the river's course."""
        y = self.skyline + 0.36 + 0.02 * self.house_y
        middle, half = self.river_at(y)
        return aside(0.55 * self.house_x, middle, half + 0.26), y, 0.185 + 0.02 * self.house_size


def aside(x: Tensor, middle: Tensor, margin: Tensor | float) -> Tensor:
    """x, moved away from the middle to at least the margin."""
    off = x - middle
    return middle + torch.where(off < 0, -1.0, 1.0) * torch.maximum(off.abs(), torch.as_tensor(margin, device=x.device))
