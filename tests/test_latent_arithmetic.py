"""Sums of codes and of pictures, and directions found in three ways."""

import numpy as np
import pytest

from genlab.errors import LabError
from genlab.latent.arithmetic import combine, perturbations, pixel_sum, residual
from genlab.latent.directions import METHODS, logistic_directions

RNG = np.random.default_rng(0)


def test_a_sum_is_of_the_means():
    a, b, c = RNG.standard_normal((3, 3, 5))
    np.testing.assert_allclose(combine(a, b, c), a.mean(0) - b.mean(0) + c.mean(0))
    np.testing.assert_allclose(combine(a, b, b), a.mean(0))
    np.testing.assert_allclose(combine(a[:1], a[:1], c[:2]), c[:2].mean(0))


def test_many_sums_at_once_are_each_their_own():
    a, b, c = RNG.standard_normal((3, 7, 3, 5))
    np.testing.assert_allclose(combine(a, b, c)[4], combine(a[4], b[4], c[4]))


def test_where_codes_are_linear_in_what_is_true_the_sum_is_exact():
    world = RNG.standard_normal((4, 6))
    truths = RNG.standard_normal((3, 3, 4))
    np.testing.assert_allclose(combine(*(truths @ world)), combine(*truths) @ world)


@pytest.mark.parametrize(("codes", "said"), [
    ((np.zeros((0, 2)), np.zeros((3, 2)), np.zeros((3, 2))), "A has codes of shape"),
    ((np.zeros((3, 2)), np.zeros((3, 2)), np.zeros(2)), "C has codes of shape"),
    ((np.zeros((3, 2)), np.full((3, 2), np.nan), np.zeros((3, 2))), "code of B holds NaN"),
    ((np.zeros((3, 2)), np.zeros((3, 2)), np.full((1, 2), np.inf)), "code of C holds NaN or infinity"),
    ((np.zeros((3, 2)), np.zeros((3, 4)), np.zeros((3, 2))), "2, 4, 2 numbers; they must be of one model"),
])
def test_what_cannot_be_added_is_said(codes, said):
    with pytest.raises(LabError, match=said):
        combine(*codes)


def test_the_same_example_three_times_is_an_example_too():
    z = np.ones((3, 4))
    np.testing.assert_array_equal(combine(z, z, 2 * z), 2 * z[0])


def test_perturbations_stay_near_and_repeat_with_their_seed():
    z, spread = RNG.standard_normal(6), np.array([1, 2, 0, 1, 1, 1.0])
    around = perturbations(z, spread, np.random.default_rng(3))
    assert around.shape == (8, 6) and (np.abs(around - z) <= 0.25 * spread).all()
    assert (around[:, 2] == z[2]).all() and len(np.unique(around[:, 0])) == 8
    np.testing.assert_array_equal(around, perturbations(z, spread, np.random.default_rng(3)))


def test_pictures_are_added_pixel_by_pixel_and_clipped():
    a, b, c = (np.full((3, 1, 2, 2), v, np.uint8) for v in (200, 50, 100))
    a[0, 0, 0, 0] = 50
    x = pixel_sum(a, b, c)
    assert x.dtype == np.uint8 and x.shape == (1, 2, 2)
    assert x[0].tolist() == [[200, 250], [250, 250]]
    assert pixel_sum(a, b, a)[0, 1, 1] == 255 and pixel_sum(b, a, b)[0, 1, 1] == 0
    many = RNG.integers(0, 256, (3, 5, 3, 3, 4, 4), np.uint8)
    np.testing.assert_array_equal(pixel_sum(*many)[2], pixel_sum(*many[:, 2]))


def test_the_residual_is_grey_where_nothing_is_missing():
    x = np.array([[0, 255, 100]], np.uint8)
    assert residual(x, x).tolist() == [[128, 128, 128]]
    assert residual(x, 255 - x).tolist() == [[0, 255, 100]]


# -- directions -----------------------------------------------------------------------------------------------------


def cloud(n=2000, along=0.0):
    """Codes in which attribute 0 moves axis 0 and attribute 1 axis 1, and how often the second goes along with the first."""
    rng = np.random.default_rng(1)
    a = (rng.random((n, 2)) < 0.5).astype(float)
    a[:, 1] = np.where(rng.random(n) < along, a[:, 0], a[:, 1])
    return a @ np.array([[2.0, 0, 0], [0, 3, 0]]) + rng.standard_normal((n, 3)), a


@pytest.mark.parametrize("method", METHODS)
def test_each_method_finds_the_axis(method):
    z, a = cloud()
    found = METHODS[method](z, a)
    assert found.shape == (2, 3)
    units = found / np.linalg.norm(found, axis=1, keepdims=True)
    np.testing.assert_allclose(units, np.eye(3)[:2], atol=0.12)


def test_only_ridge_leaves_out_what_goes_along():
    z, a = cloud(along=0.8)
    share = {name: abs(find(z, a)[0, 1] / find(z, a)[0, 0]) for name, find in METHODS.items()}
    assert share["ridge"] < 0.15 < share["logistic"] < share["means"]


@pytest.mark.parametrize("method", METHODS)
def test_what_never_varies_has_no_direction_and_unknown_values_do_no_harm(method):
    z, a = cloud(400)
    a = np.column_stack([a[:, 0], np.ones(len(a)), np.full(len(a), np.nan)])
    a[::7, 0] = np.nan
    found = METHODS[method](z, a)
    assert found[0, 0] > 0.5 and not found[1:].any() and np.isfinite(found).all()


def test_logistic_weights_are_where_the_slope_is_zero():
    z, a = cloud(500)
    w = logistic_directions(z, a, ridge=0.1)[0] * z.std()
    x = (z - z.mean(0)) / z.std()
    bias = min(np.linspace(-2, 2, 20001), key=lambda b: abs((1 / (1 + np.exp(-(x @ w + b))) - a[:, 0]).mean()))
    slope = x.T @ (1 / (1 + np.exp(-(x @ w + bias))) - a[:, 0]) / len(x) + 0.1 * w
    np.testing.assert_allclose(slope, 0, atol=1e-4)


@pytest.mark.parametrize("method", METHODS)
def test_parted_clouds_and_copies_of_one_point_have_an_answer(method):
    z, a = np.repeat([[0.0, 0], [1, 0]], 50, axis=0), np.repeat([[0.0], [1]], 50, axis=0)
    found = METHODS[method](z, a)
    assert np.isfinite(found).all() and found[0, 0] > 0 and abs(found[0, 1]) < 1e-9
    assert np.isfinite(METHODS[method](np.ones((10, 2)), np.arange(10.0)[:, None])).all()


@pytest.mark.parametrize("method", METHODS)
def test_codes_that_do_not_fit_are_said(method):
    with pytest.raises(LabError, match="NaN"):
        METHODS[method](np.full((4, 2), np.nan), np.ones((4, 1)))
    with pytest.raises(LabError, match="4 latents and attributes of shape"):
        METHODS[method](np.ones((4, 2)), np.ones((3, 1)))
