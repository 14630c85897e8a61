"""Bounds that reach the true log p(x), the gap to the prior, and reconstruction against references."""

import math

import numpy as np
import pytest
import torch

from genlab.data.vision import torchvision  # before torchmetrics, which imports it and cannot put right its CPU build
from genlab.errors import LabError
from genlab.latent.pca import fit_pca
from genlab.measures.likelihood import active_units, elbo_terms, iwae_bounds, log_densities, log_weights, prior_gap
from genlab.measures.mixture import fit_mixture
from genlab.measures.rebuild import MOST_DB, psnr, squared_error, ssim
from genlab.models.posterior import Gaussian, log_normal
from genlab.objectives.losses import recon_each

assert torchvision
from torchmetrics.functional.image import structural_similarity_index_measure  # noqa: E402


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


# -- likelihood -----------------------------------------------------------------------------------------------------

SIGMA = 0.5


class LinearGaussian:
    """x = W z + noise with orthogonal columns of W, so that the exact posterior is diagonal; q is it, or off by a factor and a shift."""

    def __init__(self, widen: float = 1.0, shift: float = 0.0):
        self.w = torch.linalg.qr(torch.randn(12, 3, generator=torch.Generator().manual_seed(0))).Q * torch.tensor([2.0, 1.0, 0.3])
        self.widen, self.shift = widen, shift
        self.variance = 1 / (1 + self.w.square().sum(0) / SIGMA**2)

    def encode(self, x):
        mu = x.flatten(1) @ self.w / SIGMA**2 * self.variance
        return Gaussian(mu + self.shift, (self.variance * self.widen).log().expand_as(mu))

    def log_prior(self, z):
        return log_normal(z)

    def log_likelihood(self, x, z):
        return -recon_each(x, self.decode(z), SIGMA)

    def decode(self, z):
        return (z @ self.w.T).view(-1, 3, 2, 2)

    def images(self, n, generator):
        return self.decode(torch.randn(n, 3, generator=generator)) + SIGMA * torch.randn(n, 3, 2, 2, generator=generator)

    def log_p(self, x):
        cov = self.w @ self.w.T + SIGMA**2 * torch.eye(12)
        return torch.distributions.MultivariateNormal(torch.zeros(12), cov).log_prob(x.flatten(1)).numpy()


def test_with_the_exact_posterior_every_bound_is_log_p():
    model, generator = LinearGaussian(), torch.Generator().manual_seed(1)
    x = model.images(5, generator)
    for bound in iwae_bounds(log_weights(model, x, 500, generator)).values():
        np.testing.assert_allclose(bound, model.log_p(x), atol=1e-3)


def test_bounds_do_not_decrease_with_k_and_reach_log_p():
    model, generator = LinearGaussian(widen=2.0, shift=0.3), torch.Generator().manual_seed(1)
    x = model.images(40, generator)
    found = list(iwae_bounds(log_weights(model, x, 500, generator)).values())
    for smaller, larger in zip(found, found[1:], strict=False):
        assert (larger >= smaller - 1e-12).all()   # of each image, not only on average
    gap = (model.log_p(x) - np.array(found)).mean(1)
    assert gap[0] > 1 and gap[0] > 4 * gap[1] > 16 * abs(gap[-1]) and abs(gap[-1]) < 0.03


def test_the_bound_of_one_draw_is_the_elbo():
    model, generator = LinearGaussian(widen=2.0, shift=0.3), torch.Generator().manual_seed(1)
    x = model.images(3, generator)
    draws = log_weights(model, x, 4000, generator)
    again = elbo_terms(model, x.repeat_interleave(4000, 0), generator)["elbo"].reshape(3, -1)   # its KL in closed form, another draw
    error = np.hypot(draws.std(1), again.std(1)) / math.sqrt(4000)
    assert (np.abs(iwae_bounds(draws, (1,))[1] - again.mean(1)) < 4 * error).all()
    terms = elbo_terms(model, x, generator)
    np.testing.assert_allclose(terms["elbo"], -(terms["recon"] + terms["kl"]))


def test_groups_that_do_not_divide_are_refused():
    with pytest.raises(LabError, match="each must divide the next"):
        iwae_bounds(np.zeros((2, 500)), (1, 3, 50))


def test_log_densities_are_torch_s():
    z, mu, logvar = normal(4, 3), normal(5, 3, seed=1), normal(5, 3, seed=2)
    expected = torch.distributions.Normal(torch.from_numpy(mu), torch.from_numpy(np.exp(0.5 * logvar))).log_prob(torch.from_numpy(z)[:, None]).sum(2)
    np.testing.assert_allclose(log_densities(z, mu, logvar), expected.numpy())


def test_the_gap_splits_the_kl_and_is_0_where_codes_fill_the_prior():
    spread = 0.5
    mu = math.sqrt(1 - spread**2) * normal(2000, 2)   # the mixture of N(mu, spread^2) is N(0, I)
    filled = prior_gap(mu, np.full_like(mu, 2 * math.log(spread)), 0)
    assert abs(filled.value) < 0.05 and filled.parts["information"] == pytest.approx(-2 * math.log(spread), abs=0.08)
    assert abs(filled.parts["single"]) < 0.03
    shifted = prior_gap(mu + 3, np.full_like(mu, 2 * math.log(spread)), 0)
    assert shifted.value == pytest.approx(9, rel=0.05)   # KL of N(3, I) to N(0, I): 3^2 / 2 for each dimension
    assert shifted.parts["single"] == pytest.approx(9, rel=0.05)
    assert shifted.parts["kl"] == pytest.approx(shifted.value + shifted.parts["information"])


def test_active_units_are_those_whose_means_vary():
    mu = normal(500, 5) * [1, 1, 0.2, 0.01, 0]
    found = active_units(mu, 0)
    assert (found.value, found.low, found.high, found.parts["of"]) == (3, 3, 3, 5)


# -- reconstruction -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(3, 1, 16, 16), (2, 3, 64, 64)])
def test_ssim_is_torchmetrics_s(shape):
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(shape, generator=generator, dtype=torch.float64)
    y = (x + 0.2 * torch.randn(shape, generator=generator, dtype=torch.float64)).clamp(0, 1)
    expected = structural_similarity_index_measure(y, x, data_range=1.0, reduction="none")
    np.testing.assert_allclose(ssim(x, y), expected, atol=1e-6)
    np.testing.assert_allclose(ssim(x, x), 1)


def test_psnr_and_mse_have_their_closed_forms():
    x = torch.zeros(2, 1, 16, 16)
    y = torch.stack([x[0] + 0.1, x[0]])
    np.testing.assert_allclose(squared_error(x, y), [0.01, 0])
    np.testing.assert_allclose(psnr(x, y), [20, MOST_DB], rtol=1e-5)
    with pytest.raises(LabError, match="at least 11 x 11"):
        ssim(x[..., :8], y[..., :8])


def test_principal_components_are_those_of_the_svd_and_a_linear_autoencoder_reaches_their_error():
    flat = normal(60, 10) @ normal(10, 10, seed=1)
    fitted = fit_pca(flat, 3)
    error = np.square(fitted.decode(fitted.encode(flat)) - flat).sum()
    assert error == pytest.approx(np.square(np.linalg.svd(flat - flat.mean(0))[1][3:]).sum())
    assert np.square(fit_pca(flat[:8], 3).axes).sum(1) == pytest.approx(np.ones(3))   # fewer vectors than pixels: the other Gram matrix
    x = torch.from_numpy(flat - flat.mean(0))
    down, up = (torch.from_numpy(0.3 * normal(*s, seed=5)).requires_grad_() for s in ((10, 3), (3, 10)))
    optimizer = torch.optim.LBFGS([down, up], max_iter=300, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (x @ down @ up - x).square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    assert error * (1 - 1e-9) <= closure().item() < 1.01 * error


def test_a_mixture_has_the_moments_of_its_codes_and_repeats():
    codes = np.concatenate([normal(300, 2) + [10, 0], normal(300, 2, seed=1) * 0.5 - [10, 0]])
    mixture = fit_mixture(codes, 0)
    assert len(mixture.weights) == 10
    drawn = mixture.sample(4000, np.random.default_rng(1))
    np.testing.assert_allclose(drawn.mean(0), codes.mean(0), atol=0.5)
    np.testing.assert_allclose(np.cov(drawn.T), np.cov(codes.T), rtol=0.1, atol=1)
    assert (np.abs(drawn[:, 0]) > 5).all()   # no draw falls between the two clouds, as a single Gaussian's would
    np.testing.assert_array_equal(drawn, fit_mixture(codes, 0).sample(4000, np.random.default_rng(1)))
    with pytest.raises(LabError, match="2 training images"):
        fit_mixture(codes[:1], 0)
