"""One batch of faces as the painters see it: every factor by name, shaped to meet pixels, and the colours that follow from them."""

import copy
import math
from functools import cached_property
from typing import Self

import torch
from torch import Tensor

from genlab.data.columns import Columns
from genlab.data.faces import palette
from genlab.data.faces.factors import IDENTITY, NAMES


class Batch:
    """Numbers of B faces: every attribute is a tensor whose first axis counts faces."""

    def take(self, index: Tensor) -> Self:
        """The same numbers for some of the faces."""
        part = copy.copy(self)
        for name, value in vars(self).items():
            setattr(part, name, value[index])
        return part


class Face(Columns):
    """Factors of B faces: face.smile, face.nose_length... are (B, 1, 1); colours are (B, 3, 1, 1), worked out when asked for."""

    PLACES = {name: k for k, name in enumerate(NAMES + IDENTITY)}

    def style(self, table: Tensor) -> list[Tensor]:
        """The columns of a table with a row per hair style, each (B, 1, 1)."""
        rows = table.to(self.table.device)[self.flat("hair_style").long()]
        return list(rows[:, :, None, None].unbind(1))

    @cached_property
    def old(self) -> Tensor:
        """Age from 0 to 1."""
        return (self.age - 20) / 60

    @cached_property
    def shift(self) -> Tensor:
        """How far the middle of the face moves sideways as the head turns."""
        return 0.36 * torch.sin(self.yaw * (math.pi / 180))

    @cached_property
    def light_to(self) -> Tensor:
        """The direction to the light, (3, B, 1, 1), of length 1."""
        angle = self.light * (math.pi / 180)
        to = torch.stack([torch.sin(angle), torch.full_like(angle, -0.52), 0.06 + torch.cos(angle)])
        return to / to.square().sum(0).sqrt()

    @cached_property
    def light_x(self) -> Tensor:
        return self.light_to[0]

    @cached_property
    def skin(self) -> Tensor:
        return palette.along(palette.SKIN, self.flat("skin_tone"))

    @cached_property
    def skin_light(self) -> Tensor:
        return palette.lighten(self.skin, 0.38)

    @cached_property
    def skin_shadow(self) -> Tensor:
        return palette.tint(self.skin * self.skin.clamp(min=0.45), 0.98, 0.86, 0.88)

    @cached_property
    def skin_line(self) -> Tensor:
        """The colour of wrinkles, nostrils and cast shadows."""
        return palette.tint(self.skin * self.skin, 0.72, 0.50, 0.50)

    @cached_property
    def blush(self) -> Tensor:
        return palette.tint(self.skin, 1.02, 0.68, 0.66)

    @cached_property
    def hair(self) -> Tensor:
        """Hair and brows, turning grey from 32 on."""
        colour = palette.pick(palette.HAIR, self.flat("hair_colour").long())
        return torch.lerp(colour, palette.one(palette.GREY, colour), 0.70 * ((self.old - 0.20) / 0.80).clamp(min=0)[:, None])

    @cached_property
    def hair_dark(self) -> Tensor:
        return palette.tint(self.hair, 0.58, 0.54, 0.58)

    @cached_property
    def hair_light(self) -> Tensor:
        return palette.lighten(self.hair, 0.34)
