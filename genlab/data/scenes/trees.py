"""Trees that stand alone: firs and round trees, each in a window of its own, farthest first."""

from dataclasses import dataclass

import torch
from torch import Tensor

from genlab.data.scenes.canvas import Canvas
from genlab.data.scenes.factors import MOST_TREES
from genlab.data.scenes.hills import Profile, front_ridge, near_ridge
from genlab.data.scenes.light import Light
from genlab.data.scenes.place import Place
from genlab.data.scenes.sprites import Sprites
from genlab.data.scenes.water import river_course


@dataclass(frozen=True)
class Ground:
    """Where some of the trees stand: their numbers, the tallest and the smallest, and how much haze is before them."""

    first: int
    strata: tuple[float, ...]
    smallest: float
    tallest: float
    clear: float
    hazy: float


VALLEY = Ground(0, (0.62, -0.35, 0.12, -0.85, 0.88, -0.60, 0.36, -0.10), 0.20, 0.34, 0.02, 0.22)
SLOPE = Ground(8, (0.15, 0.75, -0.20, 0.45, 0.95), 0.36, 0.52, 0.0, 0.08)
FRONT = Ground(13, (-0.80, 0.88, -0.50), 0.70, 1.00, 0.0, 0.0)
assert FRONT.first + len(FRONT.strata) == MOST_TREES


class Grove:
    """T trees of B scenes on one ground, (B, T) each; y is the height of the foot, and grown is 0 for those that are not there."""

    def __init__(self, place: Place, ground: Ground):
        mine = slice(ground.first, ground.first + len(ground.strata))
        rank = place.many("tree_rank").argsort(stable=True, dim=1).argsort(dim=1)
        self.grown = (place.flat("trees")[:, None] - rank).clamp(0, 1)[:, mine]
        share = (1 + place.many("tree_size")[:, mine]) / 2
        self.height = (ground.smallest + (ground.tallest - ground.smallest) * share) * (0.25 + 0.75 * self.grown)
        self.fir = place.many("tree_kind")[:, mine] < 2 * place.flat("conifers")[:, None] - 1
        self.form, self.hue = place.many("tree_form")[:, mine], place.many("tree_hue")[:, mine]
        self.x, self.y = self._feet(place, ground, place.many("tree_x")[:, mine], place.many("tree_y")[:, mine])

    def _feet(self, place: Place, ground: Ground, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        strata = torch.tensor(ground.strata, device=x.device)
        side = place.side[:, 0]
        if ground is VALLEY:
            step = torch.arange(len(ground.strata), device=x.device)
            y = place.skyline[:, 0] + 0.30 + 0.018 * step + 0.008 * y
            middle, half = (v[:, :, 0] for v in river_course(place, y[:, :, None]))
            x = aside(strata + 0.12 * x, place.house_spot[0][:, 0], 0.27)
            return aside(x, middle, half + 0.06).clamp(-0.98, 0.98), y
        if ground is SLOPE:
            x = aside(side * (strata + 0.12 * x), place.house_spot[0][:, 0], 0.30).clamp(-0.98, 0.98)
            return x, on(near_ridge, place, x) + 0.05 + 0.035 * y
        x = -side * (strata + 0.10 * x)
        return x, on(front_ridge, place, x).clamp(max=0.98) + 0.07 + 0.03 * y


def aside(x: Tensor, middle: Tensor, margin: Tensor | float) -> Tensor:
    """x, moved away from the middle to at least the margin."""
    off = x - middle
    return middle + torch.where(off < 0, -1.0, 1.0) * torch.maximum(off.abs(), torch.as_tensor(margin, device=x.device))


def on(profile: Profile, place: Place, x: Tensor) -> Tensor:
    return profile(place, x[:, None])[:, 0]


class Trees:
    """T trees of any scenes, with everything about them: (T, 1, 1), colours (T, 3, 1, 1)."""

    def __init__(self, grove: Grove, chosen: Tensor, place: Place, light: Light, ground: Ground):
        self.which, self.slot = chosen.nonzero(as_tuple=True)
        for name in ("x", "y", "height", "form", "hue", "grown"):
            setattr(self, name, getattr(grove, name)[chosen][:, None, None])
        self.toward = ((place.sun[0][self.which] - self.x) * 2.5).clamp(-1, 1)
        self.winter = place.winter[self.which]
        self.place, self.light, self.ground = place, light, ground

    def tone(self, summer: tuple[str, str], winter: tuple[str, str], lit: bool) -> Tensor:
        """A colour between two hues by season, in light or in shade, behind the ground's haze."""
        a, b = (self.light.season(s, w) for s, w in zip(summer, winter, strict=True))
        tones = [self.light.far(self.light.lit(c) if lit else self.light.shaded(c), self.ground.clear, self.ground.hazy)[self.which] for c in (a, b)]
        return torch.lerp(tones[0], tones[1], (0.5 + 0.5 * self.hue)[:, None])

    def local(self, s: Sprites) -> tuple[Tensor, Tensor, Tensor]:
        """Coordinates in tree heights from the foot up, and pixels to a tree height."""
        return (s.x - self.x) / self.height, (self.y - s.y) / self.height, self.height / s.px


def trees(canvas: Canvas, place: Place, light: Light, ground: Ground) -> None:
    """The trees of one ground: all firs and all round trees are painted at once, then laid down number by number."""
    grove = Grove(place, ground)
    half_w, half_h = 0.52 * ground.tallest, 0.56 * ground.tallest
    for kind, painter in ((grove.fir, fir), (~grove.fir, round_tree)):
        chosen = kind & (grove.grown > 0)
        if not chosen.any():
            continue
        t = Trees(grove, chosen, place, light, ground)
        s = Sprites.cut(canvas, t.which, t.x, t.y - 0.48 * ground.tallest, half_w, half_h)
        shadow(s, t)
        painter(s, t)
        for slot in range(len(ground.strata)):
            index = (t.slot == slot).nonzero().flatten()
            if len(index):
                s.take(index).stamp(canvas)


def shadow(s: Sprites, t: Trees) -> None:
    """What the tree casts on the ground, away from the sun."""
    x, y, _ = t.local(s)
    r = ((x + 0.20 * t.toward) / (0.26 + 0.10 * t.toward.abs())).square() + (y / 0.045).square()
    s.paint(t.light.shaded(t.light.season("3F6B3C", "8FA6CC"))[t.which], 0.55 * (1.6 - 1.2 * r).clamp_(0, 1))


def fir(s: Sprites, t: Trees) -> None:
    """Tiers of drooping branches, snow on their ends in winter."""
    x, y, scale = t.local(s)
    bark = t.tone(("7A5238", "6B4A3A"), ("6A5248", "5E4C48"), lit=False)
    s.paint(bark, ((0.028 - x.abs()) * scale + 0.5).clamp_(0, 1) * (((y + 0.005) * scale) + 0.5).clamp_(0, 1) * (y < 0.3))
    tiers = 3.5 + 0.499 * torch.sign(t.form)                      # three or four
    tiers = tiers.floor()
    v = (y - 0.10) * (tiers / 0.90) + 1.1 * x.abs()
    f = v - v.floor().clamp(min=0).minimum(tiers - 1)
    wide = (0.27 + 0.04 * t.form) / tiers
    half = wide * ((tiers - v) + 0.75 * (1 - f))
    inside = torch.minimum((half - x.abs()) * 0.92, v * 0.22)
    cover = (inside * scale + 0.5).clamp_(0, 1)
    lit = (0.52 + 3.2 * x * t.toward - 0.42 * (f - 0.55).clamp(min=0) / 0.45).clamp_(0, 1)[:, None]
    dark, bright = (t.tone(("2F7A5A", "3F7F45"), ("3E6E72", "4A706A"), lit=k) for k in (False, True))
    s.paint(torch.lerp(dark, bright, lit), cover)
    snow = ((0.60 - f - 0.5 * x * t.toward) * 5 + 0.5).clamp_(0, 1) * t.winter * cover
    white = torch.lerp(t.tone(("E6EEF8",) * 2, ("E6EEF8",) * 2, lit=False), t.tone(("FBFCFE",) * 2, ("FBFCFE",) * 2, lit=True), lit)
    s.paint(white, 0.95 * snow)


PUFFS = ((0.00, 0.70, 0.25), (-0.17, 0.52, 0.19), (0.18, 0.54, 0.18), (0.02, 0.48, 0.21))


def round_tree(s: Sprites, t: Trees) -> None:
    """A trunk under a few round puffs of leaves; bare twigs with snow on them in winter."""
    x, y, scale = t.local(s)
    bark_dark, bark = (t.tone(("7A4F34", "8A6248"), ("5E4A4A", "6E5A56"), lit=k) for k in (False, True))
    trunk = 0.030 + 0.018 * (0.25 - y).clamp(min=0)
    wood = ((trunk - x.abs()) * scale + 0.5).clamp_(0, 1) * ((y * scale) + 0.5).clamp_(0, 1) * (y < 0.6)
    s.paint(torch.lerp(bark_dark, bark, (0.5 + 9 * x * t.toward).clamp_(0, 1)[:, None]), wood)
    inside, lit = crown(x, y, t)
    cover = (inside * scale + 0.5).clamp_(0, 1)
    dark, bright = (t.tone(("5E9E3E", "3F8F4E"), ("8C7E8E", "7C7486"), lit=k) for k in (False, True))
    s.paint(torch.lerp(dark, bright, lit.clamp(0, 1)[:, None]), cover * (1 - 0.52 * t.winter))
    s.paint(bark_dark, branches(x, y, scale) * t.winter)
    white = t.tone(("FAFCFE",) * 2, ("FAFCFE",) * 2, lit=True)
    s.paint(white, 0.92 * ((lit - 0.62) * 7).clamp_(0, 1) * cover * t.winter)


def crown(x: Tensor, y: Tensor, t: Trees) -> tuple[Tensor, Tensor]:
    """Depth inside the crown, and how the nearest puff is lit."""
    slim = 1 - 0.16 * t.form
    inside = lit = None
    for k, (px, py, r) in enumerate(PUFFS):
        r = r * (1 + 0.10 * t.hue * (-1) ** k)
        dx, dy = (x - px * slim) / slim, y - py
        depth = r - (dx * dx + dy * dy).sqrt_()
        shine = 0.46 + (0.50 * dx * t.toward + 0.62 * dy) / r
        if inside is None:
            inside, lit = depth, shine
        else:
            lit = torch.lerp(lit, shine, ((depth - inside) * 14 + 0.5).clamp_(0, 1))
            inside = torch.maximum(inside, depth)
    return inside, lit


def branches(x: Tensor, y: Tensor, scale: Tensor) -> Tensor:
    """Coverage of bare boughs, mirrored left and right."""
    cover = None
    for x0, y0, x1, y1, half in ((0, 0.2, 0.0, 0.88, 0.018), (0, 0.34, 0.24, 0.60, 0.014), (0, 0.48, 0.15, 0.78, 0.012), (0.12, 0.47, 0.26, 0.48, 0.009)):
        ax, ay = x.abs() - x0, y - y0
        bx, by = x1 - x0, y1 - y0
        h = ((ax * bx + ay * by) / (bx * bx + by * by)).clamp_(0, 1)
        d = ((ax - bx * h).square_() + (ay - by * h).square_()).sqrt_()
        line = ((half * (1 - 0.6 * h) - d) * scale + 0.5).clamp_(0, 1)
        cover = line if cover is None else torch.maximum(cover, line)
    return cover

