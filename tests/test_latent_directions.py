"""Directions have the length, the angle and the sign that they claim."""

import numpy as np
import pytest

from genlab.errors import LabError
from genlab.latent.directions import attribute_directions, components, in_spreads, orthogonalise, random_directions, single_dims

RNG = np.random.default_rng(0)


def test_components_find_the_axes_of_a_stretched_cloud():
    axes = random_directions(3, 3, RNG)
    z = (RNG.standard_normal((5000, 3)) * [3, 1, 0.2]) @ axes + [5, 0, -5]
    found = components(z, 3)
    np.testing.assert_allclose(np.abs(np.sum(found.directions * axes, axis=1)), 1, atol=1e-3)
    np.testing.assert_allclose(found.std, [3, 1, 0.2], rtol=0.05)
    np.testing.assert_allclose(found.share, np.square([3, 1, 0.2]) / 10.04, rtol=0.1)
    np.testing.assert_allclose(found.mean, [5, 0, -5], atol=0.15)


def test_components_are_orthonormal_and_their_signs_repeat():
    z = RNG.standard_normal((100, 12))
    found = components(z, 12)
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(12), atol=1e-12)
    np.testing.assert_allclose(found.directions, components(-z, 12).directions, atol=1e-9)
    np.testing.assert_allclose(found.share.sum(), 1)


def test_components_of_latents_with_one_dimension_or_no_spread():
    assert components([[0.0], [2.0]], 1).std == pytest.approx([1.0])
    assert components(np.ones((3, 2)), 1).share == pytest.approx([0.0])


def test_single_dims_and_random_directions_are_unit_and_orthogonal():
    np.testing.assert_array_equal(single_dims([2, 0], 3), [[0, 0, 1], [1, 0, 0]])
    directions = random_directions(4, 9, np.random.default_rng(1))
    np.testing.assert_allclose(directions @ directions.T, np.eye(4), atol=1e-12)
    np.testing.assert_array_equal(directions, random_directions(4, 9, np.random.default_rng(1)))


def test_what_is_left_is_at_right_angles_to_everything_kept_fixed():
    direction, fixed = RNG.standard_normal(20), RNG.standard_normal((5, 20))
    left = orthogonalise(direction, fixed)
    np.testing.assert_allclose(fixed @ left, 0, atol=1e-12)
    np.testing.assert_allclose(orthogonalise(left, fixed), left, atol=1e-12)
    assert left @ direction == pytest.approx(left @ left)   # a projection: nothing was added


def test_fixed_directions_may_repeat_and_there_may_be_none():
    np.testing.assert_allclose(orthogonalise([1.0, 1.0, 0.0], [[1.0, 0, 0], [2.0, 0, 0]]), [0, 1, 0], atol=1e-12)
    np.testing.assert_array_equal(orthogonalise([1.0, 2.0], []), [1, 2])


def test_an_attributes_direction_is_told_apart_from_what_goes_along_with_it():
    true = RNG.standard_normal((3, 8))
    a = RNG.standard_normal((4000, 3)) * [1, 5, 0.2]
    a[:, 1] += 4 * a[:, 0]                            # glasses on the old
    z = a @ true + 0.3 * RNG.standard_normal((4000, 8)) + 7
    np.testing.assert_allclose(attribute_directions(z, a, ridge=0), true, atol=0.15)
    means = z[a[:, 0] > 0].mean(0) - z[a[:, 0] <= 0].mean(0)
    assert means @ true[0] < 0.95 * np.linalg.norm(means) * np.linalg.norm(true[0])   # the plain difference of means points elsewhere


def test_attributes_that_are_unknown_or_never_vary():
    z, a = RNG.standard_normal((300, 4)), RNG.standard_normal((300, 3))
    z[:, 0] += 3 * a[:, 0]
    a[::7, 0], a[:, 1], a[:, 2] = np.nan, 5.0, np.nan
    found = attribute_directions(z, a)
    assert found[0, 0] == pytest.approx(3, abs=0.3) and not found[1:].any()


def test_directions_in_spreads_move_as_far_as_the_latents_lie():
    z = RNG.standard_normal((4000, 3)) * [4, 1, 0.5]
    scaled = in_spreads([[9.0, 0, 0], [0, -0.1, 0], [0, 0, 0]], z)
    np.testing.assert_allclose(scaled, [[4, 0, 0], [0, -1, 0], [0, 0, 0]], rtol=0.05)


@pytest.mark.parametrize("call, words", [
    (lambda: attribute_directions(np.zeros((4, 2)), np.zeros((3, 1))), "4 latents"),
    (lambda: orthogonalise([2.0, 1.0], [[1.0, 0], [0, 1.0]]), "unlock"),
    (lambda: orthogonalise([0.0, 0.0], [[1.0, 0]]), "unlock"),
    (lambda: orthogonalise([1.0, 0.0], [[1.0, 0, 0]]), "3 and of 2"),
    (lambda: components(np.zeros((3, 5)), 3), "1 to 2"),
    (lambda: components(np.zeros((1, 5)), 1), "at least 2"),
    (lambda: single_dims([3], 3), "0 to 2"),
    (lambda: random_directions(4, 3, RNG), "1 to 3"),
])
def test_what_is_no_direction_is_named(call, words):
    with pytest.raises(LabError, match=words):
        call()
