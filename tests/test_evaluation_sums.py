"""Sums over many faces: what is drawn, what the true answer is, and that the shares count what they say."""

import numpy as np
import pytest
from tiny_judge import tiny_judge

from genlab.data.faces import FACTORS, IDENTITY, render, sample_factors
from genlab.errors import DataError, LabError
from genlab.judge.readings import identity_distance
from genlab.sums.examples import draw_examples, true_answers
from genlab.sums.expression import parse
from genlab.sums.scoring import WORDS, Share, by_codes, by_pixels, find_answers, is_met, mse, protocol_words, score_sums

BINARY = [a.name for a in FACTORS if a.kind == "binary"]
CLASSIC = parse("man with glasses - man + woman", WORDS)
N = 12


@pytest.fixture(scope="module")
def judge(tmp_path_factory):
    return tiny_judge(tmp_path_factory.mktemp("judge"))


@pytest.fixture(scope="module")
def examples():
    return draw_examples(CLASSIC, N, 0, protocol="matched")


def column(factors, name, each=3):
    return factors[name].reshape(-1, 3, each)


class Linear:
    """A model whose codes are the pixels and which decodes what it encoded."""

    def encode(self, x):
        self.shape = x.shape[1:]
        return x.reshape(len(x), -1).astype(np.float32)

    def decode(self, z):
        return np.rint(z).clip(0, 255).astype(np.uint8).reshape(-1, *self.shape).transpose(0, 2, 3, 1)


# -- what is drawn --------------------------------------------------------------------------------------------------


def test_matched_faces_are_what_the_sum_says_and_share_the_other_binaries(examples):
    for name, values in (("man", (1, 1, 0)), ("glasses", (1, 0, 0))):
        assert (column(examples.factors, name) == np.array(values)[:, None]).all()
    for name in set(BINARY) - {"man", "glasses"}:
        x = column(examples.factors, name)
        assert (x == x[:, :1, :1]).all() and 0 < x.mean() < 1
    assert len(np.unique(examples.factors["age"])) > 8 * N, "what is continuous differs from face to face"
    assert "shared" in protocol_words(examples) and f"{N} sums of 3 faces" in protocol_words(examples)


def test_alike_faces_share_every_attribute_that_is_not_named_and_are_other_people():
    drawn = draw_examples(CLASSIC, 5, 0, protocol="alike")
    for a in FACTORS:
        if a.name not in CLASSIC.target:
            x = column(drawn.factors, a.name)
            assert (x == x[:, :1, :1]).all()
            np.testing.assert_allclose(drawn.truth[a.name], x[:, 0, 0], rtol=1e-5, atol=1e-5)
    assert len(np.unique(drawn.factors.identity[:, 0])) == 45


def test_free_faces_share_nothing():
    x = column(draw_examples(CLASSIC, 40, 0, protocol="free").factors, "hat")
    assert not (x == x[:, :1, :1]).all(axis=(1, 2)).all()


def test_the_same_seed_draws_the_same_and_another_seed_others():
    one, same, other = (draw_examples(CLASSIC, 3, seed).factors for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.attributes, same.attributes)
    assert (one.identity != other.identity).all()


def test_no_training_or_held_out_face_is_among_them(examples):
    known = np.concatenate([sample_factors(600, 0).identity, sample_factors(600, 0, 2**40).identity])
    assert np.abs(examples.factors.identity[:, None] - known[None]).max(2).min() > 0.05


def test_named_ranges_and_categories_are_drawn_within_them():
    drawn = draw_examples(parse("old blond - young blond + young", WORDS), 20, 0)
    age, colour = column(drawn.factors, "age"), column(drawn.factors, "hair_colour")
    assert age[:, 0].min() >= 65 and age[:, 1:].max() <= 35
    assert (colour[:, :2] == 4).all() and (colour[:, 2] != 4).all() and len(np.unique(colour[:, 2])) > 2


def test_correlations_of_a_runs_data_are_kept():
    tied = draw_examples(CLASSIC, 300, 0, correlations={("beard", "moustache"): 0.95}).factors
    assert np.corrcoef(column(tied, "beard")[:, 0, 0], column(tied, "moustache")[:, 0, 0])[0, 1] > 0.6


@pytest.mark.parametrize(("wrong", "said"), [({"n": 0}, "n = 0"), ({"n": 99999}, "n = 99999"), ({"protocol": "fair"}, "'fair' is not known"),
                                             ({"each": 0}, "each = 0"), ({"seed": -1}, "seed = -1")])
def test_what_cannot_be_drawn_is_said(wrong, said):
    with pytest.raises(LabError, match=said):
        draw_examples(CLASSIC, **{"n": 3, "seed": 0} | wrong)


# -- the true answer ------------------------------------------------------------------------------------------------


def test_the_true_answer_is_the_sum_of_the_factors(examples):
    truth = examples.truth
    assert len(truth) == N and (truth["man"] == 0).all() and (truth["glasses"] == 1).all()
    for name in set(BINARY) - {"man", "glasses"}:
        np.testing.assert_array_equal(truth[name], column(examples.factors, name)[:, 0, 0])
    means = column(examples.factors, "age").mean(2)
    np.testing.assert_allclose(truth["age"], (means[:, 0] - means[:, 1] + means[:, 2]).clip(20, 80), rtol=1e-5)
    means = examples.factors.identity.reshape(N, 3, 3, len(IDENTITY)).mean(2)
    np.testing.assert_allclose(truth.identity, (means[:, 0] - means[:, 1] + means[:, 2]).clip(-1, 1), atol=1e-6)


def test_where_a_and_b_are_the_same_people_the_answer_is_c_with_the_change():
    people, other = sample_factors(3, 1).with_(man=1), sample_factors(3, 2).with_(man=0, glasses=0, hair_colour=2)
    a, b = people.with_(glasses=1), people.with_(glasses=0)
    table, traits = (np.concatenate([getattr(f, k) for f in (a, b, other)]) for k in ("attributes", "identity"))
    truth = true_answers(CLASSIC, type(a)(table, traits))
    np.testing.assert_allclose(truth.identity[0], other.identity.mean(0), atol=1e-6)
    assert truth["hair_colour"][0] == 2 and truth["glasses"][0] == 1 and truth["man"][0] == 0
    assert truth["age"][0] == pytest.approx(other["age"].mean(), rel=1e-5)


def test_a_named_range_or_category_is_met_by_the_answer():
    for text, name in (("old - old + young", "age"), ("smiling woman - neutral woman + neutral man", "smile"), ("man - blond", "hair_colour")):
        drawn = draw_examples(parse(text, WORDS), 20, 3)
        assert drawn.sum.target[name].holds(drawn.truth[name].astype(np.float64).round(5)).all()


# -- the score ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scored(examples, judge):
    said = []
    answers, truth = find_answers(examples, {"codes": by_codes(Linear()), "pixels": by_pixels}, size=32, progress=lambda s, w: said.append(s))
    return answers, truth, score_sums(examples, answers, truth, judge), said


def test_answers_are_the_sums_of_the_drawn_pictures(examples, scored):
    answers, truth, _, said = scored
    x = render(examples.factors, 32).reshape(N, 3, 3, 3, 32, 32).astype(np.float64).mean(2)
    np.testing.assert_array_equal(answers["pixels"], np.rint(x[:, 0] - x[:, 1] + x[:, 2]).clip(0, 255).astype(np.uint8))
    assert np.abs(answers["codes"].astype(int) - answers["pixels"]).max() <= 1
    np.testing.assert_array_equal(truth, render(examples.truth, 32))
    assert said[0] == 0 and said[-1] == 1


def test_the_shares_are_what_the_judge_reads(examples, scored, judge):
    answers, truth, scores, _ = scored
    read, read_truth = judge.read(answers["pixels"]), judge.read(truth)
    found = scores["pixels"]
    woman, glasses = read["man"] == 0, read["glasses"] == 1
    kept = np.all([read[n] == examples.truth[n] for n in BINARY if n not in ("man", "glasses")], axis=0)
    assert found.wanted == {"man": Share(int(woman.sum()), N), "glasses": Share(int(glasses.sum()), N)}
    assert (found.all_wanted.hits, found.all_kept.hits) == ((woman & glasses).sum(), kept.sum())
    assert found.success.hits == (woman & glasses & kept).sum()
    assert set(found.kept) == set(BINARY) - {"man", "glasses"}
    assert found.identity == pytest.approx(identity_distance(read, read_truth).mean()) and found.mse == pytest.approx(mse(answers["pixels"], truth))


def test_the_true_answer_is_at_no_distance_from_itself(scored):
    true, pixels = scored[2]["truth"], scored[2]["pixels"]
    assert (true.identity, true.mse, true.features) == (0, 0, 0) and true.identity_kept.share == 1
    assert pixels.mse > 0.001 and pixels.features > 0 and pixels.identity > 0


def test_a_range_is_met_on_its_side_of_the_middle(judge):
    read = judge.read(render(sample_factors(8, 0), 32))
    read.attributes[:, 6] = [-0.5, 0, 0.3, 0.34, 0.36, 0.5, 0.8, 1]
    target = parse("neutral - neutral + smiling", WORDS).target
    assert is_met(read, target, "smile").tolist() == [False] * 4 + [True] * 4


def test_few_sums_grey_and_small_pictures_are_said(examples, judge):
    few = draw_examples(CLASSIC, 3, 0)
    with pytest.raises(LabError, match="at least 10"):
        score_sums(few, {}, np.zeros((3, 3, 32, 32), np.uint8), judge)
    answers, truth = find_answers(examples, {"pixels": by_pixels}, size=16, channels=1)
    assert truth.shape == (N, 1, 16, 16)
    with pytest.raises(LabError, match="grey"):
        score_sums(examples, answers, truth, judge)
    with pytest.raises(DataError, match="size is 8"):
        find_answers(examples, {}, size=8)


@pytest.mark.parametrize(("hits", "n", "low", "high"), [(0, 10, 0, 0.2775), (5, 10, 0.2366, 0.7634), (475, 500, 0.9272, 0.9659), (10, 10, 0.7225, 1)])
def test_wilson_intervals_against_known_ones(hits, n, low, high):
    assert Share(hits, n).interval == pytest.approx((low, high), abs=2e-4)
