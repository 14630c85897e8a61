"""Shipped runs: what is kept, what it is good for, and that it travels like any other run."""

import json

import pytest
import torch

from genlab.data import DataSpec
from genlab.errors import RunError
from genlab.models import find_model
from genlab.paths import checkpoints_dir
from genlab.runs import create_run, execute, find_run, fork, list_runs, load_model
from genlab.runs.ship import MAX_FILE_BYTES, MAX_ROWS, Recipe, read_recipes, run_of, ship, thin
from genlab.runs.transfer import export_zip, import_zip
from genlab.runs.weights import is_whole, load_weights
from genlab.sums import examples, samples
from genlab.sums.expression import parse
from genlab.sums.scored import Asked, known_report, rivals
from genlab.sums.scoring import WORDS
from genlab.training import TrainPlan
from genlab.ui.sums.sumpick import FAMOUS

RECIPE = Recipe("tiny", "A tiny run", ("train", "--epochs", "3"), (1, 3))


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CHECKPOINTS", str(tmp_path / "checkpoints"))
    plan = TrainPlan(data=DataSpec(name="digits", n=64), settings={"latent_dim": 2, "width": 4}, epochs=3, batch_size=16)
    run = create_run(plan, command=RECIPE.command)
    execute(run)
    return run


def test_a_shipped_run_keeps_the_asked_epochs_and_the_decoder_alone_of_older_ones(run):
    shipped = ship(run, RECIPE)
    assert shipped.is_shipped and shipped.title == "A tiny run" and shipped.snapshots() == [4, 12] and list_runs() == [shipped, run]
    old, new = load_model(shipped, 4), load_model(shipped)
    assert (old.can_encode, new.can_encode) == (False, True)
    z = torch.randn(3, 2, generator=torch.Generator().manual_seed(0))
    assert torch.equal(old.decode(z), load_model(run, 4).decode(z))
    assert shipped.preview_path("4-samples").exists() and (shipped.path / "MODEL_CARD.md").exists()
    assert not (shipped.path / "state.safetensors").exists()


def test_a_shipped_run_travels_and_is_forked_where_it_is_whole(run):
    shipped = ship(run, RECIPE)
    copy = import_zip(export_zip(shipped))
    assert copy.snapshots() == shipped.snapshots() and not load_model(copy, 4).can_encode
    with pytest.raises(RunError, match="holds the decoder alone; fork from step 12"):
        fork(shipped, 4)
    assert fork(shipped).config.parent == {"run": "tiny", "step": 12}


def test_an_unfinished_run_is_not_shipped_and_leaves_nothing(run):
    run.write_status(run.status.__class__(state="stopped", step=5))
    with pytest.raises(RunError, match="only a finished run is shipped"):
        ship(run, RECIPE)
    assert not (checkpoints_dir() / "tiny").exists()


def test_a_snapshot_too_large_for_one_file_is_shipped_in_two(run, monkeypatch):
    whole = load_weights(run.weights_path(12))
    monkeypatch.setattr("genlab.runs.ship.MAX_FILE_BYTES", run.weights_path(12).stat().st_size - 1)
    shipped = ship(run, RECIPE)
    assert shipped.snapshots() == [4, 12] and not is_whole(shipped.weights_path(4)) and is_whole(shipped.weights_path(12))
    assert {p.name for p in (shipped.path / "weights").iterdir()} == {"4.safetensors", "12.safetensors", "12.beside.safetensors"}
    child, copy = fork(shipped), import_zip(export_zip(shipped))
    for path in (shipped.weights_path(12), child.weights_path(0), copy.weights_path(12)):
        found = load_weights(path)
        assert found.keys() == whole.keys() and all(torch.equal(found[n], t) for n, t in whole.items())
    assert load_model(shipped).can_encode and load_model(copy).can_encode


def test_a_run_is_found_by_the_very_command_of_its_recipe(run):
    assert run_of(RECIPE) == run and run_of(Recipe("tiny", "A tiny run", ("train", "--epochs", "4"), (1,))) is None


def test_thinned_metrics_keep_the_ends_and_all_held_out_rows():
    rows = [{"step": i, "train/loss": 1 / 3} for i in range(1, 2001)] + [{"step": 5, "test/loss": 2.0}]
    kept = thin(rows)
    assert len(kept) <= MAX_ROWS + 2 and kept[0]["step"] == 1 and {"step": 5, "test/loss": 2.0} in kept
    assert [r for r in kept if "train/loss" in r][-1]["step"] == 2000 and kept[0]["train/loss"] == 0.33333


def test_what_is_shipped_loads_is_small_and_has_its_recipe(monkeypatch):
    monkeypatch.delenv("GENLAB_CHECKPOINTS", raising=False)
    recipes = {r.id: r for r in read_recipes()}
    shipped = [run for run in list_runs() if run.is_shipped]
    assert len(recipes) == len(set(recipes)) > 0 and shipped
    for run in shipped:
        assert run.config.command == recipes[run.id].command and run.status.state == "finished"
        assert max(p.stat().st_size for p in run.path.rglob("*") if p.is_file()) <= MAX_FILE_BYTES
        model = load_model(run)
        with torch.no_grad():
            assert model.decode(model.sample(2, torch.Generator().manual_seed(0))).isfinite().all()
        assert json.loads((run.path / "config.json").read_text())["plan"]["seed"] == run.plan.seed
    assert sum(p.stat().st_size for p in checkpoints_dir().rglob("*") if p.is_file()) <= 160e6


def test_a_shipped_score_is_the_one_that_its_page_opens_with(monkeypatch):
    """What a sum is scored beside follows from what else is shipped; a new autoencoder makes an older score nobody's."""
    monkeypatch.delenv("GENLAB_CHECKPOINTS", raising=False)
    sum_ = parse("man with glasses - man + woman", WORDS)
    scored = [run for run in list_runs() if run.is_shipped and (run.path / "sums.json").exists()]
    assert {find_model(run.plan.model).can_encode for run in scored} == {True, False}
    for run in scored:
        usual = (examples if find_model(run.plan.model).can_encode else samples).USUAL
        assert known_report(Asked(run.id, sum_.text, protocol=usual, against=rivals(run))), run.id


@pytest.mark.parametrize(("run_id", "protocol"), [("faces-vae-detail", "alike"), ("faces-dcgan-settled", "clear")])
def test_the_famous_sums_come_with_their_scores(monkeypatch, run_id, protocol):
    monkeypatch.delenv("GENLAB_CHECKPOINTS", raising=False)
    against = rivals(find_run(run_id))
    assert all(known_report(Asked(run_id, parse(text, WORDS).text, protocol=protocol, against=against)) for text in FAMOUS.values())


@pytest.mark.parametrize(("run_id", "protocol", "woman", "glasses", "both"), [
    ("faces-vae-detail", "alike", 0.95, 0.95, 0.9), ("faces-dcgan-settled", "clear", 0.85, 0.85, 0.0)])
def test_the_best_of_each_kind_adds_glasses_and_makes_a_woman_of_a_man(monkeypatch, run_id, protocol, woman, glasses, both):
    monkeypatch.delenv("GENLAB_CHECKPOINTS", raising=False)
    score = known_report(Asked(run_id, parse("man with glasses - man + woman", WORDS).text, protocol=protocol,
                               against=rivals(find_run(run_id))))["ways"][run_id]
    assert score["wanted"]["man"]["share"] >= woman and score["wanted"]["glasses"]["share"] >= glasses and score["success"]["share"] >= both
    assert score["success"]["n"] == 500
