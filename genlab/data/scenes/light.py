"""The colours of a time of day and a season: a few key hours, and every surface in light, in shade and behind haze."""

from functools import cached_property

import torch
from torch import Tensor

from genlab.data.scenes.place import Place

#        hour  zenith    middle    low sky   glow      sunlit    in shade  haze
HOURS = [
    (5.0,  "33447A", "8A76A6", "F4AE94", "FFD0A2", "E0BDC4", "6F7099", "CDA2AE"),
    (7.0,  "6BA5D3", "A9CDE0", "FDE0BE", "FFEBC0", "FFF1D8", "A3B0CF", "EBD9CB"),
    (10.0, "4A97D9", "86C1E8", "D9EEF3", "FFF8DE", "FFFCF0", "ABC0DB", "CDE2EA"),
    (14.0, "3F8FDB", "7FC0EE", "D3ECF3", "FFFAE4", "FFFDF4", "AEC3DC", "C9E1EC"),
    (17.0, "5C98C4", "B2CBC8", "FBE3AE", "FFEDAE", "FFEFC8", "9FA7C4", "EBD9BA"),
    (19.2, "564C8C", "CC7288", "FFB566", "FFD984", "FFC79A", "76668F", "EB9D7E"),
    (21.0, "1B2149", "4C437B", "D0708A", "FFB096", "B89AC0", "555A8C", "80608F"),
]


def rgb(code: str) -> list[float]:
    return [int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)]


TIMES = torch.tensor([row[0] for row in HOURS])
COLOURS = torch.tensor([[rgb(code) for code in row[1:]] for row in HOURS])   # (hours, 7, 3)


def colour(code: str, like: Tensor) -> Tensor:
    """A hex colour where `like` is -> (1, 3, 1, 1)."""
    return torch.tensor(rgb(code), device=like.device).view(1, 3, 1, 1)


class Light:
    """What the hour and the season make of colours; all colours are (B, 3, 1, 1) in [0, 1]."""

    def __init__(self, place: Place):
        self.place = place
        times, table = TIMES.to(place.table.device), COLOURS.to(place.table.device)
        hour = place.flat("hour").contiguous()
        low = (torch.searchsorted(times, hour, right=True) - 1).clamp(0, len(times) - 2)
        t = ((hour - times[low]) / (times[low + 1] - times[low])).clamp(0, 1)
        mixed = torch.lerp(table[low], table[low + 1], t[:, None, None])[..., None, None]
        self.zenith, self.middle, self.low, self.glow, self.sunlit, self.shade, self.haze = mixed.unbind(1)
        self.haze = torch.lerp(self.haze, colour("E3DCF0", self.haze) * brightness(self.haze) * 1.13, 0.55 * place.winter[:, None])
        self._overcast(place)
        snow = 0.9 * place.winter[:, None] * (1.8 * self.dusk).clamp(max=1)   # snow at dusk is rose and blue, where grass is gold and brown
        self.sunlit = torch.lerp(self.sunlit, colour("FFDCE0", self.low) * brightness(self.sunlit) * 1.12, snow)
        self.shade = torch.lerp(self.shade, colour("7C8BD0", self.low) * brightness(self.shade) * 1.6, snow)

    def _overcast(self, place: Place) -> None:
        """Clouds and winter take colour from the sky."""
        grey = (0.34 * place.cloudiness * place.cloudiness + 0.16 * place.winter)[:, None]
        for name, part in (("zenith", 1.0), ("middle", 0.9), ("low", 0.45), ("sunlit", 0.15)):
            value = getattr(self, name)
            mean = value.mean(1, keepdim=True)
            pale = torch.lerp(mean.expand_as(value), self.haze, 0.5)
            setattr(self, name, torch.lerp(value, pale, grey * part))

    def take(self, index: Tensor) -> "Light":
        """The light of some of the scenes."""
        return Light(self.place.take(index))

    def season(self, summer: str, winter: str) -> Tensor:
        """One colour or the other."""
        return torch.lerp(colour(summer, self.low), colour(winter, self.low), self.place.winter[:, None])

    def lit(self, surface: Tensor) -> Tensor:
        """A surface in the sun: its own colour by day, more and more that of the light as the sun sinks."""
        return torch.lerp(surface * self.sunlit, self.glow * brightness(surface), (0.22 - 0.14 * self.place.winter[:, None]) * self.dusk)

    def shaded(self, surface: Tensor) -> Tensor:
        """A surface turned away from the sun, which the sky alone lights."""
        return torch.lerp(surface * self.shade, self.shade * brightness(surface) * self.season("B8FFF4", "FFFFFF"), 0.65 * self.dusk)

    def foot(self, surface: Tensor) -> Tensor:
        """A surface low in its valley: lit by day, in shade when the sun is low."""
        return torch.lerp(self.lit(surface), self.shaded(surface), 0.15 + 0.65 * self.dusk)

    def far(self, surface: Tensor, clear: float, hazy: float) -> Tensor:
        """A surface far away: this share of haze before it on a clear and on a hazy day."""
        return torch.lerp(surface, self.haze, (clear + (hazy - clear) * self.place.haze)[:, None])

    @cached_property
    def dusk(self) -> Tensor:
        """How low the sun is, 0 by day to 1 at sunrise and sunset -> (B, 1, 1, 1)."""
        return (1 - self.place.elevation * 1.5).clamp(min=0)[:, None]


def brightness(surface: Tensor) -> Tensor:
    """The mean of red, green and blue -> (B, 1, 1, 1)."""
    return surface.mean(1, keepdim=True)
