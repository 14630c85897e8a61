"""Holes: how far draws are from codes, in the codes' own measure."""

import numpy as np
import pytest

from genlab.errors import LabError
from genlab.latent.holes import loneliness, nearest_code


def test_the_nearest_code_is_the_nearest():
    rng = np.random.default_rng(0)
    z, codes = rng.standard_normal((600, 3)), rng.standard_normal((40, 3))
    every = np.linalg.norm(z[:, None] - codes, axis=2)
    np.testing.assert_allclose(nearest_code(z, codes), every.min(1), atol=1e-6)
    among = np.linalg.norm(codes[:, None] - codes, axis=2) + np.diag(np.full(40, np.inf))
    np.testing.assert_allclose(nearest_code(codes, codes, is_among=True), among.min(1), atol=1e-6)


def test_draws_of_the_codes_own_density_are_no_lonelier_than_codes_and_those_beside_it_are():
    rng = np.random.default_rng(1)
    codes, alike, beside = rng.standard_normal((500, 8)), rng.standard_normal((500, 8)), rng.standard_normal((500, 8)) + 4
    near, among = loneliness(alike, codes)
    far, _ = loneliness(beside, codes)
    assert np.median(among) == pytest.approx(1) and np.median(near) == pytest.approx(1, abs=0.1) and np.median(far) > 2


def test_codes_that_say_nothing_are_refused():
    with pytest.raises(LabError, match="1 codes; 2 at least"):
        loneliness(np.zeros((3, 2)), np.zeros((1, 2)))
    with pytest.raises(LabError, match="lie on each other"):
        loneliness(np.zeros((3, 2)), np.zeros((5, 2)))
