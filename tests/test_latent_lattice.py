"""A square of latents: chosen far apart, laid beside their like, and something sensible everywhere between."""

import numpy as np
import pytest

from genlab.errors import LabError
from genlab.latent.lattice import between, on_lattice, spread_out


@pytest.fixture
def z():
    return np.random.default_rng(0).standard_normal((40, 6))


def test_chosen_ones_are_far_apart_and_begin_in_the_middle(z):
    taken = spread_out(z, 9)
    assert len(set(taken)) == 9 and taken[0] == np.linalg.norm(z - z.mean(0), axis=1).argmin()
    far = np.linalg.norm(z[taken][:, None] - z[taken], axis=2) + 99 * np.eye(9)
    left = np.setdiff1d(np.arange(40), taken)
    to_nearest = np.linalg.norm(z[left][:, None] - z[taken], axis=2).min(1)
    assert far.min() >= to_nearest.max() - 1e-9   # whoever was left out is nearer to somebody taken than these are to each other


def test_two_clusters_give_one_each():
    points = np.concatenate([np.zeros((5, 2)), np.full((4, 2), 7.0)])
    assert (spread_out(points, 2) < 5).tolist() == [True, False]


def test_a_shuffled_grid_is_laid_out_again():
    grid = np.stack(np.meshgrid([0, 1, 2], [0, 10, 20]), -1).reshape(-1, 2).astype(float)
    shuffled = grid[np.random.default_rng(1).permutation(9)]
    rows = shuffled[on_lattice(shuffled, 3)].reshape(3, 3, 2)
    assert (np.diff(rows[..., 1].mean(1)) == 10).all() and (rows[..., 1].std(1) == 0).all()
    assert np.abs(np.diff(rows[..., 0], axis=1)).tolist() == [[1, 1]] * 3


def test_each_spot_is_near_the_latent_that_lies_there_and_as_long_as_those_around(z):
    z = z[:9]
    spots = [(c / 2, r / 2) for r in range(3) for c in range(3)]
    there = np.stack([between(z, *spot) for spot in spots])
    nearest = np.linalg.norm(there[:, None] - z, axis=2).argmin(1)
    assert nearest.tolist() == list(range(9))
    norms = np.linalg.norm(z, axis=1)
    for x, y in np.random.default_rng(2).random((50, 2)):
        assert norms.min() <= np.linalg.norm(between(z, x, y)) <= norms.max()


def test_a_small_move_is_a_small_change(z):
    a, b = between(z[:9], 0.3, 0.7), between(z[:9], 0.301, 0.7)
    assert 0 < np.linalg.norm(a - b) < 0.02 * np.linalg.norm(a)


@pytest.mark.parametrize("bad", [lambda z: spread_out(z, 0), lambda z: spread_out(z, 41), lambda z: on_lattice(z, 3), lambda z: between(z[0], 0, 0)])
def test_what_cannot_be_is_said(z, bad):
    with pytest.raises(LabError):
        bad(z)
