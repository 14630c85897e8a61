"""A list's view of a run: newest values, held out where measured, from the end of the file alone."""

import pytest
from tiny_runs import tiny_run, use_folders

from genlab.runs import create_run, delete
from genlab.runs.folder import append_line
from genlab.runs.summary import TAIL_BYTES, newest_metrics, newest_summaries, summarize
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


def test_search_text_and_deleted_runs():
    run, other = create_run(TrainPlan(), title="Blue Whale"), create_run(TrainPlan(model="autoencoder"))
    assert all(word in summarize(run).text for word in ("blue whale", "vae", "digits", "queued"))
    delete(other)
    assert [s.run for s in newest_summaries([run, other])] == [run]
