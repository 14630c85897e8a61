"""Combinations, marginals, memorisation, MIG, SAP and DCI, on sets whose answer is known."""

import math

import numpy as np
import pytest
from scipy.special import stdtrit

from genlab.data import Attribute
from genlab.errors import LabError
from genlab.latent.intervals import jackknife_error
from genlab.measures.combinations import combinations, marginals, total_variation
from genlab.measures.dci import dci, disentanglement
from genlab.measures.disentangle import binned, gap, joint_counts, mig, sap, threshold_scores
from genlab.measures.memory import copies, memorisation, nearest


def normal(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


# -- combinations ---------------------------------------------------------------------------------------------------

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


# -- memorisation ---------------------------------------------------------------------------------------------------


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


# -- factors --------------------------------------------------------------------------------------------------------

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


def test_the_interval_of_mig_is_of_its_20_groups(uniform):
    turn = np.array([[1, 0.3], [-0.3, 1]])
    found, group = mig(uniform @ turn, uniform, FACTORS, 0), np.random.default_rng(0).permutation(4000) % 20
    bins = [binned(uniform[:, [k]])[:, 0] for k in range(2)]
    tables = [joint_counts(uniform @ turn, b, group) for b in bins]
    error = jackknife_error(np.array([np.mean([gap(t.sum(0) - t[g]) for t in tables]) for g in range(20)]))
    assert found.high - found.value == pytest.approx(stdtrit(19, 0.975) * error)


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
