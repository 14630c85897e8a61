"""KID, FID, precision, recall, density, coverage and their intervals, against closed forms and references."""

import math

import numpy as np
import pytest
import torch
from scipy.special import stdtrit
from scipy.stats import ttest_ind
from sklearn.metrics.pairwise import polynomial_kernel

from genlab.data.vision import torchvision  # before torchmetrics, which imports it and cannot put right its CPU build
from genlab.errors import LabError
from genlab.latent import intervals
from genlab.measures.frechet import distance_to_prior, fid, frechet_distance, frechet_of_sets
from genlab.measures.kernels import kid, polynomial
from genlab.measures.manifold import overlap, radii

assert torchvision
from torchmetrics.image.fid import _compute_fid  # noqa: E402


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


# -- intervals ------------------------------------------------------------------------------------------------------


def test_a_jackknife_of_the_mean_has_the_mean_s_own_error():
    x = normal(1000)
    found = intervals.by_jackknife(lambda a: float(a.mean()), [x], 0, groups=1000)
    assert found.value == x.mean()
    assert found.high - found.value == pytest.approx(stdtrit(999, 0.975) * x.std(ddof=1) / math.sqrt(1000), rel=1e-6)


@pytest.mark.parametrize("groups", [2, 5, 20, 25])
def test_few_groups_have_the_t_interval_of_as_many_values(groups):
    x = normal(groups)
    found, exact = intervals.by_jackknife(lambda a: float(a.mean()), [x], 0, groups), intervals.of_mean(x)
    assert (found.low, found.high) == (pytest.approx(exact.low), pytest.approx(exact.high))


@pytest.mark.parametrize(("n", "m", "spread"), [(10, 10, 1.0), (10, 2000, 1.0), (10, 2000, 30.0), (50, 12, 0.1)])
def test_the_error_of_a_difference_has_welch_s_degrees_of_freedom(n, m, spread):
    a, b = normal(n), spread * normal(m, seed=1)
    errors = [(x.std(ddof=1) / math.sqrt(len(x)), len(x)) for x in (a, b)]
    found, exact = intervals.around(a.mean() - b.mean(), *intervals.together(*errors)), ttest_ind(a, b, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(exact.low), pytest.approx(exact.high))


def test_an_error_of_nothing_has_an_interval_of_no_width():
    assert intervals.around(2.0, *intervals.together((0.0, 10), (0.0, 10))) == intervals.Estimate(2.0, 2.0, 2.0)


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
    errors = [intervals.jackknife_error(w) for w in without]
    df = (errors[0]**2 + errors[1]**2)**2 / (errors[0]**4 / 29 + errors[1]**4 / 19)
    assert found.high - found.value == pytest.approx(stdtrit(df, 0.975) * math.hypot(*errors))


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


def test_the_interval_of_fid_is_of_its_25_groups():
    a, b = normal(300, 6), normal(200, 6, seed=1)
    found, group = fid(a, b, 0), np.random.default_rng(0)
    of_a, of_b = (group.permutation(len(x)) % 25 for x in (a, b))
    error = intervals.jackknife_error(np.array([frechet_of_sets(a[of_a != g], b[of_b != g]) for g in range(25)]))
    assert found.high - found.value == pytest.approx(stdtrit(24, 0.975) * error)


def test_fid_of_a_set_against_itself_is_0_and_its_interval_covers_the_truth():
    x = normal(400, 5)
    assert frechet_of_sets(x, x) == pytest.approx(0, abs=1e-9)
    found = fid(x, normal(400, 5, seed=1) + 1, 0)
    assert found.low < 5 < found.high


def test_codes_of_the_prior_are_at_no_distance_from_it_and_wide_ones_at_theirs():
    z = normal(4000, 3)
    assert distance_to_prior(z, 0).value < 0.01
    assert distance_to_prior(2 * z, 0).value == pytest.approx(3, rel=0.1)   # (2 - 1)^2 for each dimension


# -- precision, recall, density, coverage ---------------------------------------------------------------------------


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
