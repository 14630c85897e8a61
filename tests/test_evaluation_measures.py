"""Every measure against a closed form, a reference, or a set whose answer is known."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics.pairwise import polynomial_kernel

from genlab.data import Attribute
from genlab.data.vision import torchvision  # before torchmetrics, which imports it and cannot put right its CPU build
from genlab.errors import LabError
from genlab.evaluation import intervals
from genlab.evaluation.combinations import combinations, marginals, total_variation
from genlab.evaluation.dci import dci, disentanglement
from genlab.evaluation.disentangle import mig, sap, threshold_scores
from genlab.evaluation.frechet import distance_to_prior, fid, frechet_distance, frechet_of_sets
from genlab.evaluation.kernels import kid, polynomial
from genlab.evaluation.likelihood import active_units, elbo_terms, iwae_bounds, log_densities, log_weights, prior_gap
from genlab.evaluation.manifold import overlap, radii
from genlab.evaluation.memory import copies, memorisation, nearest
from genlab.evaluation.mixture import fit_mixture
from genlab.evaluation.pca import fit_pca
from genlab.evaluation.rebuild import MOST_DB, psnr, squared_error, ssim

assert torchvision
from torchmetrics.functional.image import structural_similarity_index_measure  # noqa: E402
from torchmetrics.image.fid import _compute_fid  # noqa: E402


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


# -- intervals ------------------------------------------------------------------------------------------------------


def test_a_jackknife_of_the_mean_has_the_mean_s_own_error():
    x = normal(1000)
    found = intervals.by_jackknife(lambda a: float(a.mean()), [x], 0, groups=1000)
    assert found.value == x.mean()
    assert found.high - found.value == pytest.approx(intervals.Z * x.std(ddof=1) / math.sqrt(1000), rel=1e-6)


def test_wilson_and_t_intervals_have_their_known_ends():
    found = intervals.of_share(0, 10)   # z^2 / (n + z^2)
    assert (found.low, found.high) == (0.0, pytest.approx(3.8416 / 13.8416))
    found = intervals.of_mean(np.array([1.0, 2.0, 3.0]))
    assert found.high - found.value == pytest.approx(4.30265 / math.sqrt(3), rel=1e-4)


def test_bootstrap_and_parts_surround_the_mean_and_repeat():
    x = normal(400) + 3
    boot = intervals.by_bootstrap(lambda a: float(a.mean()), [x], 1)
    assert boot == intervals.by_bootstrap(lambda a: float(a.mean()), [x], 1)
    assert boot.high - boot.low == pytest.approx(2 * intervals.Z / 20, rel=0.25)
    assert intervals.by_parts(lambda a: float(a.mean()), [x], 1).value == pytest.approx(x.mean())


# -- KID ------------------------------------------------------------------------------------------------------------


def test_the_kernel_is_scikit_learn_s():
    a, b = normal(7, 5), normal(9, 5, seed=1)
    np.testing.assert_allclose(polynomial(a, b), polynomial_kernel(a, b, degree=3, gamma=1 / 5, coef0=1))


def test_kid_is_the_u_statistic_and_its_error_the_jackknife_s():
    a, b = normal(30, 4), normal(20, 4, seed=1) + 0.3

    def direct(a, b):
        aa, bb, ab = (polynomial_kernel(*p, degree=3, gamma=1 / 4, coef0=1) for p in ((a, a), (b, b), (a, b)))
        n, m = len(a), len(b)
        return (aa.sum() - np.trace(aa)) / (n * (n - 1)) + (bb.sum() - np.trace(bb)) / (m * (m - 1)) - 2 * ab.mean()

    found = kid(a, b)
    assert found.value == pytest.approx(direct(a, b))
    without = [np.array([direct(np.delete(a, i, 0), b) for i in range(30)]), np.array([direct(a, np.delete(b, i, 0)) for i in range(20)])]
    assert found.high - found.value == pytest.approx(intervals.Z * math.hypot(*map(intervals.jackknife_error, without)))


def test_kid_of_a_set_against_itself_is_about_0_and_of_shifted_sets_grows():
    x = normal(600, 8)
    same, near, far = (kid(x, x if d is None else normal(600, 8, seed=3) + d) for d in (None, 0.0, 1.0))
    assert near.low <= 0 <= near.high and abs(near.value) < 0.02
    own = np.diag(polynomial(x, x)).mean() - (polynomial(x, x).sum() - np.trace(polynomial(x, x))) / (600 * 599)
    assert same.value == pytest.approx(-2 * own / 600) and abs(same.value) < 0.03   # of the cross terms 1 in n is a point with itself
    assert far.low > 10 * abs(same.value)


def test_kid_and_fid_say_how_many_images_they_need():
    with pytest.raises(LabError, match="at least 10 of both"):
        kid(normal(9, 4), normal(20, 4))
    with pytest.raises(LabError, match="at least 40 of both"):
        fid(normal(39, 20), normal(60, 20), 0)


# -- FID ------------------------------------------------------------------------------------------------------------


def test_the_frechet_distance_of_shifted_gaussians_is_the_shift_squared():
    cov = np.cov(normal(50, 6), rowvar=False)
    shift = np.arange(6.0)
    assert frechet_distance(shift, cov, np.zeros(6), cov) == pytest.approx(shift @ shift)
    assert frechet_distance(shift, cov, shift, cov) == pytest.approx(0, abs=1e-9)


def test_the_frechet_distance_of_axis_aligned_gaussians_is_that_of_their_spreads():
    s, t = np.array([1.0, 2.0, 0.0]), np.array([3.0, 0.5, 1.0])   # one is flat: a rank is missing
    assert frechet_distance(np.zeros(3), np.diag(s**2), np.zeros(3), np.diag(t**2)) == pytest.approx(np.square(s - t).sum())


def test_fid_is_torchmetrics_s():
    a, b = normal(300, 6), 1.5 * normal(200, 6, seed=1) @ np.diag(np.arange(1.0, 7)) + 0.2
    moments = [(torch.from_numpy(x.mean(0)), torch.from_numpy(np.cov(x, rowvar=False))) for x in (a, b)]
    found = fid(a, b, 0)
    assert found.value == pytest.approx(float(_compute_fid(*moments[0], *moments[1])), rel=1e-6)
    assert found.low < found.value < found.high


def test_fid_of_a_set_against_itself_is_0_and_its_interval_covers_the_truth():
    x = normal(400, 5)
    assert frechet_of_sets(x, x) == pytest.approx(0, abs=1e-9)
    found = fid(x, normal(400, 5, seed=1) + 1, 0)
    assert found.low < 5 < found.high


def test_codes_of_the_prior_are_at_no_distance_from_it_and_wide_ones_at_theirs():
    z = normal(4000, 3)
    assert distance_to_prior(z, 0).value < 0.01
    assert distance_to_prior(2 * z, 0).value == pytest.approx(3, rel=0.1)   # (2 - 1)^2 for each dimension


# -- precision, recall, density, coverage ------------------------------------------------------------------------------


def test_radii_leave_out_the_point_itself():
    np.testing.assert_allclose(radii(np.arange(5.0)[:, None], (1, 2)), [[1, 2], [1, 1], [1, 1], [1, 1], [1, 2]])


def test_far_sets_do_not_overlap_and_equal_ones_do():
    x = normal(200, 2)
    apart, same = overlap(x + 100, x), overlap(x, x)
    assert [apart.precision.value, apart.recall.value, apart.density.value, apart.coverage.value] == [0, 0, 0, 0]
    assert [same.precision.value, same.recall.value, same.coverage.value] == [1, 1, 1]
    assert same.density.value == pytest.approx(6 / 5)   # k neighbours and the point itself, over k


def test_half_of_the_modes_gives_full_precision_and_half_the_recall_and_coverage():
    x, centres = 0.1 * normal(400, 2), np.array([[0, 0], [50, 0]])
    real, fake = x + centres[np.arange(400) % 2], 0.1 * normal(400, 2, seed=1)
    found = overlap(fake, real)
    assert found.precision.value > 0.95
    assert (found.recall.value, found.coverage.value) == pytest.approx((0.5, 0.5), abs=0.03)
    junk = np.concatenate([fake[:200], fake[200:] + 500])
    assert overlap(junk, real).precision.value == pytest.approx(0.5, abs=0.03)


def test_coverage_of_the_real_images_is_below_that_of_few_and_many_samples():
    real = normal(1000, 2)
    few = [np.resize(normal(n, 2, seed=1), (1000, 2)) for n in (3, 30, 300)]   # so many different ones, repeated
    found = [overlap(fake, real).coverage.value for fake in few]
    assert found[0] < found[1] < found[2] < overlap(normal(1000, 2, seed=1), real).coverage.value


def test_identical_real_images_and_too_few_are_refused():
    with pytest.raises(LabError, match="all real images are the same"):
        overlap(normal(60, 2), np.ones((60, 2)))
    with pytest.raises(LabError, match="at least 50"):
        overlap(normal(49, 2), normal(49, 2))


def test_one_picture_repeated_has_no_recall():
    found = overlap(np.zeros((100, 2)), normal(100, 2))
    assert found.recall.value == 0 and found.coverage.value < 0.2


# -- combinations -----------------------------------------------------------------------------------------------------

INFO = (Attribute("a"), Attribute("b"), Attribute("kind", "categorical", 0, 2, ("x", "y", "z")), Attribute("age", "continuous", 0, 1))


def facts(n: int, shares: tuple[float, float], seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.random(n) < shares[0], rng.random(n) < shares[1], rng.integers(0, 3, n), rng.random(n)]).astype(np.float32)


def test_combinations_grow_with_n_up_to_all_of_them():
    found = [combinations(facts(n, (0.02, 0.5)), INFO) for n in (50, 2000)]
    assert combinations(facts(100, (0, 0)), INFO).value == 0.25
    assert found[0].value <= found[1].value == 1.0 and found[1].parts["seen"] == 4
    assert all(f.low <= f.value <= f.high <= 1 for f in found)


def test_marginals_are_the_differences_of_shares():
    a, b = facts(20_000, (0.5, 0.2)), facts(20_000, (0.5, 0.6), seed=1)
    found = marginals(a, b, INFO, 0)
    assert found.parts["b"] == pytest.approx(0.4, abs=0.02) and found.parts["a"] < 0.02 and "age" not in found.parts
    assert found.value == pytest.approx(np.mean(list(found.parts.values()))) and found.low < found.value < found.high
    assert total_variation(np.array([0, 0, 1, 2]), np.array([0, 1, 1, 1]), 3) == pytest.approx(0.5)


# -- memorisation -----------------------------------------------------------------------------------------------------


def test_the_nearest_point_is_the_nearest():
    q, p = normal(50, 3), normal(70, 3, seed=1)
    at, d = nearest(q, p)
    every = np.linalg.norm(q[:, None] - p, axis=2)
    np.testing.assert_array_equal(at, every.argmin(1))
    np.testing.assert_allclose(d, every.min(1))
    assert (nearest(p, p)[1] == 0).all() and (nearest(p, p, skip=np.arange(70))[1] > 0).all()


def test_new_samples_are_as_far_as_held_out_ones_and_copies_are_found():
    train, held_out, fresh = (normal(500, 4, seed=s) for s in (0, 1, 2))
    fair = memorisation(fresh, held_out, train)
    assert fair.low < 0.5 < fair.high
    assert memorisation(train[:200] + 1e-3, held_out, train).low > 0.95
    planted = fresh.copy()
    planted[:100] = train[:100]
    assert copies(planted, train).value - copies(fresh, train).value == pytest.approx(0.2 * (1 - copies(fresh[:100], train).value), abs=1e-9)
    assert copies(train, train).value == 1


def test_memorisation_works_with_one_training_image_and_copies_say_they_need_two():
    one, held_out = normal(1, 4), normal(50, 4, seed=1)
    assert memorisation(np.repeat(one, 30, 0), held_out, one).value == 1
    with pytest.raises(LabError, match="2 at least"):
        copies(held_out, one)


# -- likelihood -------------------------------------------------------------------------------------------------------

SIGMA = 0.5


class LinearGaussian:
    """x = W z + noise with orthogonal columns of W, so that the exact posterior is diagonal; q is it, or off by a factor and a shift."""

    def __init__(self, widen: float = 1.0, shift: float = 0.0):
        self.w = torch.linalg.qr(torch.randn(12, 3, generator=torch.Generator().manual_seed(0))).Q * torch.tensor([2.0, 1.0, 0.3])
        self.widen, self.shift = widen, shift
        self.variance = 1 / (1 + self.w.square().sum(0) / SIGMA**2)

    def posterior(self, x):
        mu = x.flatten(1) @ self.w / SIGMA**2 * self.variance
        return mu + self.shift, (self.variance * self.widen).log().expand_as(mu)

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
    for bound in iwae_bounds(log_weights(model, x, SIGMA, 500, generator)).values():
        np.testing.assert_allclose(bound, model.log_p(x), atol=1e-3)


def test_bounds_do_not_decrease_with_k_and_reach_log_p():
    model, generator = LinearGaussian(widen=2.0, shift=0.3), torch.Generator().manual_seed(1)
    x = model.images(40, generator)
    found = list(iwae_bounds(log_weights(model, x, SIGMA, 500, generator)).values())
    for smaller, larger in zip(found, found[1:], strict=False):
        assert (larger >= smaller - 1e-12).all()   # of each image, not only on average
    gap = (model.log_p(x) - np.array(found)).mean(1)
    assert gap[0] > 1 and gap[0] > 4 * gap[1] > 16 * abs(gap[-1]) and abs(gap[-1]) < 0.03


def test_the_bound_of_one_draw_is_the_elbo():
    model, generator = LinearGaussian(widen=2.0, shift=0.3), torch.Generator().manual_seed(1)
    x = model.images(3, generator)
    draws = log_weights(model, x, SIGMA, 4000, generator)
    again = elbo_terms(model, x.repeat_interleave(4000, 0), SIGMA, generator)["elbo"].reshape(3, -1)   # its KL in closed form, another draw
    error = np.hypot(draws.std(1), again.std(1)) / math.sqrt(4000)
    assert (np.abs(iwae_bounds(draws, (1,))[1] - again.mean(1)) < 4 * error).all()
    terms = elbo_terms(model, x, SIGMA, generator)
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


# -- reconstruction ---------------------------------------------------------------------------------------------------


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


# -- factors ----------------------------------------------------------------------------------------------------------

FACTORS = (Attribute("angle", "continuous", 0, 1), Attribute("size", "continuous", 0, 1))


@pytest.fixture(scope="module")
def uniform() -> np.ndarray:
    return np.random.default_rng(0).random((4000, 2))


def test_a_perfect_code_has_mig_1_and_a_turned_one_about_0(uniform):
    turn = np.array([[1, 1], [-1, 1]]) / math.sqrt(2)
    perfect, turned = mig(uniform, uniform, FACTORS, 0), mig(uniform @ turn, uniform, FACTORS, 0)
    assert perfect.value > 0.93 and turned.value < 0.02   # 1 less what 20 x 20 cells of 4 000 images tell by chance
    assert perfect.low <= perfect.value <= perfect.high and set(perfect.parts) == {"angle", "size"}
    assert mig(np.repeat(uniform, 2, 1), uniform, FACTORS, 0).value == pytest.approx(0)   # each factor has two latents


def test_mig_of_a_class_is_1_and_order_does_not_matter(uniform):
    kind = np.random.default_rng(1).integers(0, 4, 4000)
    info = (Attribute("kind", "categorical", 0, 3, tuple("abcd")), FACTORS[0])
    codes, factors = np.column_stack([uniform[:, 0], 5.0 * kind, normal(4000)]), np.column_stack([kind, uniform[:, 0]])
    found = mig(codes, factors, info, 0)
    assert found.parts["kind"] > 0.98
    assert mig(codes[:, ::-1], factors, info, 0).value == pytest.approx(found.value)
    assert mig(codes, factors[:, ::-1], info[::-1], 0).value == pytest.approx(found.value)


def test_sap_of_a_perfect_code_is_about_1_and_of_a_turned_one_0(uniform):
    turn = np.array([[1, 1], [-1, 1]]) / math.sqrt(2)
    assert sap(uniform, uniform, FACTORS, 0).value > 0.98 and sap(uniform @ turn, uniform, FACTORS, 0).value < 0.1
    rare = (uniform[:, 0] < 0.1).astype(int)   # always saying no is right for 90 % of images and half of the classes
    assert threshold_scores(np.column_stack([uniform[:, 0], uniform[:, 1]]), rare) == pytest.approx([1, 0.5], abs=0.06)


def test_dci_tells_a_perfect_code_from_a_turned_one(uniform):
    turn = np.array([[1, 1], [-1, 1]]) / math.sqrt(2)
    perfect, turned = dci(uniform, uniform, FACTORS, 0), dci(uniform @ turn, uniform, FACTORS, 0)
    assert perfect["disentanglement"].value > 0.7 > 0.2 > turned["disentanglement"].value
    assert perfect["completeness"].value > turned["completeness"].value
    assert min(perfect["informativeness"].value, turned["informativeness"].value) > 0.8


def test_importances_on_the_diagonal_are_1_and_even_ones_0():
    assert disentanglement(np.diag([1.0, 2.0, 0.5])) == pytest.approx(1) and disentanglement(np.ones((3, 4))) == pytest.approx(0)
    assert disentanglement(np.array([[1.0, 0.0], [0.0, 0.0]])) == pytest.approx(1)   # an unused latent weighs nothing


def test_scores_say_how_many_images_they_need(uniform):
    for score in (mig, sap, dci):
        with pytest.raises(LabError, match="at least 500"):
            score(uniform[:100], uniform[:100], FACTORS, 0)
