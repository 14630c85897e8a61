"""What can be said about a landscape: the attributes that a picture shows, and the place that stays when they change."""

import numpy as np

from genlab.data.base import Attribute
from genlab.data.copula import Correlations, correlate
from genlab.data.factors import FactorTable, uniforms

WATERS = ("none", "river", "lake")
MOST_TREES = 16

FACTORS: tuple[Attribute, ...] = (
    Attribute("winter"),
    Attribute("house"),
    Attribute("water", "categorical", 0, len(WATERS) - 1, WATERS),
    Attribute("hour", "continuous", 5.0, 21.0),
    Attribute("sun_x", "continuous", -1.0, 1.0),
    Attribute("cloudiness", "continuous", 0.0, 1.0),
    Attribute("haze", "continuous", 0.0, 1.0),
    Attribute("relief", "continuous", 0.0, 1.0),
    Attribute("ruggedness", "continuous", 0.0, 1.0),
    Attribute("forest", "continuous", 0.0, 1.0),
    Attribute("trees", "continuous", 0.0, float(MOST_TREES)),
    Attribute("conifers", "continuous", 0.0, 1.0),
)
"""The columns of a scene's attributes. hour is the time of day, sunrise at 5 and sunset at 21; sun_x where the sun stands, from the
left edge to the right; relief how high the mountains are, ruggedness how sharp; forest the wooded share of the middle hills; trees
how many stand alone (a fraction is a sapling); conifers the share of those that are firs."""

PEAKS, CLOUDS = 5, 6


def numbered(count: int, *names: str) -> tuple[str, ...]:
    return tuple(f"{name}_{i}" for name in names for i in range(count))


LAYOUT: tuple[str, ...] = (
    "horizon", *numbered(PEAKS, "peak_x", "peak_height", "peak_slope"),
    *numbered(3, "far_wave", "mid_wave", "wood_wave", "meadow_wave", "swell_wave", "near_wave", "front_wave"),
    "near_side", "near_height", "front_height", "swell_tilt",
    "river_x", "river_bend", "river_phase", "lake_x", "lake_width",
    "house_x", "house_y", "house_size", "house_facing", "house_roof",
    *numbered(CLOUDS, "cloud_x", "cloud_y", "cloud_size", "cloud_form"),
    *numbered(MOST_TREES, "tree_rank", "tree_x", "tree_y", "tree_size", "tree_kind", "tree_form", "tree_hue"),
)
"""The columns of a scene's identity: where everything is, each uniform in [-1, 1]."""


class Scenes(FactorTable):
    """Everything that fixes n landscapes: attributes (n, K) by FACTORS, identity (n, I) by LAYOUT."""

    DATASET = "scenes"
    INFO = FACTORS
    IDENTITY = LAYOUT


def sample_scenes(n: int, seed: int, first: int = 0, correlations: Correlations | None = None) -> Scenes:
    """Scenes number first to first + n - 1 of the stream that the seed names: every factor independent unless correlations are given.

    Half are in winter, half have a house, the three waters are equally likely, trees is a whole number, all others are uniform.
    Raises DataError for a bad n, seed or first, or correlations that can't be.
    """
    u = uniforms("scenes", len(FACTORS) + len(LAYOUT), n, seed, first)
    shares = u[:, : len(FACTORS)]
    if correlations:
        shares = correlate("scenes", [a.name for a in FACTORS], shares, correlations)
    columns = [quantile(attribute, shares[:, k]) for k, attribute in enumerate(FACTORS)]
    return Scenes(np.stack(columns, axis=1).astype(np.float32), (2 * u[:, len(FACTORS):] - 1).astype(np.float32))


def quantile(attribute: Attribute, u: np.ndarray) -> np.ndarray:
    """Uniform numbers in [0, 1] -> values of this attribute."""
    if attribute.kind == "continuous" and attribute.name != "trees":
        return attribute.low + u * (attribute.high - attribute.low)
    return np.minimum(np.floor(u * (attribute.high + 1)), attribute.high)


def counterpart(scenes: Scenes) -> Scenes:
    """The same places at the same hour in the other season: what a perfect translation of their pictures would show."""
    return scenes.with_(winter=1 - scenes["winter"])
