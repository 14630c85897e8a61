"""Studies: which runs they ask for, that runs are found again, what is measured of them and what the figures bear out."""

import html
import json
from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
from tiny_runs import tiny_plan, use_folders

from genlab.cli import main
from genlab.cli.losses import _train_missing
from genlab.data import DataSpec
from genlab.errors import ConfigError, DataError, RunError
from genlab.runs import create_run, execute, find_run, list_runs
from genlab.settings import build_config
from genlab.studies import StudyPlan, begin_study, find_study, list_studies
from genlab.studies.carry import make_runs, measure_study, progress, reproduce, run_of
from genlab.studies.claims import CARE, HELD, NOT, claims
from genlab.studies.folder import ship_study
from genlab.studies.plan import ENDLESS
from genlab.studies.report import command, to_csv, to_html
from genlab.studies.tables import figure, groups, measure_names
from genlab.training import resolve_plan

DIGITS = DataSpec(name="digits")
SMALL = {"data": DIGITS, "epochs": 3, "seeds": 2, "latent_dim": 4, "width": 4, "n": 120, "threads": 1}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("studies")
        use_folders(patch, folder)
        patch.setenv("GENLAB_CHECKPOINTS", str(folder / "checkpoints"))
        yield folder


@pytest.fixture(scope="module")
def pair(folder):
    return reproduce(begin_study(StudyPlan(kind="ae-vs-vae", sizes=(200,), **SMALL)))


# -- what is asked for ---------------------------------------------------------------------------------------------------------


def test_the_runs_of_a_study_differ_in_what_it_asks_about_alone():
    members = StudyPlan(kind="ae-vs-vae", sizes=(70,), **SMALL).members()
    assert [(m.model, m.seed) for m in members] == [("vae", 0), ("autoencoder", 0), ("vae", 1), ("autoencoder", 1)]
    a, b = (m.plan.model_dump(exclude={"model", "settings"}) for m in members[:2])
    assert a == b and members[0].plan.settings == members[1].plan.settings


def test_both_models_start_from_the_same_weights_where_they_share_them(folder):
    import torch

    from genlab.training.trainer import Trainer

    vae, ae = (resolve_plan(m.plan) for m in StudyPlan(kind="ae-vs-vae", sizes=(70,), **SMALL).members()[:2])
    x = np.zeros((70, 1, 16, 16), np.uint8)
    first, second = (Trainer(plan, {"x": x}).model.state_dict() for plan in (vae, ae))
    shared = [name for name in second if name in first and second[name].is_floating_point() and second[name].shape]
    assert len(shared) > 10
    for name in shared:
        torch.testing.assert_close(first[name], second[name], rtol=0, atol=0)


def test_epochs_of_three_hundred_are_looked_at_as_in_the_report():
    assert StudyPlan(kind="ae-vs-vae").seen_epochs(300) == [10, 130, 300]


def test_the_same_number_of_updates_for_every_size():
    plan = StudyPlan(kind="dataset-size", sizes=(1, 14, 500, ENDLESS), steps=30, **SMALL)
    by_size = {m.n: m.plan for m in plan.members() if m.seed == 0}
    assert (by_size[1].epochs, by_size[14].epochs, by_size[500].epochs) == (30, 30, 10)
    assert by_size[500].max_steps is None   # 10 epochs of 3 updates: the very plan of a study of epochs
    assert (by_size[ENDLESS].data.n, by_size[ENDLESS].epochs) == (30 * 128, 1)


@pytest.mark.parametrize("sizes", [(), (5, 5), (-1,)])
def test_sizes_that_cannot_be_are_refused(sizes):
    with pytest.raises(ConfigError, match="sizes"):
        build_config(StudyPlan, {"kind": "dataset-size", "sizes": sizes})


def test_more_images_than_there_are_is_said_at_once(folder):
    with pytest.raises(DataError, match=r"a size of 5000 images is asked for; it holds 1617"):
        begin_study(StudyPlan(kind="dataset-size", sizes=(1, 5000), **SMALL))
    with pytest.raises(DataError, match="no size can be endless"):
        begin_study(StudyPlan(kind="dataset-size", sizes=(1, ENDLESS), **SMALL))


# -- carried out ---------------------------------------------------------------------------------------------------------------


def test_every_run_is_trained_measured_and_pictured(pair):
    assert progress(pair).is_complete and len(pair.results()) == 4
    for member, result in pair.results():
        assert find_run(result["run"]).status.state == "finished"
        assert {"kid", "coverage", "mse", "diversity"} <= set(result["final"])
        assert [int(e) for e in result["epochs"]] == [1, 3] and "kid" in result["samplers"]["mixture"]
        assert all(pair.picture_path(member, name).exists() for name in ("samples-1", "samples-3", "recon-3", "real", "nearest", "path", "train"))
    vae, ae = (dict(pair.results()[i][1]["left_out"]) for i in range(2))
    assert "elbo" in ae and "elbo" not in vae


def test_asked_again_it_trains_nothing_and_another_study_shares_the_runs(pair):
    before = {run.id for run in list_runs()}
    reproduce(begin_study(pair.plan))
    sizes = begin_study(StudyPlan(kind="dataset-size", sizes=(14, 200), **SMALL))
    runs = [run_of(sizes, m) for m in sizes.members()]
    assert {run.id for run in list_runs()} == before
    assert [run is not None for run in runs] == [False, True, False, True]


def test_a_run_that_was_deleted_is_made_again_and_the_rest_kept(pair):
    study = begin_study(StudyPlan(kind="dataset-size", sizes=(5, 14), **{**SMALL, "seeds": 1}))
    new = make_runs(study, "somebody")
    assert [run.status.state for run in new] == ["queued", "queued"] and make_runs(study, "somebody") == new
    assert not progress(study).is_complete and measure_study(study.id) == study.id and not study.results()


@pytest.fixture
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)


def only_member(kind="dataset-size", size=21):
    study = begin_study(StudyPlan(kind=kind, sizes=(size,), **{**SMALL, "seeds": 1}))
    return study, study.members()[0]


@pytest.mark.parametrize(("state", "whose", "is_taken"), [
    *((state, "ann", False) for state in ("stopped", "parked", "paused", "interrupted", "failed")),
    ("queued", "ann", True), ("running", "ann", True), ("finished", "ann", True),
    *((state, whose, True) for state in ("stopped", "parked", "interrupted", "failed") for whose in ("bob", ""))])
def test_what_somebody_else_stopped_stays_stopped(places, state, whose, is_taken):
    study, _ = only_member()
    (first,) = make_runs(study, whose)
    with first.lock().acquire() if state in ("running", "paused") else nullcontext():
        first.write_status(replace(first.status, state=state, step=3, epoch=3.0))
        if state == "finished":
            for step in (1, 3):
                first.weights_path(step).touch()
        (found,) = make_runs(study, "bob")
        assert (found == first) == is_taken and found.config.owner == (whose if is_taken else "bob")
        assert first.status.state == state and study.runs["vae-21-0"] == found.id
        assert make_runs(study, "bob") == [found]   # asked again, nothing more is made


def test_the_command_line_leaves_to_visitors_what_they_began(places):
    study, member = only_member()
    (theirs,) = make_runs(study, "ann")
    reproduce(study)
    assert theirs.status.state == "queued" and study.runs[member.key] != theirs.id and progress(study).is_complete


def test_a_comparison_of_losses_leaves_to_visitors_what_they_began(places, capsys):
    plans = {seed: tiny_plan("gan", seed=seed) for seed in (0, 1)}
    done = create_run(plans[0])
    execute(done)
    theirs = create_run(plans[1], owner="ann")
    theirs.write_status(replace(theirs.status, state="stopped"))
    _train_missing((done,), 2, True)
    assert theirs.status.state == "stopped" and sorted(r.status.state for r in list_runs()) == ["finished", "finished", "stopped"]


def test_measured_values_are_those_of_evaluate(pair):
    from genlab.measures.suite import measure

    member, result = pair.results()[0]
    found = measure(find_run(result["run"]), ["kid", "mse"], n=120, seed=0)
    assert {m.name: m.value for m in found} == {name: result["final"][name]["value"] for name in ("kid", "mse")}


def test_a_figure_is_the_mean_over_seeds_and_its_interval(pair):
    members = groups(pair)["vae", 200]
    found = figure(members, "mse")
    values = [result["final"]["mse"]["value"] for _, result in members]
    assert found.estimate.value == pytest.approx(np.mean(values)) and found.by_seed == dict(enumerate(values))
    reach = 12.706 * np.std(values, ddof=1) / np.sqrt(2)
    assert found.estimate.high - found.estimate.value == pytest.approx(reach, rel=1e-3)
    assert figure(members, "nothing") is None and "kid" in measure_names(pair)


# -- what the figures bear out ---------------------------------------------------------------------------------------------------


def told(pair, **values):
    """The pair's results with other figures: (name, sampler): (of the VAE's seeds, of the autoencoder's seeds)."""
    results = json.loads(json.dumps([r for _, r in pair.results()]))
    for member, result in zip(pair.members(), results, strict=True):
        for name, (vae, ae) in values.items():
            measure, _, sampler = name.partition("_")
            where = result["samplers"][sampler] if sampler else result["final"]
            where[measure]["value"] = (vae if member.model == "vae" else ae)[member.seed]
    return list(zip(pair.members(), results, strict=True))


@pytest.mark.parametrize(("values", "at", "verdict"), [
    ({"kid": ((1.0, 1.01), (6.0, 6.01))}, 0, HELD),
    ({"kid": ((1.0, 1.01), (2.0, 2.01))}, 0, CARE),
    ({"kid": ((3.0, 3.01), (2.0, 2.01))}, 0, NOT),
    ({"mse": ((0.2, 0.2), (0.1, 0.2))}, 1, HELD),
    ({"mse": ((0.2, 0.1), (0.1, 0.15))}, 1, CARE),
    ({"mse": ((0.1, 0.1), (0.2, 0.2))}, 1, NOT),
    ({"kid": ((1.0, 1.01), (6.0, 6.01)), "kid_mixture": ((1, 1), (0.5, 0.501))}, 2, NOT),
])
def test_a_claim_follows_the_figures(pair, monkeypatch, values, at, verdict):
    changed = told(pair, **values)
    monkeypatch.setattr(type(pair), "results", lambda self: changed)
    assert claims(pair)[at].verdict == verdict


# -- files -----------------------------------------------------------------------------------------------------------------------


def test_the_report_stands_alone_and_the_csv_has_every_figure(pair):
    page, lines = html.unescape(to_html(pair)), to_csv(pair).splitlines()
    assert "http" not in page and page.count("data:image/png;base64,") > 10 and all(c.text in page for c in claims(pair))
    assert len(lines) == 1 + sum(len(e) for _, r in pair.results() for e in r["samplers"].values()) + sum(
        len(r["final"]) + len(r["epochs"]["1"]) for _, r in pair.results())


def test_its_command_is_the_same_study(pair, capsys):
    words = command(pair).split()[3:]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["study"] == pair.id and found["figures"]["VAE, 200"]["mse"]["by_seed"].keys() == {"0", "1"}


def test_bad_words_end_with_a_sentence(folder, capsys):
    for words, said in ((["--sizes", "1,x"], "'x' is no number of images"), (["--dataset", "digits", "--sizes", "5000"], "it holds 1617"),
                        (["--seeds", "0"], "seeds = 0"), (["--ship", "none", "--dataset", "nothing"], "not known")):
        assert main(["reproduce", "dataset-size", *words]) == 2
        assert said in capsys.readouterr().err


def test_a_shipped_study_is_whole_and_read_only(pair, folder):
    shipped = ship_study(pair, "digits-200")
    assert shipped.is_shipped and find_study("digits-200") == shipped and list_studies("ae-vs-vae")[0] == shipped
    assert shipped.runs == {} and len(shipped.results()) == 4
    assert run_of(shipped, shipped.members()[0]) == run_of(pair, pair.members()[0]) and shipped.runs == {}
    half = begin_study(StudyPlan(kind="ae-vs-vae", sizes=(9,), **SMALL))
    with pytest.raises(RunError, match="4 of its runs are not measured yet"):
        ship_study(half, "half")


def test_a_damaged_study_is_named_and_hides_no_other(pair, folder):
    broken = begin_study(StudyPlan(kind="ae-vs-vae", sizes=(11,), **SMALL))
    (broken.path / "study.json").write_text("{")
    assert pair in list_studies() and broken not in list_studies()
    with pytest.raises(RunError, match="study.json is not JSON"):
        _ = broken.plan
    with pytest.raises(RunError, match="not known"):
        find_study("../elsewhere")


def test_what_is_shipped_is_complete_and_has_its_recipe(monkeypatch):
    from genlab.cli import parser
    from genlab.cli.reproduce import asked_plan
    from genlab.cli.ship import read_studies

    monkeypatch.delenv("GENLAB_CHECKPOINTS", raising=False)
    recipes, shipped = read_studies(), [study for study in list_studies() if study.is_shipped]
    assert {study.plan.kind for study in shipped} == {"ae-vs-vae", "dataset-size"}
    for study in shipped:
        assert study.plan == asked_plan(parser().parse_args(recipes[study.id]))
        assert len(study.results()) == len(study.members()) and claims(study)
        assert all(study.picture_path(member, "real").exists() for member in study.members())
