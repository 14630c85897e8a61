"""Sums over a generator's own samples: who is chosen, what should come out, and what is said where that cannot be."""

from statistics import NormalDist

import numpy as np
import pytest
from test_cli import call
from tiny_faces import tiny_faces
from tiny_judge import tiny_judge
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.data import Attribute
from genlab.data.faces import FACTORS, IDENTITY, Factors, sample_factors
from genlab.errors import LabError
from genlab.judge.judge import load_judge
from genlab.judge.readings import identity_distance
from genlab.latent.arithmetic import combine
from genlab.lens.codes import CODES
from genlab.lens.models import MODELS
from genlab.lens.near import NEAR, SHAKE, neighbours
from genlab.sums import scored as sums
from genlab.sums.expression import parse
from genlab.sums.samples import as_examples, choose_rows, expected, sample_words, straight_limits
from genlab.sums.scoring import WORDS, is_met
from genlab.sums.vocabulary import Vocabulary
from genlab.sums.worked import sample_parts, work_out

CLASSIC = parse("man with glasses - man + woman", WORDS)
POOL = sample_factors(4000, 0)
BINARY = [a.name for a in FACTORS if a.kind == "binary"]


def column(rows, name):
    return POOL[name][rows]


# -- who is chosen -------------------------------------------------------------------------------------------------------


def test_samples_are_as_the_concepts_say_and_alike_in_all_else_that_is_yes_or_no():
    rows = choose_rows(CLASSIC, POOL.attributes, FACTORS, 60, 0)
    assert rows.shape == (60, 3, 3) and all(len(np.unique(nine)) == 9 for nine in rows)
    for name, values in (("man", (1, 1, 0)), ("glasses", (1, 0, 0))):
        assert (column(rows, name) == np.array(values)[:, None]).all()
    for name in set(BINARY) - {"man", "glasses"}:
        x = column(rows, name)
        assert (x == x[:, :1, :1]).all() and 0 < x.mean() < 1
    assert len(np.unique(rows)) > 400, "another start for each sum"


def test_free_samples_need_not_be_alike_and_a_seed_fixes_them():
    rows = choose_rows(CLASSIC, POOL.attributes, FACTORS, 30, 0, protocol="free", each=2)
    hats = column(rows, "hat").reshape(30, -1)
    assert rows.shape == (30, 3, 2) and not (hats == hats[:, :1]).all(1).all()
    np.testing.assert_array_equal(rows, choose_rows(CLASSIC, POOL.attributes, FACTORS, 30, 0, protocol="free", each=2))
    assert (rows != choose_rows(CLASSIC, POOL.attributes, FACTORS, 30, 1, protocol="free", each=2)).any()


def test_concepts_that_are_the_same_share_no_sample():
    rows = choose_rows(parse("woman + hat", WORDS), POOL.attributes[:300], FACTORS, 40, 0, protocol="free")
    assert all(len(np.unique(nine)) == 9 for nine in rows)


def test_classes_are_chosen_too():
    info = (Attribute("digit", "categorical", 0, 9, tuple("0123456789")),)
    digits = np.arange(100, dtype=np.float32)[:, None] % 10
    rows = choose_rows(parse("3 + 2", Vocabulary(info)), digits, info, 1, 0)[0]
    assert (digits[rows[:2], 0] == 3).all() and (digits[rows[2], 0] == 2).all()


def test_clear_samples_have_neighbours_that_are_as_the_concept_says_too():
    near = np.stack([POOL.attributes] * NEAR)
    unclear = np.arange(len(POOL)) % 3 == 0   # their second neighbour is the other way round
    near[1, unclear, [a.name for a in FACTORS].index("glasses")] = 1 - column(unclear, "glasses")
    looked_at = set()

    def look(rows):
        looked_at.update(rows.tolist())
        return near[:, rows]

    rows = choose_rows(CLASSIC, POOL.attributes, FACTORS, 1, 0, protocol="clear", near=look)
    assert len(looked_at) < 60, "one sum costs a look at a few"
    rows = choose_rows(CLASSIC, POOL.attributes, FACTORS, 60, 0, protocol="clear", near=look)
    assert all(len(np.unique(nine)) == 9 for nine in rows)
    for name, values in (("man", (1, 1, 0)), ("glasses", (1, 0, 0))):
        assert (column(rows, name) == np.array(values)[:, None]).all()
    assert not unclear[rows].any() and unclear[choose_rows(CLASSIC, POOL.attributes, FACTORS, 60, 0)].any()
    for name in set(BINARY) - {"man", "glasses"}:
        x = column(rows, name)
        assert (x == x[:, :1, :1]).all(), "alike as matched ones are"
    near[0, :, [a.name for a in FACTORS].index("man")] = 0
    with pytest.raises(LabError, match="too few samples are clearly what the sum says"):
        choose_rows(CLASSIC, POOL.attributes, FACTORS, 60, 0, protocol="clear", near=look)


def test_neighbours_lie_around_each_sample():
    z = np.random.default_rng(0).standard_normal((500, 16), np.float32)
    moved = (neighbours(z).reshape(NEAR, 500, 16) - z) / SHAKE
    assert moved.mean() == pytest.approx(0, abs=0.03) and moved.std() == pytest.approx(1, abs=0.03)
    np.testing.assert_array_equal(neighbours(z), neighbours(z))


@pytest.mark.parametrize(("pool", "protocol", "n", "said"), [
    (POOL.attributes, "alike", 10, "can't be made to order; there are matched, clear, free"),
    (POOL.attributes, "matched", 0, "n = 0"),
    (POOL.attributes[POOL["glasses"] == 0], "matched", 10, "A: only 0 of .* samples are read as .man, glasses.; 3 are needed"),
    (np.full_like(POOL.attributes, np.nan), "free", 10, "only 0 of 4000"),
    (POOL.attributes[:40], "matched", 10, "too few samples are alike|are needed"),
])
def test_what_cannot_be_chosen_is_said(pool, protocol, n, said):
    with pytest.raises(LabError, match=said):
        choose_rows(CLASSIC, pool, FACTORS, n, 0, protocol=protocol)


# -- what should come out ------------------------------------------------------------------------------------------------


def test_what_is_expected_is_the_sum_of_the_readings():
    rows = choose_rows(CLASSIC, POOL.attributes, FACTORS, 20, 0)
    examples = as_examples(CLASSIC, POOL, rows, "matched")
    read = expected(examples, np.full((180, len(IDENTITY)), 0.1, np.float32))
    assert (read["glasses"] == 1).all() and (read["man"] == 0).all()
    np.testing.assert_array_equal(read["hat"], column(rows, "hat")[:, 0, 0])
    traits = POOL.identity[rows].mean(2)
    np.testing.assert_allclose(read.identity, (traits[:, 0] - traits[:, 1] + traits[:, 2]).clip(-1, 1), atol=1e-6)
    np.testing.assert_allclose(read.identity_spread, 0.1, rtol=1e-6)
    assert (identity_distance(read, read) == 0).all() and all(is_met(read, CLASSIC.target, name).all() for name in CLASSIC.target)
    words = sample_words(examples, 4000, {"glasses": 0.861})
    assert "20 sums of 3 samples" in words and "no true answer" in words and "come out right in 86 % (glasses)." in words


def test_with_few_examples_even_a_straight_space_errs():
    """Half of N(0, 1) is glasses: three on the right side of the border, minus three on the left, plus three on the left."""
    attributes = np.zeros((1000, len(FACTORS)))
    attributes[:500, [a.name for a in FACTORS].index("glasses")] = attributes[::2, [a.name for a in FACTORS].index("man")] = 1
    three, many = (straight_limits(CLASSIC, attributes, FACTORS, each) for each in (3, 50))
    mean, spread = np.sqrt(2 / np.pi), np.sqrt(1 - 2 / np.pi)   # of half a normal; the sum is near to normal again
    assert three.keys() == {"woman", "glasses"}
    assert three["glasses"] == pytest.approx(NormalDist().cdf(mean / spread), abs=0.01) and min(many.values()) > 0.999
    clear = straight_limits(CLASSIC, attributes, FACTORS, 3, "clear")
    assert all(three[word] + 0.05 < clear[word] < 0.99 for word in three), "farther from the border, and still only three"


# -- with a run ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, folder)
        patch.setattr("genlab.lens.codes.DRAWN", 1000)
        tiny_judge(folder / "checkpoints" / "judge")
        yield tiny_faces("dcgan", epochs=40), tiny_faces("vae")   # by then it draws men and women on any processor


EXPR = "man + woman"   # a tiny judge finds a woman now and then, and glasses on everybody


def test_the_answer_is_the_sum_of_the_samples_own_latents(lab):
    gan, _ = lab
    model, codes, sum_ = MODELS.get(gan.id, exact=True), CODES.get(gan.id), parse(EXPR, WORDS)
    parts = sample_parts(model, codes, sum_, 4, "matched")
    rows = choose_rows(sum_, codes.attributes, codes.info, 1, 4)[0]
    np.testing.assert_array_equal(np.stack(parts.z), codes.mu[rows])
    np.testing.assert_array_equal(parts.x[2][1], model.decode(codes.mu[rows[2, 1]][None])[0].transpose(2, 0, 1))
    worked = work_out(model, parts)
    np.testing.assert_allclose(worked.z, combine(*codes.mu[rows]), rtol=1e-6)
    assert worked.truth is None and worked.truth_factors is None and worked.around.shape == (8, 3, 16, 16)
    any_nine = sample_parts(model, codes, None, 4, "clear")
    assert any_nine.names == ("A", "B", "C") and len(np.unique(np.concatenate(any_nine.z), axis=0)) == 9


def test_the_command_line_scores_it_beside_pixels_and_says_how(lab, capsys):
    gan, vae = lab
    code, found = call(capsys, "arithmetic", gan.id, "--expr", EXPR, "--n", "20", "--protocol", "matched", "--seed", "0")
    assert code == 0 and list(found["ways"]) == [gan.id, "pixels"] and "no true answer" in found["protocol_words"]
    judge, model, codes = load_judge(), MODELS.get(gan.id, exact=True), CODES.get(gan.id)
    rows = choose_rows(parse(EXPR, WORDS), codes.attributes, FACTORS, 20, 0)
    x = np.concatenate([model.decode(combine(*codes.mu[nine])[None]) for nine in rows]).transpose(0, 3, 1, 2)
    read, shared = judge.read(x), column_of(codes, "hat")[rows[:, 0, 0]]
    assert found["wanted"]["man"]["hits"] == int((read["man"] == 0).sum()) and found["kept"]["hat"]["hits"] == int((read["hat"] == shared).sum())
    assert found["mse"] is None and found["features"] is None and 0 <= found["identity_kept"]["share"] <= 1 and np.isfinite(found["identity"])
    sums._REPORTS.clear()
    assert call(capsys, "arithmetic", gan.id, "--expr", EXPR, "--n", "20", "--protocol", "matched")[1] == found
    both = call(capsys, "arithmetic", gan.id, "--expr", EXPR, "--n", "12", "--against", vae.id)[1]
    assert list(both["ways"]) == [gan.id, vae.id, "pixels"]
    assert main(["arithmetic", gan.id, "--expr", EXPR, "--n", "12", "--keep"]) == 0
    out = capsys.readouterr().out
    assert "person kept" in out and "squared error" not in out and "true answer " not in out.replace("true answer to", "")
    assert (gan.path / "sums.json").exists() and (gan.path / "read.safetensors").exists()


def test_clear_ones_are_scored_unless_another_protocol_is_asked_for(lab, capsys):
    gan = lab[0]
    code, found = call(capsys, "arithmetic", gan.id, "--expr", EXPR, "--n", "20")
    assert code == 0 and "neighbours too" in found["protocol_words"] and found["protocol"] == "clear"
    codes, model = CODES.get(gan.id), MODELS.get(gan.id, exact=True)
    rows = choose_rows(parse(EXPR, WORDS), codes.attributes, FACTORS, 20, 0, protocol="clear", near=codes.near)
    x = np.concatenate([model.decode(combine(*codes.mu[nine])[None]) for nine in rows]).transpose(0, 3, 1, 2)
    assert found["wanted"]["man"]["hits"] == int((load_judge().read(x)["man"] == 0).sum())


def column_of(codes, name):
    return codes.attributes[:, [a.name for a in codes.info].index(name)]


@pytest.mark.parametrize(("words", "said"), [
    (["GAN", "--expr", "man with glasses - man + woman"], "samples are read as"),
    (["GAN", "--expr", EXPR, "--protocol", "alike"], "can't be made to order"),
    (["GAN", "--n", "3"], "at least 10"),
    (["VAE", "--expr", EXPR, "--against", "GAN", "--n", "10"], "cannot add pictures"),
    (["GAN", "--expr", EXPR, "--against", "GAN", "--n", "10"], "cannot add pictures"),
    (["DIGITS"], "trained on digits"),
])
def test_what_a_person_can_put_right_is_one_line(lab, capsys, words, said):
    names = {"GAN": lab[0].id, "VAE": lab[1].id, "DIGITS": tiny_run("gan", epochs=1).id if "DIGITS" in words else ""}
    assert main(["arithmetic", *(names.get(word, word) for word in words)]) == 2
    err = capsys.readouterr().err
    assert said in err and len(err.strip().splitlines()) == 1


def test_grey_faces_are_not_scored(lab, capsys):
    run = tiny_faces("gan", channels=1)
    assert main(["arithmetic", run.id, "--expr", EXPR, "--n", "10"]) == 2
    assert "from colour" in capsys.readouterr().err


def test_factors_hold_whatever_the_judge_can_say(lab):
    judged = CODES.get(lab[0].id).judged
    assert len(Factors(judged.attributes, judged.identity)) == 1000
