"""Statistics of codes agree with torch and with what is known beforehand."""

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from genlab.errors import LabError
from genlab.latent.laws import NORMAL
from genlab.latent.statistics import latent_statistics

RNG = np.random.default_rng(0)


def test_kl_equals_torchs_and_orders_the_dimensions():
    mu, logvar = RNG.standard_normal((200, 4)) * [0.01, 2, 0.5, 1], np.array([0.0, -3, -1, -2]) + np.zeros((200, 4))
    found = latent_statistics(mu, logvar)
    q = Normal(torch.tensor(mu), torch.tensor(logvar).mul(0.5).exp())
    np.testing.assert_allclose(found.kl, kl_divergence(q, Normal(0.0, 1.0)).mean(0).numpy(), rtol=1e-6)
    assert found.order.tolist() == [1, 3, 2, 0]
    assert found.active.tolist() == [False, True, True, True]
    np.testing.assert_allclose(found.std, mu.std(0))


def test_a_collapsed_posterior_has_no_kl_and_no_active_dimension():
    found = latent_statistics(np.zeros((5, 3)), np.zeros((5, 3)))
    assert found.kl.tolist() == [0, 0, 0] and not found.active.any()


def test_without_a_spread_the_dimensions_are_ordered_by_their_own():
    found = latent_statistics(RNG.standard_normal((500, 3)) * [1, 3, 2])
    assert found.kl is None and found.order.tolist() == [1, 2, 0]


def test_prior_quantiles():
    np.testing.assert_allclose(NORMAL.share_below([0, 1.959964, -1.0]), [0.5, 0.975, 0.158655], atol=1e-6)


@pytest.mark.parametrize("mu, logvar, words", [
    (np.zeros((0, 3)), None, "at least 1"),
    (np.zeros((4, 3)), np.zeros((4, 2)), "2 and of 3"),
    (np.zeros((4, 3)), np.zeros((3, 3)), "4 means and 3"),
])
def test_what_cannot_be_summed_up_is_named(mu, logvar, words):
    with pytest.raises(LabError, match=words):
        latent_statistics(mu, logvar)
