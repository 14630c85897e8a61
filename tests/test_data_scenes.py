"""Drawn landscapes: the same factors give the same picture, a factor changes what it should, and every scene has a counterpart."""

import numpy as np
import pytest

from genlab.data import DataSpec, load_dataset
from genlab.data.scenes import FACTORS, LAYOUT, Scenes, counterpart, render_scenes, sample_scenes
from genlab.errors import DataError

NAMES = tuple(a.name for a in FACTORS)


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    return sample_scenes(96, seed=3)


def full(n: int) -> Scenes:
    """Scenes with some of everything in them, in clear air before noon: what any factor does is then to be seen."""
    return sample_scenes(n, seed=7).with_(trees=16, cloudiness=1, forest=0.6, house=1, hour=10, relief=0.8, haze=0.1, ruggedness=0.6, conifers=0.5)


def changed(a: Scenes, b: Scenes, size: int = 64) -> np.ndarray:
    """Largest difference of any channel at every pixel, (n, size, size) grey levels."""
    return np.abs(render_scenes(a, size).astype(int) - render_scenes(b, size)).max(axis=1)


@pytest.mark.parametrize("size", [16, 33, 64, 256])
def test_pictures_of_any_size(scenes, size):
    x = render_scenes(scenes.take(slice(0, 4)), size)
    assert x.shape == (4, 3, size, size) and x.dtype == np.uint8
    assert (x.reshape(4, -1).std(axis=1) > 20).all()


def test_a_picture_does_not_depend_on_the_others(scenes):
    for size in (64, 37):
        whole = render_scenes(scenes, size)
        assert np.array_equal(whole, render_scenes(scenes, size))
        for step in (1, 7, 50):
            parts = [render_scenes(scenes.take(slice(i, i + step)), size) for i in range(0, 50, step)]
            assert np.abs(np.concatenate(parts)[:50].astype(int) - whole[:50]).max() <= 1


def test_small_pictures_are_large_ones_seen_from_afar(scenes):
    few = scenes.take(slice(0, 12))
    small, large = render_scenes(few, 32).astype(float), render_scenes(few, 256).astype(float)
    off = np.abs(large.reshape(12, 3, 32, 8, 32, 8).mean(axis=(3, 5)) - small)
    assert off.mean() < 2.5 and np.quantile(off, 0.99) < 25   # grey levels


def test_any_stretch_of_the_stream_can_be_had():
    whole = sample_scenes(600, seed=5)
    part = sample_scenes(40, seed=5, first=250)
    assert np.array_equal(part.attributes, whole.attributes[250:290]) and np.array_equal(part.identity, whole.identity[250:290])
    assert not np.array_equal(sample_scenes(40, seed=6, first=250).identity, part.identity)
    assert len(sample_scenes(3, seed=5, first=2**40)) == 3


def test_factors_are_independent_and_cover_their_ranges():
    many = sample_scenes(4000, seed=0)
    for k, attribute in enumerate(FACTORS):
        column = many.attributes[:, k]
        span = attribute.high - attribute.low
        assert column.min() <= attribute.low + 0.01 * span and column.max() >= attribute.high - 0.01 * span
        assert abs(column.mean() - (attribute.low + attribute.high) / 2) < 0.03 * span
    correlation = np.corrcoef(np.concatenate([many.attributes, many.identity], axis=1).T) - np.eye(len(FACTORS) + len(LAYOUT))
    assert np.abs(correlation).max() < 0.09
    assert set(np.unique(many["trees"])) == set(range(17))


def test_the_counterpart_is_the_same_place_in_the_other_season(scenes):
    other = counterpart(scenes)
    assert np.array_equal(other["winter"], 1 - scenes["winter"])
    rest = [k for k, name in enumerate(NAMES) if name != "winter"]
    assert np.array_equal(other.attributes[:, rest], scenes.attributes[:, rest]) and np.array_equal(other.identity, scenes.identity)
    back = counterpart(other)
    assert np.array_equal(back.attributes, scenes.attributes)
    assert (np.abs(render_scenes(other).astype(int) - render_scenes(scenes)).reshape(len(scenes), -1).mean(axis=1) > 8).all()


def test_the_season_is_seen_on_the_ground(scenes):
    """Snow is bluer than grass, whatever the hour: the two domains are two."""
    places = sample_scenes(300, seed=1).with_(trees=0, house=0, water="none")
    ground = [render_scenes(places.with_(winter=winter))[:, :, 40:60].mean(axis=(2, 3)) for winter in (0, 1)]
    summer, winter = (g[:, 2] / g[:, 1] for g in ground)
    assert summer.max() < winter.min()


def both_ends(places: Scenes, names: tuple[str, ...], end: int) -> Scenes:
    """The places once for each name, that factor set low (end 0) or high (end 1); half of the range for what is of the layout."""
    lows = {a.name: (a.low, a.high) for a in FACTORS}
    rows = [places.with_(**{"water": "lake" if name.startswith("lake") else "river", name: lows.get(name, (-0.5, 0.5))[end]}) for name in names]
    return together(*rows)


def together(*parts: Scenes) -> Scenes:
    return Scenes(np.concatenate([p.attributes for p in parts]), np.concatenate([p.identity for p in parts]))


@pytest.mark.parametrize("winter", [0, 1])
def test_everything_about_a_place_shows_in_either_season(winter):
    """A translation can be perfect only if no season hides what the other shows (by more than 4 grey levels somewhere)."""
    places = full(4).with_(winter=winter, trees=12, cloudiness=0.9)
    names = (*(n for n in NAMES if n != "winter"), *LAYOUT)
    difference = changed(both_ends(places, names, 0), both_ends(places, names, 1)).reshape(len(names), -1).max(axis=1)
    assert [name for name, most in zip(names, difference, strict=True) if most <= 4] == []


def near(scenes: Scenes, x: np.ndarray, y: np.ndarray, half_w: float, half_h: float, size: int = 64) -> np.ndarray:
    """The pixels within a window around (x, y), bool (n, size, size)."""
    at = (np.arange(size) * 2 + 1) / size - 1
    reach = 2 / size
    across = np.abs(at[None, None, :] - x[:, None, None]) < half_w + reach
    return across & (np.abs(at[None, :, None] - y[:, None, None]) < half_h + reach)


def test_a_house_changes_only_its_own_spot():
    import torch

    from genlab.data.scenes.place import Place

    for winter in (0, 1):
        places = full(40).with_(winter=winter, trees=0)
        x, y, unit = (v.flatten().numpy() for v in Place.of(places, torch.device("cpu")).house_spot)
        difference = changed(places.with_(house=0), places.with_(house=1))
        assert (difference.max(axis=(1, 2)) > 40).all()
        assert not difference[~near(places, x, y - 0.22, 0.40, 0.42)].any()


def test_water_changes_only_the_plain():
    places = full(30)
    for water in ("river", "lake"):
        difference = changed(places.with_(water="none"), places.with_(water=water))
        assert (difference.max(axis=(1, 2)) > 25).all()
        assert not difference[:, :30].any()                      # nothing above the skyline
    assert not changed(places.with_(water="none"), places.with_(water="lake"))[:, 50:].any()


def test_trees_come_one_by_one():
    places = full(30).with_(conifers=1)
    counts = [places.with_(trees=n) for n in range(17)]
    grown = [changed(a, b) for a, b in zip(counts[:-1], counts[1:], strict=True)]
    assert all((g > 20).any(axis=(1, 2)).mean() > 0.9 for g in grown)      # a few are hidden behind others
    assert all((g > 0).mean() < 0.25 for g in grown)                       # each is a tree, not a new picture
    sapling = changed(counts[3], places.with_(trees=3.4))
    assert 0 < (sapling > 0).sum() < (grown[3] > 0).sum()


@pytest.mark.parametrize(("name", "rest"), [("conifers", slice(0, 22)), ("relief", slice(40, 64)), ("ruggedness", slice(40, 64))])
def test_a_factor_leaves_the_rest_alone(name, rest):
    places = full(30).with_(trees=6, water="none", tree_rank_13=1, tree_rank_14=1, tree_rank_15=1)   # none of the tallest trees
    difference = changed(places.with_(**{name: 0}), places.with_(**{name: 1}))
    assert (difference.max(axis=(1, 2)) > 20).all()
    assert not difference[:, rest].any()


def test_light_follows_the_hour_and_the_sun():
    places = sample_scenes(40, seed=2).with_(cloudiness=0, haze=0)
    noon, dusk = (render_scenes(places.with_(hour=hour)).astype(float).mean(axis=(1, 2, 3)) for hour in (13, 21))
    assert (noon > dusk + 40).all()
    left, right = (render_scenes(places.with_(hour=18, sun_x=x)).astype(float).mean(axis=1)[:, :24] for x in (-0.9, 0.9))
    assert (left[:, :, :32].mean(axis=(1, 2)) > right[:, :, :32].mean(axis=(1, 2))).all()


def test_a_run_gets_different_places_in_summer_and_winter():
    train, test = load_dataset(DataSpec(name="scenes", n=40, size=16, seed=4))
    assert train.attribute_info == FACTORS and len(train) == 40 and len(test) == 2000 and train.x.shape[1:] == (3, 16, 16)
    again = sample_scenes(40, seed=4)
    assert np.array_equal(train.attributes, again.attributes) and np.array_equal(train.x, render_scenes(again, 16))
    assert 0.35 < train.attributes[:, 0].mean() < 0.65 and len(np.unique(again.identity, axis=0)) == 40
    assert load_dataset(DataSpec(name="scenes", n=1, size=16, channels=1))[0].x.shape == (1, 1, 16, 16)


def test_pictures_stay_as_they_were():
    """Mean colour of sky, hills and ground of two places in both seasons; a change here is a new dataset."""
    pair = sample_scenes(2, seed=0)
    x = render_scenes(together(pair, counterpart(pair))).astype(float)
    bands = np.stack([x[:, :, rows].mean(axis=(2, 3)) for rows in (slice(0, 20), slice(20, 40), slice(40, 64))], axis=1).round()
    assert np.abs(bands - GOLDEN).max() <= 1


GOLDEN = np.array([[[155, 144, 163], [181, 162, 177], [126, 122, 153]], [[179, 199, 209], [203, 204, 208], [172, 180, 188]],
                   [[151, 138, 161], [153, 138, 137], [63, 84, 61]], [[173, 198, 208], [160, 179, 154], [84, 133, 67]]])   # (picture, band, channel)


@pytest.mark.parametrize(("ask", "says"), [
    (lambda s: render_scenes(s, 15), "size is 15; allowed: a whole number from 16 to 256"),
    (lambda s: render_scenes(s, 64.0), "size is 64.0"),
    (lambda s: sample_scenes(0, 1), "n is 0"),
    (lambda s: sample_scenes(5, -1), "seed is -1"),
    (lambda s: sample_scenes(5, 1, first=1.5), "first is 1.5"),
    (lambda s: s.with_(winter=0.5), "winter of picture 0 is 0.5; allowed: 0 or 1"),
    (lambda s: s.with_(hour=np.nan), "hour of picture 0 is nan; allowed: 5 to 21"),
    (lambda s: s.with_(trees=[1, 2, 99]), "trees of picture 2 is 99; allowed: 0 to 16"),
    (lambda s: s.with_(water="sea"), "water is 'sea'; allowed: none, river, lake"),
    (lambda s: s.with_(water=3), r"allowed: 0 \(none\), 1 \(river\), 2 \(lake\)"),
    (lambda s: s.with_(hour="noon"), "numbers only"),
    (lambda s: s.with_(wintr=1), "did you mean 'winter'"),
    (lambda s: s.with_(hour=[1, 2]), r"hour has shape \(2,\); one number or \(3,\) is needed"),
    (lambda s: s.with_(hour=None), "hour of picture 0 is nan"),
    (lambda s: s.with_(hour=object()), "a number or an array of 3 numbers"),
    (lambda s: s.with_(river_x=1.5), "river_x of picture 0 is 1.5; allowed: -1 to 1"),
    (lambda s: Scenes(s.attributes[:, :3], s.identity), r"attributes are float32 \(3, 3\)"),
    (lambda s: Scenes(s.attributes, s.identity[:2]), "3 rows of attributes and 2 of identity"),
    (lambda s: Scenes(s.attributes.astype(float), s.identity), "attributes are float64"),
    (lambda s: Scenes(s.attributes, [[0.0]]), "identity are list"),
])
def test_what_cannot_be_drawn_is_said(ask, says):
    with pytest.raises(DataError, match=says):
        ask(sample_scenes(3, seed=0))
