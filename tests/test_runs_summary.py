"""A list's view of a run: newest values, held out where measured, from the end of the file alone."""

import pytest
from tiny_runs import tiny_run, use_folders

from genlab.runs import create_run, delete, fork
from genlab.runs.folder import append_line
from genlab.runs.summary import TAIL_BYTES, newest_metrics, newest_summaries, summarize, trained_before
from genlab.training import TrainPlan


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)


def test_held_out_values_win_and_the_newest_counts():
    run = tiny_run()
    tests = [row for row in run.metrics()[0] if "test/elbo" in row]
    found = newest_metrics(run)
    assert found["elbo"] == tests[-1]["test/elbo"] and found["mse"] == tests[-1]["test/mse"]
    assert "kl_dims" not in found


def test_it_follows_the_file():
    run = create_run(TrainPlan())
    assert newest_metrics(run) == {}
    append_line(run.path / "metrics.jsonl", {"step": 1, "train/recon": 3.0})
    assert newest_metrics(run) == {"recon": 3.0}
    append_line(run.path / "metrics.jsonl", {"step": 2, "train/recon": 2.0})
    assert newest_metrics(run) == {"recon": 2.0}


def test_a_long_file_is_read_from_its_end():
    run = create_run(TrainPlan())
    with (run.path / "metrics.jsonl").open("w") as file:
        file.write("x" * (3 * TAIL_BYTES) + "\n" + '{"step": 9, "test/elbo": -7.5}\n')
    assert newest_metrics(run) == {"elbo": -7.5}


def test_a_fork_counts_what_its_weights_were_trained_before():
    run = tiny_run()
    step = run.snapshots()[-1]
    child = fork(run, step, changes={"epochs": 1})
    last = next(row for row in reversed(run.metrics()[0]) if row["step"] <= step)
    assert trained_before(run) == {"epochs": 0, "steps": 0, "seconds": 0}
    assert trained_before(child) == {"epochs": last["epoch"], "steps": step, "seconds": last["seconds"]} and last["epoch"] > 0
    grandchild = fork(child, 0)
    assert trained_before(grandchild) == trained_before(child), "its parent had not trained yet"
    delete(run)
    assert trained_before(child) == {"epochs": 0, "steps": 0, "seconds": 0}


def test_search_text_and_deleted_runs():
    run, other = create_run(TrainPlan(), title="Blue Whale"), create_run(TrainPlan(model="autoencoder"))
    assert all(word in summarize(run).text for word in ("blue whale", "vae", "digits", "queued"))
    delete(other)
    assert [s.run for s in newest_summaries([run, other])] == [run]
