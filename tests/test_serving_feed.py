"""What viewers of a run are told: all at first, then only what is new, thinned, and the same whoever asks."""

import json
from array import array

import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from tiny_runs import tiny_run, use_folders

from genlab.errors import RunError
from genlab.runs import create_run, delete, find_run
from genlab.runs.folder import append_line
from genlab.server import feed
from genlab.server.feed import Feed, Feeds, thin
from genlab.server.live import live
from genlab.training import TrainPlan


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setattr(feed, "FRESH_S", 0.0)


def row(step, **metrics):
    return {"step": step, "epoch": step / 10, "seconds": step / 5, **{f"train/{k}": v for k, v in metrics.items()}}


def test_a_finished_run_is_told_whole():
    run = tiny_run()
    answer = Feed(run).since()
    rows = run.metrics()[0]
    trained = [r for r in rows if "train/recon" in r]
    assert answer["from_start"] and answer["state"] == "finished" and answer["step"] == answer["total_steps"] == 12
    assert answer["train"]["step"] == [r["step"] for r in trained]
    assert answer["train"]["elbo"] == pytest.approx([r["train/elbo"] for r in trained], rel=1e-5)
    assert answer["test"]["epoch"] == [1, 2, 3]
    assert len(answer["kl_dims"]) == 3
    assert [e["kind"] for e in answer["events"]] == ["started", "finished"]
    assert answer["pictures"]["kept"] == [4, 8, 12] and answer["pictures"]["live"] > 0
    json.dumps(answer, allow_nan=False)


def test_only_what_is_new_is_told_again():
    run = create_run(TrainPlan())
    viewer = Feed(run)
    append_line(run.path / "metrics.jsonl", row(1, recon=5.0, kl=1.0))
    first = viewer.since()
    assert (first["train"]["recon"], first["events"]) == ([5.0], [])
    nothing = viewer.since(first["cursor"])
    assert nothing["train"]["recon"] == [] and not nothing["from_start"] and "events" not in nothing
    append_line(run.path / "metrics.jsonl", row(2, recon=4.0, kl=2.0))
    append_line(run.path / "events.jsonl", {"time": 1.0, "step": 2, "kind": "changed", "text": "beta = 2", "values": {"beta": 2}})
    more = viewer.since(first["cursor"])
    assert (more["train"]["step"], more["train"]["kl"]) == ([2.0], [2.0])
    assert [e["text"] for e in more["events"]] == ["beta = 2"]


def test_a_curve_written_anew_is_told_from_the_start():
    """What a resumed run does with the steps that it takes again."""
    run = create_run(TrainPlan())
    for step in (1, 2, 3):
        append_line(run.path / "metrics.jsonl", row(step, recon=float(step)))
    viewer = Feed(run)
    cursor = viewer.since()["cursor"]
    from genlab.files import write_atomic
    write_atomic(run.path / "metrics.jsonl", json.dumps(row(1, recon=9.0)) + "\n")
    answer = viewer.since(cursor)
    assert answer["from_start"] and answer["train"]["recon"] == [9.0]


@pytest.mark.parametrize("cursor", ["", "nonsense", "1.2", "0.-1.0.0", "1.2.3.4.5", "9.9.9.9"])
def test_a_foreign_cursor_gets_everything(cursor):
    run = create_run(TrainPlan())
    append_line(run.path / "metrics.jsonl", row(1, recon=5.0))
    assert Feed(run).since(cursor)["train"]["recon"] == [5.0]


def test_metrics_that_come_late_or_are_not_finite_are_gaps():
    run = create_run(TrainPlan())
    append_line(run.path / "metrics.jsonl", row(1, recon=5.0))
    append_line(run.path / "metrics.jsonl", row(2, recon=float("nan"), kl=float("inf")))
    append_line(run.path / "metrics.jsonl", row(3, kl=1.0))
    told = Feed(run).since()["train"]
    assert told["recon"] == [5.0, None, None] and told["kl"] == [None, None, 1.0]


def test_long_curves_are_thinned_to_means_and_keep_their_end():
    values = array("d", range(10_001))
    thinned = thin(values, 0, 100)
    assert len(thinned) <= 101
    assert thinned[0] == pytest.approx(sum(range(101)) / 101)
    assert thinned[-1] == 10_000
    assert thin(values, 9_998, 100) == [9998, 9999, 10_000]
    assert thin(values, 20_000, 100) == []


def test_a_waiting_run_says_where_it_stands():
    run = create_run(TrainPlan())
    place = {"position": 2, "ahead": 1, "starts_in_s": 30.0}
    assert Feed(run, lambda asked: place if asked == run else None).since()["place"] == place
    assert Feed(tiny_run(), lambda asked: place).since()["place"] is None


def test_viewers_of_one_run_share_one_feed_and_a_deleted_run_is_gone():
    run, feeds = tiny_run(), Feeds(find_run)
    assert feeds.of(run.id) is feeds.of(run.id)
    delete(run)
    with pytest.raises(RunError, match="not known"):
        feeds.of(run.id)


def looked_at(feeds, viewers, seconds, clock) -> float:
    """Questions a second over the last half of this time, of viewers who wait as they are told."""
    due, asked, end = [clock[0] + i / viewers for i in range(viewers)], [], clock[0] + seconds
    while (next_one := min(due)) < end:
        clock[0] = next_one
        asked.append(next_one)
        due[due.index(next_one)] = next_one + feeds.wait_s()
    return sum(t > end - seconds / 2 for t in asked) / (seconds / 2)


def test_a_whole_hall_asks_no_more_often_than_the_server_likes(monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(feed.time, "monotonic", lambda: clock[0])
    feeds = Feeds(find_run)
    assert looked_at(feeds, 3, 30, clock) == pytest.approx(6, rel=0.1)
    assert looked_at(feeds, 300, 120, clock) == pytest.approx(feed.MOST_PER_S, rel=0.2)
    looked_at(feeds, 3, 60, clock)
    assert feeds.wait_s() == feed.SOONEST_S


def test_the_route_answers_and_refuses():
    client = TestClient(Starlette(routes=[Route("/api/run/{run_id}/live", live)]))
    run = tiny_run()
    answer = client.get(f"/api/run/{run.id}/live")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    assert answer.json()["state"] == "finished" and answer.json()["wait_s"] >= 0.5
    assert client.get(f"/api/run/{run.id}/live", params={"since": answer.json()["cursor"]}).json()["train"]["step"] == []
    gone = client.get(f"/api/run/{run.id}x/live")
    assert gone.status_code == 404 and run.id in gone.json()["error"]
