"""Losses against closed forms and torch.distributions."""

import math

import pytest
import torch
from torch.distributions import Normal, kl_divergence

from genlab.objectives import losses


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


def test_kl_is_that_of_torch_distributions(generator):
    mu, logvar = torch.randn(7, 3, generator=generator), torch.randn(7, 3, generator=generator)
    expected = kl_divergence(Normal(mu, (0.5 * logvar).exp()), Normal(0.0, 1.0)).mean(0)
    torch.testing.assert_close(losses.kl_dims(mu, logvar), expected)


def test_kl_at_the_prior_is_zero():
    assert losses.kl_dims(torch.zeros(2, 5), torch.zeros(2, 5)).abs().max() == 0


def test_kl_agrees_with_monte_carlo(generator):
    mu, logvar = torch.tensor([[0.7]]), torch.tensor([[-1.0]])
    q, z = Normal(mu, (0.5 * logvar).exp()), mu + (0.5 * logvar).exp() * torch.randn(200_000, 1, generator=generator)
    draws = q.log_prob(z) - Normal(0.0, 1.0).log_prob(z)
    assert abs(draws.mean() - losses.kl_dims(mu, logvar).sum()) < 4 * draws.std() / math.sqrt(len(z))


@pytest.mark.parametrize("sigma", [0.1, losses.SIGMA_REPORT, 2.0])
def test_recon_is_the_gaussian_likelihood(generator, sigma):
    x, x_hat = torch.rand(4, 3, 8, 8, generator=generator), torch.rand(4, 3, 8, 8, generator=generator)
    expected = -Normal(x_hat, sigma).log_prob(x).sum((1, 2, 3)).mean()
    torch.testing.assert_close(losses.recon(x, x_hat, sigma), expected)


def test_the_report_sigma_gives_squared_error(generator):
    x, x_hat = torch.rand(4, 1, 8, 8, generator=generator), torch.rand(4, 1, 8, 8, generator=generator)
    constant = losses.recon(x, x, losses.SIGMA_REPORT)
    sse = (x - x_hat).square().sum((1, 2, 3)).mean()
    torch.testing.assert_close(losses.recon(x, x_hat, losses.SIGMA_REPORT) - constant, sse)


def test_the_best_sigma_is_the_root_mean_squared_error(generator):
    x, x_hat = torch.rand(4, 1, 8, 8, generator=generator), torch.rand(4, 1, 8, 8, generator=generator)
    best = losses.mse(x, x_hat).sqrt()
    assert all(losses.recon(x, x_hat, best) < losses.recon(x, x_hat, best * factor) for factor in (0.9, 1.1))


def test_free_bits_hide_small_kls_and_their_gradient():
    kl = torch.tensor([0.05, 0.5], requires_grad=True)
    total = losses.free_bits(kl, 0.1)
    total.backward()
    assert total.item() == pytest.approx(0.6) and kl.grad.tolist() == [0.0, 1.0]
