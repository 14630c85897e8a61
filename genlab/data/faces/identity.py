"""One batch of faces as the painters see it: every factor by name, shaped to meet pixels, and the colours that follow from them."""

import math

import numpy as np
import torch
from torch import Tensor

from genlab.data.faces import palette
from genlab.data.faces.factors import IDENTITY, NAMES


class Face:
    """Factors of B faces: face.smile, face.nose_length... are (B, 1, 1); colours are (B, 3, 1, 1).

    shift : how far the middle of the face has moved sideways with the head's turn
    light_x, light_y, light_z : the direction to the light, of length 1
    """

    def __init__(self, attributes: Tensor, identity: Tensor):
        self._attributes, self._identity = attributes, identity
        for table, names in ((attributes, NAMES), (identity, IDENTITY)):
            for k, name in enumerate(names):
                setattr(self, name, table[:, k, None, None])
        self.old = (self.age - 20) / 60
        self.shift = 0.36 * torch.sin(self.yaw * (math.pi / 180))
        self._light()
        self._colours()

    @classmethod
    def of(cls, attributes: np.ndarray, identity: np.ndarray, device: torch.device) -> "Face":
        return cls(torch.from_numpy(attributes).to(device), torch.from_numpy(identity).to(device))

    def take(self, index: Tensor) -> "Face":
        return Face(self._attributes[index], self._identity[index])

    def flat(self, name: str) -> Tensor:
        """A factor as (B,), for choosing and looking up."""
        return getattr(self, name)[:, 0, 0]

    def style(self, table: Tensor) -> list[Tensor]:
        """The columns of a table with a row per hair style, each (B, 1, 1)."""
        rows = table.to(self._attributes.device)[self.flat("hair_style").long()]
        return [rows[:, k, None, None] for k in range(rows.shape[1])]

    def _light(self) -> None:
        angle = self.light * (math.pi / 180)
        x, y, z = torch.sin(angle), torch.full_like(angle, -0.52), 0.06 + torch.cos(angle)
        length = torch.sqrt(x * x + y * y + z * z)
        self.light_x, self.light_y, self.light_z = x / length, y / length, z / length

    def _colours(self) -> None:
        skin = palette.along(palette.SKIN, self.flat("skin_tone"))
        self.skin = skin
        self.skin_light = palette.lighten(skin, 0.38)
        self.skin_shadow = palette.tint(skin * skin.clamp(min=0.45), 0.98, 0.86, 0.88)
        self.skin_line = palette.tint(skin * skin, 0.72, 0.5, 0.5)
        self.blush = palette.tint(skin, 1.02, 0.68, 0.66)
        hair = palette.pick(palette.HAIR, self.flat("hair_colour").long())
        grey = 0.66 * ((self.old - 0.25) / 0.75).clamp(min=0)[:, None]
        self.hair = torch.lerp(hair, palette.GREY[0].to(hair.device).view(1, 3, 1, 1), grey)
        self.hair_dark = palette.tint(self.hair, 0.58, 0.54, 0.58)
        self.hair_light = palette.lighten(self.hair, 0.34)
