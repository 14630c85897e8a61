"""Losses compared: which runs may be, what comes out, and where it is kept."""

import json
from dataclasses import replace

import pytest
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.data import DataSpec
from genlab.errors import LabError
from genlab.measures.looks import open_look
from genlab.runs import create_run, execute, fork, list_runs
from genlab.runs.best import best_row
from genlab.runs.folder import append_line
from genlab.runs.ship import Recipe, ship
from genlab.studies.losses import choice_in_words, compare, find_groups, group_of, protocol, table
from genlab.studies.losses_kept import all_kept, covers, keep, kept_path, make
from genlab.training import Pace, TrainPlan


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """Two losses under two seeds, trained once for all tests of this file."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("losses")
        use_folders(patch, root)
        yield [gan(loss, seed=seed) for loss, seed in (("wgan", 1), ("wgan", 0), ("lsgan", 1), ("lsgan", 0))]


@pytest.fixture
def runs(lab):
    """They in the order of a group: by loss, then by seed."""
    return lab[::-1]


def gan(loss, n=64, **changes):
    run = create_run(TrainPlan(model="dcgan", data=DataSpec(name="digits", n=n, size=16), settings={"latent_dim": 3, "width": 4, "loss": loss},
                               epochs=3, batch_size=16, threads=1, **changes))
    execute(run, open_look=open_look, pace=Pace(preview_s=1e9, state_s=1e9))
    return run


def test_runs_are_found_by_what_they_share(runs):
    tiny_run("vae")
    group, = find_groups(list_runs())
    assert list(group.runs) == runs and group.losses == ["lsgan", "wgan"]
    assert group.title == "DCGAN, width 4, 3 latents, on 64 digits of 16 px, 3 epochs"


def test_a_table_has_a_row_for_each_loss_and_intervals_over_seeds(runs):
    found = compare(group_of(runs), n=200)
    assert json.loads(json.dumps(found)) == found
    assert [(row["loss"], row["seeds"]) for row in found["table"]] == [("lsgan", [0, 1]), ("wgan", [0, 1])]
    for row in found["table"]:
        values = [run["measures"]["kid"]["value"] for run in found["runs"] if run["loss"] == row["loss"]]
        assert row["kid"]["value"] == pytest.approx(sum(values) / 2) and row["kid"]["low"] <= min(values) <= max(values) <= row["kid"]["high"]
        assert all(0 <= row[name]["low"] <= row[name]["value"] <= row[name]["high"] <= 1 for name in ("coverage", "precision", "recall"))
    for run, source in zip(found["runs"], runs, strict=True):
        assert run["step"] == source.status.best_step and run["epoch"] in [epoch for epoch, _ in run["curve"]]
    alone = [run for run in found["runs"] if run["seed"] == 0]
    assert table(alone)[0]["kid"]["low"] == alone[0]["measures"]["kid"]["low"]


def test_figures_are_of_images_that_no_step_was_chosen_by(runs):
    found = compare(group_of(runs[:2]), n=200)
    assert all(run["is_apart"] for run in found["runs"]) and "held-out=90 from 90" in protocol(found)
    assert choice_in_words(found) == "chosen by KID on other held-out images than it is measured on"


def test_of_older_runs_it_is_said_that_they_were_chosen_by_the_same_images(runs):
    """Their rows have one KID for both; digits hold out too few to measure on others."""
    for run in runs[:2]:
        with_one_kid(run)
    found = compare(group_of(runs[:2]), n=200)
    assert not any(run["is_apart"] for run in found["runs"]) and "held-out=180 of" in protocol(found)
    assert choice_in_words(found).startswith("the one of the lowest KID on images that it is measured on too")
    mixed = compare(group_of([runs[0], runs[2]]), n=200)   # on the same images all the same: coverage of 90 is another than of 180
    assert [run["is_apart"] for run in mixed["runs"]] == [False, True] and "in some of these runs" in choice_in_words(mixed)
    assert {m["n"] for run in mixed["runs"] for name, m in run["measures"].items() if name == "coverage"} == {90}
    assert len({run["measures"]["kid"]["protocol"] for run in mixed["runs"]}) == 1
    del found["runs"][0]["is_apart"]   # as comparisons of before have it
    assert choice_in_words(found).startswith("the one of the lowest KID")


def with_one_kid(run):
    path = run.path / "metrics.jsonl"
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({k: v for k, v in row.items() if k != "eval/kid_choice"}) + "\n" for row in rows))
    run.write_status(replace(run.status, best_step=best_row(run.metrics()[0])["step"]))


def test_what_differs_in_more_than_the_loss_is_refused(runs):
    other = gan("lsgan", n=48)
    with pytest.raises(LabError, match=f"{other.id} differs from {runs[0].id} in data"):
        group_of([runs[0], other])
    wider = create_run(other.plan.model_copy(update={"data": runs[0].plan.data, "settings": {**runs[0].plan.settings, "width": 8}}))
    with pytest.raises(LabError, match=r"in width \(8, not 4\)"):
        group_of([runs[0], wider])
    assert len(find_groups(list_runs())) == 1


def test_what_cannot_take_part_says_why(runs):
    waiting = create_run(runs[0].plan.model_copy(update={"seed": 7}))
    with pytest.raises(LabError, match="it is queued; only finished"):
        group_of([runs[0], waiting])
    blind = create_run(runs[0].plan.model_copy(update={"seed": 8}))
    execute(blind, pace=Pace(preview_s=1e9, state_s=1e9))
    with pytest.raises(LabError, match="were not measured while it trained"):
        group_of([runs[0], blind])
    changed = gan("lsgan", seed=9)
    append_line(changed.path / "events.jsonl", {"time": 0.0, "step": 6, "kind": "changed", "text": "", "values": {"loss": "minimax"}})
    with pytest.raises(LabError, match="settings were changed while it trained"):
        group_of([runs[0], changed])
    child = fork(runs[0], changes={"epochs": 3})
    execute(child, open_look=open_look, pace=Pace(preview_s=1e9, state_s=1e9))
    with pytest.raises(LabError, match="it was forked"):
        group_of([runs[0], child])
    with pytest.raises(LabError, match="1 run is given"):
        group_of(runs[:1])
    with pytest.raises(LabError, match="no game of D and G"):
        group_of([runs[0], tiny_run("vae")])


def test_a_comparison_is_kept_with_pictures_and_knows_what_it_covers(runs):
    digest = make([run.id for run in runs[:3]], n=200)
    found, = all_kept()
    assert found["digest"] == digest and set(found["pictures"]) == {"lsgan", "wgan"} and set(found["pictures"]["wgan"]) <= {"best", "last"}
    assert covers(found, group_of(runs[:3])) and not covers(found, group_of(runs)) and not covers(None, group_of(runs))
    keep(compare(group_of(runs), n=200), shipped=True)
    assert len(all_kept()) == 1 and len(all_kept()[0]["runs"]) == 4   # the fuller of the two
    kept_path(digest, shipped=True).write_text("{")
    assert len(all_kept()[0]["runs"]) == 3


def test_a_shipped_run_takes_the_place_of_its_own(runs):
    shipped = ship(runs[0], Recipe("tiny-lsgan", "A tiny GAN", ("train",), (1, 3)))
    group, = find_groups(list_runs())
    assert shipped in group.runs and runs[0] not in group.runs
    assert compare(group, n=100)["runs"][0]["step"] == runs[0].status.best_step


def test_the_command_line_trains_what_is_missing_and_keeps_what_came_out(runs, capsys):
    path = kept_path(group_of(runs).digest, shipped=False)
    path.unlink(missing_ok=True)
    assert main(["compare-losses", *[run.id for run in runs], "--n", "200", "--seeds", "3", "--keep", "here", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["seeds"] for row in told["table"]] == [[0, 1, 2], [0, 1, 2]] and told["path"] == str(path) and "pictures" not in told
    count = len(list_runs())
    assert main(["compare-losses", "--n", "200", "--seeds", "3", "--keep", "here"]) == 0
    assert "kept before" in capsys.readouterr().out and len(list_runs()) == count
    assert main(["compare-losses", runs[0].id]) == 2 and "two at least" in capsys.readouterr().err
    assert main(["compare-losses", "--seeds", "99"]) == 2 and "0 to 20 seeds" in capsys.readouterr().err


def test_nothing_to_compare_is_said(tmp_path, monkeypatch, capsys):
    use_folders(monkeypatch, tmp_path)
    assert main(["compare-losses"]) == 2
    assert "no two finished GAN runs here differ in their loss and seed alone" in capsys.readouterr().err
