"""Paths hit what they promise to hit, and stay where they promise to stay."""

import numpy as np
import pytest

from genlab.errors import LabError
from genlab.latent.paths import CLOSED, KINDS, along, circle, lerp, plane, random_walk, slerp, step_lengths, stops, through, traverse

RNG = np.random.default_rng(0)
A, B = RNG.standard_normal((2, 50))


@pytest.mark.parametrize("path", [lerp, slerp])
def test_a_path_between_two_latents_hits_both_and_moves_evenly(path):
    z = path(A, B, 9)
    assert z.shape == (9, 50)
    np.testing.assert_allclose(z[[0, -1]], [A, B], atol=1e-12)
    np.testing.assert_allclose(z[::-1], path(B, A, 9), atol=1e-12)


def test_lerp_takes_equal_steps():
    np.testing.assert_allclose(np.diff(lerp(A, B, 6), axis=0), np.tile((B - A) / 5, (5, 1)), atol=1e-12)


def test_slerp_keeps_the_length_and_lerp_cuts_through_the_middle():
    b = B * np.linalg.norm(A) / np.linalg.norm(B)
    radii = np.linalg.norm(slerp(A, b, 11), axis=1)
    np.testing.assert_allclose(radii, np.linalg.norm(A), rtol=1e-12)
    assert np.linalg.norm(lerp(A, b, 11)[5]) < 0.8 * np.linalg.norm(A)


def test_slerp_turns_by_equal_angles_and_passes_evenly_from_one_length_to_the_other():
    z = slerp([1.0, 0.0], [0.0, 3.0], 4)
    np.testing.assert_allclose(np.arctan2(z[:, 1], z[:, 0]), np.linspace(0, np.pi / 2, 4), atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), [1, 5 / 3, 7 / 3, 3], rtol=1e-12)


def test_slerp_of_parallel_and_zero_latents_is_the_segment():
    np.testing.assert_allclose(slerp(A, 2 * A, 5), lerp(A, 2 * A, 5), atol=1e-9)
    np.testing.assert_allclose(slerp(0 * A, A, 5), lerp(0 * A, A, 5), atol=1e-12)
    np.testing.assert_allclose(slerp(A, A, 3), np.tile(A, (3, 1)), atol=1e-12)


def test_slerp_of_opposite_latents_says_to_use_lerp():
    with pytest.raises(LabError, match="opposite.*lerp"):
        slerp(A, -A, 5)


@pytest.mark.parametrize("kind", ["lerp", "slerp"])
def test_a_path_through_waypoints_hits_each_of_them(kind):
    points = RNG.standard_normal((4, 7))
    z = through(points, 10, kind)
    assert z.shape == (10, 7)
    np.testing.assert_allclose(z[[0, 3, 6, 9]], points, atol=1e-12)
    assert through(points, 4, kind).shape == (4, 7)


def test_a_closed_path_ends_one_step_before_its_start():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    z = through(square, 8, "lerp", closed=True)
    np.testing.assert_allclose(z, [[0, 0], [0.5, 0], [1, 0], [1, 0.5], [1, 1], [0.5, 1], [0, 1], [0, 0.5]], atol=1e-12)


def test_a_circle_starts_at_its_first_draw_and_stays_in_the_prior():
    np.testing.assert_allclose(circle(A, B, 4), [A, B, -A, -B], atol=1e-12)
    draws = np.stack([circle(*RNG.standard_normal((2, 3)), 5) for _ in range(4000)])
    np.testing.assert_allclose(draws.std(0), 1, atol=0.06)


def test_a_random_walk_repeats_with_its_seed_starts_where_asked_and_keeps_to_the_prior():
    z = random_walk(A, 30, np.random.default_rng(5))
    np.testing.assert_array_equal(z, random_walk(A, 30, np.random.default_rng(5)))
    np.testing.assert_array_equal(z[0], A)
    assert not np.array_equal(z, random_walk(A, 30, np.random.default_rng(6)))
    long = random_walk(np.zeros(2000), 60, RNG, pace=0.5)
    assert abs(long[-1].std() - 1) < 0.1   # it set out from 0 and has become a draw of N(0, I)


def test_traverse_changes_nothing_but_its_direction():
    z = traverse(A, np.eye(50)[3], [-2.0, 0.0, 2.0])
    np.testing.assert_allclose(np.delete(z, 3, axis=1), np.tile(np.delete(A, 3), (3, 1)))
    np.testing.assert_allclose(z[:, 3] - A[3], [-2, 0, 2])


def test_a_plane_is_laid_out_row_by_row():
    z = plane(np.zeros(3), [1.0, 0, 0], [0, 1.0, 0], [-1.0, 1.0])
    np.testing.assert_array_equal(z, [[-1, -1, 0], [1, -1, 0], [-1, 1, 0], [1, 1, 0]])


def test_step_lengths_are_distances():
    np.testing.assert_allclose(step_lengths([[0.0, 0], [3, 4], [3, 4]]), [5, 0])


@pytest.mark.parametrize("call, words", [
    (lambda: lerp(A, B[:3], 5), "3 and of 50"),
    (lambda: lerp(A, B, 1), "1 frames"),
    (lambda: slerp([np.nan, 1.0], [0.0, 1.0], 3), "NaN"),
    (lambda: slerp([A], B, 3), r"shape \(1, 50\)"),
    (lambda: through([A], 5), r"\(1, 50\)"),
    (lambda: through([A, B, A], 2), "2 frames for 3"),
    (lambda: through([A, B], 5, "spline"), "lerp, slerp"),
    (lambda: random_walk(A, 5, RNG, pace=2), "pace = 2"),
    (lambda: random_walk(A, 0, RNG), "0 frames"),
    (lambda: traverse(A, B[:2], [0.0]), "2 and of 50"),
])
def test_what_cannot_be_walked_is_named(call, words):
    with pytest.raises(LabError, match=words):
        call()


# -- kinds by name --------------------------------------------------------------------------------------------------


C = RNG.standard_normal(50)


def test_each_name_is_the_path_it_says():
    np.testing.assert_array_equal(along("slerp", [A, B, C], 20), through([A, B, C], 20))
    np.testing.assert_array_equal(along("lerp", [A, B], 20), lerp(A, B, 20))
    np.testing.assert_array_equal(along("loop", [A, B, C], 20), through([A, B, C], 20, closed=True))
    np.testing.assert_array_equal(along("circle", [A, B, C], 20), circle(A, B, 20))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("frames", [12, 13, 240])
def test_a_path_passes_its_waypoints_where_it_says(kind, frames):
    points = [A, B, C]
    z, at = along(kind, points, frames), stops(kind, 3, frames)
    assert z.shape == (frames, 50) and at[0] == 0 and len(at) <= 3
    np.testing.assert_allclose(z[at], points[: len(at)], atol=1e-9)
    if kind in ("slerp", "lerp", "loop"):
        assert len(at) == 3 and (at[-1] == frames - 1) == (kind != "loop")


@pytest.mark.parametrize("kind", CLOSED)
def test_a_closed_path_by_name_ends_one_step_before_its_start(kind):
    z = along(kind, [A, B], 60)
    steps = step_lengths([*z, z[0]])
    assert steps[-1] == pytest.approx(steps[0], rel=0.2) and not np.array_equal(z[-1], z[0])


def test_a_walk_is_fixed_by_its_seed_begins_the_same_however_long_and_stays_near_the_prior():
    short, long = along("walk", [A], 50, seed=1), along("walk", [A], 600, seed=1)
    np.testing.assert_array_equal(long[:50], short)
    assert not np.array_equal(along("walk", [A], 50, seed=2), short)
    radii = np.linalg.norm(long, axis=1) / np.sqrt(50)
    assert radii.min() > 0.5 and radii.max() < 1.6
    assert step_lengths(long).max() < 0.1 * np.linalg.norm(A)   # arcs, not jumps


@pytest.mark.parametrize(("kind", "points", "said"), [
    ("spiral", [A, B], "'spiral' is not known"), ("slerp", [A], "at least 2"), ("circle", [A], "at least 2"),
    ("walk", [], "at least 1"), ("lerp", A, "at least 2"), ("walk", [A * np.nan], "NaN"),
])
def test_what_is_no_path_is_said(kind, points, said):
    with pytest.raises(LabError, match=said):
        along(kind, points, 10)
