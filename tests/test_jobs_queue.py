"""The queue on real workers: what starts, in which order, and how it ends."""

import os
from pathlib import Path

import psutil
import pytest
import torch
from distributed import Client
from jobs_on_workers import ENDLESS, PACE, kinds, new, plan, same_bits, wait, wait_state

from genlab.errors import ConfigError, LabError, RunError
from genlab.jobs.cluster import start_cluster, threads_each
from genlab.jobs.pool import Pool
from genlab.jobs.queue import Queue
from genlab.runs import create_run, delete, execute, list_runs, restore, send
from genlab.runs.weights import load_state, load_weights, save_weights


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Two warm workers, on an empty disk of their own."""
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("cluster")
        for name in ("RUNS", "CACHE", "CHECKPOINTS"):
            patch.setenv(f"GENLAB_{name}", str(root / name.lower()))
        patch.delenv("GENLAB_DATA", raising=False)
        patch.setenv("GENLAB_WORKERS", "2")
        patch.delenv("OMP_NUM_THREADS", raising=False)   # so that each worker has its share of the cores, as without tests
        cluster = start_cluster()
        patch.setenv("GENLAB_SCHEDULER", cluster.address)
        yield cluster
        cluster.close()


@pytest.fixture
def queue(cluster, monkeypatch, tmp_path):
    """A queue over an empty folder of runs; whatever still trains at the end is stopped."""
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    queue = Queue(PACE)
    wait(lambda: queue.machine().workers == 2)
    yield queue
    for run in list_runs():
        queue.stop(run)
    wait(lambda: not any(run.is_held for run in list_runs()))
    queue.close()


def test_idle_workers_are_small_and_step_back_behind_the_pages(cluster):
    with Client(cluster.address, set_as_default=False) as client:
        sizes = [psutil.Process(pid).memory_info().rss for pid in client.run(os.getpid).values()]
        assert len(sizes) == 2 and max(sizes) < 500e6
        training_thread = client.submit(lambda: os.getpriority(os.PRIO_PROCESS, 0), pure=False)   # 0: the thread that asks
        assert training_thread.result() == 10
        assert set(client.run(lambda: psutil.Process().nice()).values()) == {10}
        if os.access("/proc/self/autogroup", os.W_OK):   # Linux weighs whole sessions against each other where this is switched on
            assert {text.split()[-1] for text in client.run(lambda: Path("/proc/self/autogroup").read_text()).values()} == {"10"}


def test_a_run_trains_and_gives_the_bits_of_a_run_trained_here(queue):
    run, here = new(), new()
    queue.submit(run)
    queue.submit(run)
    execute(here, pace=PACE)
    assert wait_state(run, "finished", "failed").state == "finished"
    assert same_bits(run, here) and kinds(run) == ["started", "finished"]
    assert queue.place(run) is None
    wait(lambda: queue.machine().busy == 0)
    assert queue.machine().waiting == 0 and queue.machine().fault == ""


def test_a_run_made_where_there_are_more_threads_takes_what_its_worker_can_give(queue):
    before = torch.get_num_threads()
    torch.set_num_threads(8)
    try:
        open_run, named = new(threads=0), new(threads=2)
    finally:
        torch.set_num_threads(before)
    here = new(threads=threads_each(2))
    execute(here, pace=PACE)
    for run in (named, open_run):   # a worker that has just trained with other threads gives its own again
        queue.submit(run)
        assert wait_state(run, "finished", "failed").state == "finished"
    assert open_run.plan.threads == threads_each(2) and kinds(open_run) == ["started", "finished"]
    assert open_run.events()[0]["values"]["on"]["threads"] == threads_each(2)
    assert same_bits(open_run, here)
    assert named.plan.threads == min(2, len(os.sched_getaffinity(0)))   # who names a number has it


def test_two_train_at_the_same_time(queue):
    runs = [new(ENDLESS), new(ENDLESS)]
    for run in runs:
        queue.submit(run)
    wait(lambda: all(run.status.state == "running" for run in runs) and queue.machine().busy == 2)
    steps = [run.status.step for run in runs]
    wait(lambda: all(run.status.step > step for run, step in zip(runs, steps, strict=True)))


def test_a_full_queue_serves_three_owners_in_turn(queue):
    blockers = [new(ENDLESS, owner="z"), new(ENDLESS, owner="z")]
    for run in blockers:
        queue.submit(run)
        wait_state(run, "running")
    runs = [new(owner=owner) for owner in "aaabbc"]
    for run in runs:
        queue.submit(run)
    a1, a2, a3, b1, b2, c1 = runs
    places = {run: queue.place(run) for run in runs}
    assert [places[run].position for run in (a1, b1, c1, a2, b2, a3)] == [1, 2, 3, 4, 5, 6]
    assert places[c1].ahead == 2 and queue.machine().waiting == 6
    wait(lambda: queue.place(a1).starts_in_s)   # known as soon as those that train have a speed
    assert queue.place(a3).starts_in_s is None  # what the five before it will take, nobody knows
    queue.stop(blockers[0])   # the other keeps its worker: one free worker makes the order plain
    for run in runs:
        wait_state(run, "finished")
    assert sorted(runs, key=lambda run: run.events()[0]["time"]) == [a1, b1, c1, a2, b2, a3]


def test_stopped_failed_and_finished_are_three_things(queue):
    stopped, failed, finished = new(ENDLESS), new(), new()
    failed.state_path.write_bytes(b"not a state")
    queue.submit(stopped)
    wait_state(stopped, "running")
    queue.stop(stopped)
    queue.stop(stopped)
    for run in (failed, finished):
        queue.submit(run)
    assert [wait_state(run, "stopped", "failed", "finished").state for run in (stopped, failed, finished)] == ["stopped", "failed", "finished"]
    assert "state.safetensors" in failed.status.message and kinds(failed) == []   # a damaged file is no bug
    status = stopped.status
    queue.stop(stopped)
    assert stopped.status == status and load_state(stopped).step == status.step
    before = [run.written_status for run in (failed, finished)]
    for run in (failed, finished):
        queue.stop(run)
    assert [run.written_status for run in (failed, finished)] == before


def test_a_stopped_run_goes_on_to_the_bits_of_one_never_stopped(queue):
    run, here = new(600), new(600)   # long enough that a fast machine is not done before it hears of the stop
    queue.submit(run)
    wait(lambda: run.status.step > 3)
    queue.stop(run)
    wait_state(run, "stopped")
    queue.resume(run)   # at once, most likely before its worker is given back
    queue.resume(run)
    execute(here, pace=PACE)
    assert wait_state(run, "finished").step == 1200
    assert same_bits(run, here)


def blocked(queue):
    """Both workers taken by runs without an end."""
    runs = [new(ENDLESS, owner="z"), new(ENDLESS, owner="z")]
    for run in runs:
        queue.submit(run)
        wait_state(run, "running")
    return runs


def test_stopped_while_it_waits_it_leaves_the_queue_and_can_come_back(queue):
    blockers, run = blocked(queue), new()
    queue.submit(run)
    assert queue.place(run).position == 1
    queue.stop(run)
    queue.stop(run)
    assert run.status.state == "stopped" and queue.place(run) is None and kinds(run) == ["stopped"]
    queue.stop(blockers[0])
    wait(lambda: queue.machine().busy == 1)
    assert run.status.state == "stopped"
    queue.resume(run)
    assert wait_state(run, "finished").attempts == 0


def test_deleted_while_it_waits_it_is_left_out(queue):
    blockers, gone, run = blocked(queue), new(), new()
    for each in (gone, run):
        queue.submit(each)
    delete(gone)
    assert queue.place(run).position == 1
    queue.stop(blockers[0])
    wait_state(run, "finished")
    back = restore(gone.id)
    assert back.status.state == "queued" and queue.place(back) is None
    queue.submit(back)
    wait_state(back, "finished")


def test_a_paused_run_gives_its_worker_away_and_comes_back(queue):
    blockers, waiting = blocked(queue), new()
    queue.submit(waiting)
    send(blockers[0], "pause")
    parked = wait_state(blockers[0], "parked")
    wait_state(waiting, "finished")
    queue.resume(blockers[0])
    wait(lambda: blockers[0].status.state == "running" and blockers[0].status.step > parked.step)


def test_resume_lets_a_paused_run_go_on_with_its_changes(queue):
    run = new(ENDLESS)
    queue.submit(run)
    wait_state(run, "running")
    send(run, "pause")
    wait_state(run, "paused")
    queue.resume(run, {"lr": 5e-4})
    wait(lambda: "resumed" in kinds(run))
    assert [e["values"] for e in run.events() if e["kind"] == "changed"] == [{"lr": 5e-4}]


def test_a_diverged_run_says_so_and_goes_on_with_smaller_values(queue, tmp_path):
    donor = new(1)
    execute(donor, pace=PACE)
    weights = load_weights(donor.weights_path(donor.snapshots()[-1]))
    weights["to_mu.weight"] *= 5e18   # a KL of about 1e36 nats: just finite, and a thousand times that is not
    save_weights(tmp_path / "wild.safetensors", weights, half=False)
    run = create_run(plan(epochs=3, settings={"latent_dim": 2, "width": 4, "beta": 1000}, precision="fp32"), weights=tmp_path / "wild.safetensors")
    queue.submit(run)
    status = wait_state(run, "failed", "finished")
    assert status.state == "failed" and "no longer finite" in status.message and "smaller learning rate" in status.message
    assert kinds(run)[-1] == "diverged"
    with pytest.raises(ConfigError, match="momentum"):
        queue.resume(run, {"momentum": 0.9})
    queue.resume(run, {"lr": 1e-5, "beta": 0.0})
    assert wait_state(run, "failed", "finished").state == "finished"
    assert [e["values"] for e in run.events() if e["kind"] == "changed"] == [{"lr": 1e-5}, {"beta": 0.0}]


def test_a_bug_ends_its_run_alone_and_leaves_its_traceback(queue):
    run, next_run = new(), new()
    (run.path / "previews").rmdir()
    (run.path / "previews").write_text("no folder, which no version ever leaves behind")
    for each in (run, next_run):
        queue.submit(each)
    assert wait_state(run, "failed", "finished").state == "failed" and "NotADirectoryError" in run.status.message
    event = wait(lambda: [e for e in run.events() if e["kind"] == "failed"])[0]
    assert "in train_run" in event["values"]["traceback"]
    wait_state(next_run, "finished")


def test_what_has_nothing_left_to_do_is_refused(queue):
    run = new()
    with pytest.raises(RunError, match="training already"), run.lock().acquire():
        queue.submit(run)
    assert queue.place(run) is None
    queue.submit(run)
    wait_state(run, "finished")
    with pytest.raises(RunError, match="finished"):
        queue.submit(run)
    with pytest.raises(RunError, match="all steps"):
        queue.resume(run)
    longer = run.config.__class__(**{**run.config.__dict__, "plan": run.plan.model_copy(update={"epochs": 3})})
    run.write_config(longer)
    queue.resume(run)
    wait(lambda: run.status.step == 6 and run.status.state == "finished")


def test_a_new_queue_finds_what_an_old_one_left(queue):
    blockers, runs = blocked(queue), [new(owner="a"), new(owner="b")]
    for run in runs:
        queue.submit(run)
    queue.close()
    assert [run.status.state for run in runs] == ["queued", "queued"]
    second = Queue(PACE)
    try:
        assert [second.place(run).position for run in runs] == [1, 2]
        wait(lambda: second.machine().busy == 2)   # on a cluster of its own, the blockers train on
        second.stop(blockers[0])
        for run in runs:
            wait_state(run, "finished")
    finally:
        second.close()


def test_a_scheduler_that_does_not_answer_is_named_and_loses_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_SCHEDULER", "tcp://127.0.0.1:9")
    with pytest.raises(LabError, match="tcp://127.0.0.1:9"):
        Pool().ensure(idle=True)
    run, queue = new(), Queue()
    try:
        queue.submit(run)
        wait(lambda: queue.machine().fault)
        assert "tcp://127.0.0.1:9" in queue.machine().fault and queue.machine().workers == 0
        assert queue.place(run).position == 1 and queue.place(run).starts_in_s is None
    finally:
        queue.close()
    assert run.status.state == "queued"
