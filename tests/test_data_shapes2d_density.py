"""The density as a picture, and the entropy that comes of it."""

import numpy as np
import pytest

from genlab.data.shapes2d import CELLS, EXTENT, SHAPES, density, entropy

CELL = (2 * EXTENT / CELLS) ** 2


@pytest.mark.parametrize("name", SHAPES)
def test_the_picture_holds_all_of_the_density(name):
    assert density(SHAPES[name]).sum() * CELL == pytest.approx(1, abs=2e-5)


@pytest.mark.parametrize("name", SHAPES)
def test_samples_need_as_many_nats_as_the_entropy_says(name):
    log_p = SHAPES[name].log_prob(SHAPES[name].sample(40_000, seed=0))
    assert -log_p.mean() == pytest.approx(entropy(SHAPES[name]), abs=max(5 * log_p.std() / 200, 1e-6))


def test_entropies_that_are_known():
    assert entropy(SHAPES["checkerboard"]) == pytest.approx(np.log(8), abs=1e-9)
    apart = np.log(8) + 1 + np.log(2 * np.pi * 0.1**2)   # eight Gaussians that do not touch
    assert entropy(SHAPES["ring"]) == pytest.approx(apart, abs=1e-4)


def test_the_first_row_is_the_lowest():
    p = density(SHAPES["moons"])
    x, y = SHAPES["moons"].sample(1, seed=3)[0]
    column, row = (int((v + EXTENT) / (2 * EXTENT) * CELLS) for v in (x, y))
    assert p[row, column] == pytest.approx(np.exp(SHAPES["moons"].log_prob([[x, y]]))[0], rel=0.2)
