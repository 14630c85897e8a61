"""Latents drawn evenly from [-1, 1]: what the law says, and that nothing outside the model takes them for draws of N(0, I)."""

import json

import numpy as np
import pytest
import torch
from opened_page import opened, told
from scipy.stats import kstest, norm, uniform
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.errors import LabError
from genlab.latent.laws import LAWS, NORMAL, UNIFORM
from genlab.latent.paths import KINDS, along, circle, random_walk, slerp
from genlab.lens.codes import CODES
from genlab.lens.inversion import search
from genlab.lens.models import MODELS
from genlab.lens.near import NEAR, SHAKE, neighbours
from genlab.lens.waypoints import can_follow, draw, path
from genlab.maps.make import make_map
from genlab.maps.plan import MapPlan
from genlab.maps.store import weights_digest
from genlab.models import build_model, space_of
from genlab.runs import execute, find_run, fork, lengthen, list_runs, load_model
from genlab.runs.card import model_card
from genlab.runs.transfer import export_zip, import_zip
from genlab.studies.losses import digest_of
from genlab.training import Pace
from genlab.ui.explore.axispick import axes_for, within

CDF = {"normal": norm.cdf, "uniform": uniform(-1, 2).cdf}
QUIET = Pace(preview_s=1e9, state_s=1e9)


def draws(law, n=2, d=400, seed=0):
    return law.from_normal(np.random.default_rng(seed).standard_normal((n, d)))


# -- the law --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_a_law_knows_its_own_draws(law):
    z = draws(law, 1, 20_000)[0]
    assert kstest(z, CDF[law.name]).pvalue > 0.01 and z.std() == pytest.approx(law.std, rel=0.02) and abs(z).max() <= law.bound
    np.testing.assert_allclose(law.share_below(z), CDF[law.name](z), atol=1e-12)
    np.testing.assert_allclose(law.from_normal(law.to_normal(z)), z, atol=1e-9)


def test_what_lies_beyond_the_border_counts_as_at_it():
    assert UNIFORM.share_below([-3, -1, 0, 1, 3]).tolist() == [0, 0, 0.5, 1, 1] and np.isfinite(UNIFORM.to_normal([-3, 3])).all()
    normal, same, uniform = (LAWS[space_of("gan", settings).noise] for settings in ({}, {"noise": "normal"}, {"noise": "uniform"}))
    assert normal is same is NORMAL and uniform is UNIFORM


@pytest.mark.parametrize("start", [-1.0, -0.99, -0.3, 0.0, 0.7, 1.0, 2.0])
@pytest.mark.parametrize("length", [UNIFORM.std, -0.4])
def test_a_slider_of_one_number_goes_to_both_borders_and_not_beyond(start, length):
    z, axis = np.full(3, start), np.array([0, length, 0])
    low, high = UNIFORM.room(z, axis)
    ends = np.sort(start + length * np.array([low, high]))
    assert low <= 0 <= high and low < high
    if abs(start) <= 1:
        assert -1 - 1e-6 <= ends[0] <= -1 + 0.1 * abs(length) and 1 - 0.1 * abs(length) <= ends[1] <= 1 + 1e-6
    assert NORMAL.room(z, axis) == (-3, 3) and UNIFORM.room(z, np.ones(3)) == (-UNIFORM.reach, UNIFORM.reach)


# -- paths ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_of_a_path_is_as_likely_as_a_draw(kind):
    """400 numbers drawn evenly: those of each frame are so again, but for a straight line's, which are nearer to 0."""
    for frame in along(kind, draws(UNIFORM), 24, seed=3, law=UNIFORM):
        assert abs(frame).max() <= 1 and (kind == "lerp" or kstest(frame, CDF["uniform"]).pvalue > 1e-3)


@pytest.mark.parametrize("kind", ["slerp", "lerp", "loop"])
@pytest.mark.parametrize("size", [1.0, 1.5])
def test_waypoints_are_hit_even_beyond_the_border(kind, size):
    z = size * draws(UNIFORM, 3)
    found = along(kind, z, 25 if kind != "loop" else 24, law=UNIFORM)
    at = [0, 12, 24] if kind != "loop" else [0, 8, 16]
    np.testing.assert_allclose(found[at], z, atol=1e-6)


def test_paths_of_n01_are_what_they_were():
    a, b = draws(NORMAL)
    for law in ({}, {"law": NORMAL}):
        np.testing.assert_array_equal(circle(a, b, 8, **law)[2], np.cos(np.pi / 2) * a + np.sin(np.pi / 2) * b)
    np.testing.assert_array_equal(slerp(a, b, 9, NORMAL), slerp(a, b, 9))
    np.testing.assert_array_equal(random_walk(a, 9, np.random.default_rng(0), law=NORMAL), random_walk(a, 9, np.random.default_rng(0)))


def test_neighbours_are_moved_by_the_spread_of_the_law_and_stay_within_it():
    z = draws(UNIFORM, 500, 16).astype(np.float32)
    near = neighbours(z, UNIFORM).reshape(NEAR, 500, 16)
    inside = (abs(z) < 0.1)[None].repeat(NEAR, 0)   # none of those meets the border
    assert abs(near).max() <= 1 and near.dtype == np.float32
    assert (near - z)[inside].std() == pytest.approx(SHAKE * UNIFORM.std, rel=0.1)


# -- a model --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["gan", "dcgan"])
def test_a_gan_draws_what_it_is_asked_to(family):
    settings = {"size": 16, "channels": 1, "width": 4, "latent_dim": 100}
    for name in LAWS:
        z = build_model(family, {**settings, "noise": name}).sample(200, torch.Generator().manual_seed(0)).flatten().numpy()
        assert kstest(z, CDF[name]).pvalue > 0.01
    plain, even = (build_model(family, {**settings, **noise}) for noise in ({}, {"noise": "uniform"}))
    assert plain.space().noise == "normal" and plain.config.noise == "normal"
    assert all(torch.equal(a, b) for a, b in zip(plain.state_dict().values(), even.state_dict().values(), strict=True))   # the same weights
    assert build_model("vae", {"size": 16}).space().noise == "normal"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("laws"))
        patch.setenv("GENLAB_CACHE", str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="module")
def run(lab):
    words = ("train --model dcgan --dataset digits --data-n 64 --data-size 16 --epochs 3 --batch-size 16 --threads 1 --quiet --json "
             "--set width=4 --set latent_dim=6 --set noise=uniform")
    assert main(words.split()) == 0
    return next(r for r in list_runs() if r.plan.settings.get("noise") == "uniform")


def test_it_trains_goes_on_travels_and_forks(run):
    copy = import_zip(export_zip(run, with_state=True))
    lengthen(copy, 4)
    assert execute(copy, pace=QUIET).state == "finished" and load_model(copy).space().noise == "uniform"
    assert fork(run).plan.settings["noise"] == "uniform" and "| noise | uniform |" in model_card(run)


def test_draws_codes_and_axes_are_the_model_s(run):
    model, codes = MODELS.get(run.id, exact=True), CODES.get(run.id)
    assert model.law is UNIFORM and abs(codes.mu).max() <= 1 and codes.statistics.std == pytest.approx(np.full(6, UNIFORM.std), rel=0.05)
    z = model.prior(1, 5)[0]
    for axis in within(axes_for({"axes": "dims"}, codes, 6, model.law), z, model.law):
        ends = z + np.outer([axis.low, axis.high], axis.direction)
        assert abs(ends).max() <= 1 + 1e-5 and np.ptp(ends, axis=0).max() > 1.8
    random = axes_for({"axes": "random", "directions": "1"}, None, 6, model.law)
    assert all(np.linalg.norm(axis.direction) == pytest.approx(UNIFORM.std) for axis in random)
    with pytest.raises(LabError, match="a prior draw lies within 1"):
        model.check(np.full((1, 6), np.nan))


@pytest.mark.parametrize("kind", KINDS)
def test_a_path_of_draws_stays_within_what_g_knows(run, kind):
    z = path(MODELS.get(run.id, exact=True), [draw(1), draw(2), draw(3)], kind, 40)
    assert abs(z).max() <= 1 + 1e-6


def test_a_path_is_the_same_only_among_runs_of_one_law(run):
    other = tiny_run("dcgan", latent_dim=6)
    assert can_follow(run, run, [draw(1)], "slerp") and not can_follow(other, run, [draw(1)], "slerp") and not can_follow(other, run, [], "walk")


def test_an_image_is_found_within_the_border(run, monkeypatch):
    """From a guess far outside, and with nothing that pulls towards the middle."""
    monkeypatch.setattr(search, "PULL", 0.0)
    model, white = MODELS.get(run.id, exact=True), np.full((1, 16, 16), 255, np.uint8)
    found = search.refine(model, lambda x: torch.full((1, 6), 5.0), white)
    assert abs(found.z).max() <= 1
    other = MODELS.get(tiny_run("dcgan", latent_dim=6).id, exact=True)
    assert abs(search.refine(other, lambda x: torch.full((1, 6), 5.0), white).z).max() > 1   # N(0, I) has no border


def test_the_map_and_the_command_line_take_its_draws(run, tmp_path, capsys):
    step = run.snapshots()[-1]
    assert abs(make_map(run, step, MapPlan(method="pca", n=60), weights_digest(run, step)).z).max() <= 1
    for words in (("traverse", run.id, "--seed", "3", "--axis", "2"), ("interpolate", run.id, "--seeds", "1,2", "--kind", "walk", "--frames", "9")):
        assert main([*words, "--out", str(tmp_path / "out.png"), "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        if words[0] == "traverse":
            z = MODELS.get(run.id, exact=True).prior(1, 3)[0, 2]
            assert z + said["from"] * UNIFORM.std == pytest.approx(-1, abs=0.06) and z + said["to"] * UNIFORM.std == pytest.approx(1, abs=0.06)
    assert main(["evaluate", run.id, "--measures", "unevenness,kid", "--n", "100", "--json"]) == 0


@pytest.mark.usefixtures("nobody_trains")
def test_sliders_are_as_long_as_the_law_and_so_are_quantiles(run):
    app = opened("explore/sliders.py", run=run.id, from_="seed:5")
    data = told(app, "scrubber")
    assert not app.error and data["bound"] == 1 and data["std"] == pytest.approx(UNIFORM.std) and max(axis["high"] for axis in data["axes"]) <= 3.5


@pytest.mark.usefixtures("nobody_trains")
def test_a_run_of_another_law_is_not_given_the_same_z(run):
    other = tiny_run("dcgan", latent_dim=6)
    said = " ".join(c.value for c in opened("explore/sliders.py", run=run.id, from_="seed:5", beside=other.id).caption)
    assert "draws its latents from N(0, I) and not from U[-1, 1]" in said
    assert "latents from U[-1, 1]" in " ".join(c.value for c in opened("game/gan.py", run=run.id).caption)


def test_runs_of_before_share_their_comparison_with_new_ones():
    """The setting came later: where it is as it always was, it is no difference."""
    run = find_run(tiny_run("dcgan").id)
    before = run.plan.model_copy(update={"settings": {k: v for k, v in run.plan.settings.items() if k != "noise"}})
    even = run.plan.model_copy(update={"settings": {**run.plan.settings, "noise": "uniform"}})
    assert digest_of(before) == digest_of(run.plan) != digest_of(even)
