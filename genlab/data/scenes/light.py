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
    (21.0, "1B2149", "4C437B", "D0708A", "FFB096", "A88AB0", "444575", "80608F"),
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
        self._overcast(place)

    def _overcast(self, place: Place) -> None:
        """Clouds and winter take colour from the sky."""
        grey = (0.34 * place.cloudiness * place.cloudiness + 0.16 * place.winter)[:, None]
        for name, part in (("zenith", 1.0), ("middle", 0.9), ("low", 0.45), ("sunlit", 0.3)):
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

    def lit(self, surface: Tensor, strength: float = 1.0) -> Tensor:
        """A surface in the sun."""
        return (surface * torch.lerp(torch.ones_like(self.sunlit), self.sunlit, strength)).clamp(0, 1)

    def shaded(self, surface: Tensor) -> Tensor:
        """A surface turned away from the sun."""
        return surface * self.shade

    def far(self, surface: Tensor, clear: float, hazy: float) -> Tensor:
        """A surface far away: this share of haze before it on a clear and on a hazy day."""
        return torch.lerp(surface, self.haze, (clear + (hazy - clear) * self.place.haze)[:, None])

    @cached_property
    def night(self) -> Tensor:
        """How dark it is, 0 by day to 1 at dusk -> (B, 1, 1)."""
        return (1 - self.place.elevation * 3).clamp(min=0)
