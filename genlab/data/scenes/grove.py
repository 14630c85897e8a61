"""Trees that stand alone: where they are, how tall, of what kind."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from genlab.data.scenes.factors import MOST_TREES
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place, aside
from genlab.data.scenes.ridges import Profile, front_ridge, near_ridge
from genlab.data.scenes.sprites import Sprites


@dataclass(frozen=True)
class Ground:
    """Where some of the trees stand: the first's number, about where each, the heights they may have, the haze before them."""

    first: int
    about: tuple[float, ...]
    smallest: float
    tallest: float
    clear: float
    hazy: float


VALLEY = Ground(0, (0.62, -0.35, 0.12, -0.85, 0.88, -0.60, 0.36, -0.10), 0.20, 0.34, 0.02, 0.22)
SLOPE = Ground(8, (0.15, 0.75, -0.20, 0.45, 0.95), 0.36, 0.52, 0.0, 0.08)
FRONT = Ground(13, (0.88, -0.52, -0.86), 0.60, 0.92, 0.0, 0.0)
assert FRONT.first + len(FRONT.about) == MOST_TREES


class Grove:
    """All T trees of one ground in B scenes, (B, T) each; y is the height of the foot, grown is 0 for those that are not there."""

    def __init__(self, place: Place, ground: Ground):
        mine = slice(ground.first, ground.first + len(ground.about))
        rank = place.many("tree_rank").argsort(stable=True, dim=1).argsort(dim=1)
        self.grown = (place.flat("trees")[:, None] - rank).clamp(0, 1)[:, mine]
        share = (1 + place.many("tree_size")[:, mine]) / 2
        self.height = (ground.smallest + (ground.tallest - ground.smallest) * share) * (0.25 + 0.75 * self.grown)
        self.is_fir = place.many("tree_kind")[:, mine] < 2 * place.flat("conifers")[:, None] - 1
        self.form, self.hue = place.many("tree_form")[:, mine], place.many("tree_hue")[:, mine]
        self.x, self.y = feet(place, ground, place.many("tree_x")[:, mine], place.many("tree_y")[:, mine])


def feet(place: Place, ground: Ground, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Where the trees touch the ground; never before the house or in the river, whether these are there or not."""
    about, house = torch.tensor(ground.about, device=x.device), place.house_spot[0][:, 0]
    side = place.side[:, 0]
    if ground is FRONT:
        x = -side * (about + 0.10 * x)
        return x, on(front_ridge, place, x).clamp(max=0.98) + 0.07 + 0.03 * y
    if ground is SLOPE:
        x = off_the_river(place, aside(side * (about + 0.12 * x), house, 0.30), torch.full_like(x, 0.6)).clamp(-0.98, 0.98)
        return x, on(near_ridge, place, x) + 0.05 + 0.035 * y
    y = place.skyline[:, 0] + 0.31 + 0.018 * torch.arange(len(ground.about), device=x.device) + 0.008 * y
    return off_the_river(place, aside(about + 0.12 * x, house, 0.27), y).clamp(-0.98, 0.98), y


def off_the_river(place: Place, x: Tensor, y: Tensor) -> Tensor:
    """x, moved out of the river's course at height y, (B, T) each."""
    middle, half = (v[:, :, 0] for v in place.river_at(y[:, :, None]))
    return aside(x, middle, half + 0.06)


def on(profile: Profile, place: Place, x: Tensor) -> Tensor:
    """Height of a ridge at x, (B, T) -> (B, T)."""
    return profile(place, x[:, None])[:, 0]


class Trees:
    """Some of a grove's trees: slot is a tree's number there, all others (T, 1, 1)."""

    def __init__(self, grove: Grove, chosen: Tensor, place: Place, light: Light, ground: Ground):
        self.which, self.slot = chosen.nonzero(as_tuple=True)
        for name in ("x", "y", "height", "form", "hue"):
            setattr(self, name, getattr(grove, name)[chosen][:, None, None])
        self.toward = ((place.sun[0][self.which] - self.x) * 2.5).clamp(-1, 1)
        self.winter = place.winter[self.which]
        self.light, self.ground = light, ground

    @cached_property
    def mix(self) -> Tensor:
        return (0.5 + 0.5 * self.hue)[:, None]

    def tones(self, summer: tuple[str, str], winter: tuple[str, str]) -> tuple[Tensor, Tensor]:
        """A colour between two hues by season, in shade and in light, behind the ground's haze -> (T, 3, 1, 1) each."""
        light, ground = self.light, self.ground
        hues = [light.season(s, w) for s, w in zip(summer, winter, strict=True)]
        shaded, lit = ([light.far(look(hue), ground.clear, ground.hazy)[self.which] for hue in hues] for look in (light.shaded, light.lit))
        return torch.lerp(*shaded, self.mix), torch.lerp(*lit, self.mix)

    def local(self, s: Sprites) -> tuple[Tensor, Tensor, Tensor]:
        """Coordinates in tree heights from the foot, x right and y up, and pixels to a tree height."""
        return (s.x - self.x) / self.height, (self.y - s.y) / self.height, self.height / s.px
