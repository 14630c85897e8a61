"""Points in the plane: the density is the one that the samples have."""

import numpy as np
import pytest

from genlab.data.shapes2d import SHAPES, find_shape
from genlab.errors import DataError

EDGE, BINS, FINE = 3.2, 40, 400   # a square that holds all but a few points in a million; cells of the histogram; cells of the integral
SAMPLES = 200_000


def cells(shape) -> np.ndarray:
    """The probability of each cell of a BINS x BINS histogram, from the density at the middles of FINE x FINE cells."""
    middle = (np.arange(FINE) + 0.5) / FINE * 2 * EDGE - EDGE
    x, y = np.meshgrid(middle, middle, indexing="ij")
    density = np.exp(shape.log_prob(np.stack([x.ravel(), y.ravel()], axis=1))).reshape(FINE, FINE)
    k = FINE // BINS
    return density.reshape(BINS, k, BINS, k).sum(axis=(1, 3)) * (2 * EDGE / FINE) ** 2


@pytest.fixture(params=SHAPES)
def shape(request):
    return SHAPES[request.param]


def test_the_density_integrates_to_one_and_the_samples_follow_it(shape):
    p = cells(shape)
    assert abs(p.sum() - 1) < 0.01
    points = shape.sample(SAMPLES, seed=1)
    counts, _, _ = np.histogram2d(points[:, 0], points[:, 1], bins=BINS, range=[[-EDGE, EDGE]] * 2)
    assert counts.sum() > 0.9999 * SAMPLES
    # samples of p itself differ from p by about sum sqrt(2 p (1 - p) / (pi n)) / 2; a wrong density differs by far more
    by_chance = np.sqrt(2 * p * (1 - p) / (np.pi * SAMPLES)).sum() / 2
    distance = np.abs(counts / SAMPLES - p).sum() / 2
    assert distance < 2 * by_chance + 0.002
    assert by_chance < 0.03


def test_samples_of_another_shape_are_told_apart():
    moons, spiral = SHAPES["moons"].sample(SAMPLES, 0), cells(SHAPES["spiral"])
    counts, _, _ = np.histogram2d(moons[:, 0], moons[:, 1], bins=BINS, range=[[-EDGE, EDGE]] * 2)
    assert np.abs(counts / SAMPLES - spiral).sum() / 2 > 0.3


def test_most_points_lie_in_the_square(shape):
    points = shape.sample(20_000, seed=0)
    assert points.dtype == np.float32 and points.shape == (20_000, 2)
    assert (np.abs(points) <= 2).all(axis=1).mean() > 0.97
    assert np.abs(points.mean(axis=0)).max() < 0.05 and points.std(axis=0).min() > 0.5
    assert np.isfinite(shape.log_prob(points)).all()


def test_the_same_seed_gives_the_same_points(shape):
    assert np.array_equal(shape.sample(100, 3), shape.sample(100, 3))
    assert not np.array_equal(shape.sample(100, 3), shape.sample(100, 4))
    rng = np.random.default_rng(3)
    assert np.array_equal(shape.sample(100, rng), shape.sample(100, 3))
    assert not np.array_equal(shape.sample(100, rng), shape.sample(100, 3))


def test_modes_are_peaks():
    assert {s.name: len(s.modes) for s in SHAPES.values() if s.modes is not None} == {"ring": 8, "grid": 25}
    for name in ("ring", "grid"):
        shape = SHAPES[name]
        top = shape.log_prob(shape.modes)
        for step in ([0.05, 0], [-0.05, 0], [0, 0.05], [0, -0.05]):
            assert (shape.log_prob(shape.modes + np.float32(step)) < top - 0.1).all()


def test_a_checkerboard_has_sharp_edges():
    points = [[-1.5, -1.5], [-0.5, -1.5], [-0.5, -0.5], [1.5, 1.5], [1.5, 2.5], [2.5, 1.5]]
    assert np.array_equal(SHAPES["checkerboard"].log_prob(points), [-np.log(8), -np.inf, -np.log(8), -np.log(8), -np.inf, -np.inf])


def test_many_points_are_worked_through_in_parts(shape, monkeypatch):
    points = shape.sample(1000, seed=5)
    whole = shape.log_prob(points)
    monkeypatch.setattr("genlab.data.shapes2d.AT_ONCE", 997)
    assert np.allclose(shape.log_prob(points), whole, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("ask", "says"), [
    (lambda: find_shape("ringg"), "did you mean 'ring'"),
    (lambda: find_shape("xyz"), "there are ring, grid"),
    (lambda: SHAPES["ring"].sample(0, 0), "n is 0"),
    (lambda: SHAPES["ring"].sample(2.5, 0), "n is 2.5"),
    (lambda: SHAPES["ring"].sample(3, -1), "seed is -1"),
    (lambda: SHAPES["ring"].sample(3, None), "seed is None"),
    (lambda: SHAPES["moons"].log_prob(np.zeros((3, 3))), r"shape \(3, 3\)"),
    (lambda: SHAPES["moons"].log_prob(np.array([["a", "b"]])), r"numbers of shape \(n, 2\)"),
    (lambda: SHAPES["moons"].log_prob([[0, 0], [np.nan, 1]]), "point 1 is not finite"),
])
def test_what_cannot_be_done_is_said(ask, says):
    with pytest.raises(DataError, match=says):
        ask()
