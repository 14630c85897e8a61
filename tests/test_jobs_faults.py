"""Processes killed in mid-run, for real: the runs go on to the bits of runs that nothing happened to."""

import json
import os
import signal
import subprocess
import sys

import psutil
import pytest
from distributed import Client
from jobs_on_workers import ENDLESS, PACE, kinds, new, pid_of_the_worker, same_bits, wait, wait_state

from genlab import jobs
from genlab.errors import LabError
from genlab.jobs import pool
from genlab.jobs.cluster import start_cluster
from genlab.jobs.queue import Queue
from genlab.paths import ROOT
from genlab.runs import delete, execute, find_run, list_runs, send
from genlab.runs.weights import load_state

EPOCHS = 100

SERVER = """
import json, sys, time
from genlab.jobs.queue import Queue
from genlab.runs import find_run
from genlab.training import Pace
queue = Queue(Pace(preview_s=0.1, state_s=0.03))
while not queue.machine().workers:
    time.sleep(0.02)
for run_id in sys.argv[1:]:
    queue.submit(find_run(run_id))
print(json.dumps(queue.machine().address), flush=True)
sys.stdin.readline()
queue.close()
"""


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    for name in ("RUNS", "CACHE", "CHECKPOINTS"):
        monkeypatch.setenv(f"GENLAB_{name}", str(tmp_path / name.lower()))
    monkeypatch.setenv("GENLAB_WORKERS", "1")
    monkeypatch.delenv("GENLAB_SCHEDULER", raising=False)


@pytest.fixture
def queue():
    queue = Queue(PACE)
    wait(lambda: queue.machine().workers)
    yield queue
    queue.close()


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def in_the_middle(run):
    """Until the run has a state to resume from, and steps after it."""
    state = wait(lambda: run.state_path.exists() and load_state(run).step > 5 and load_state(run))
    wait(lambda: run.metrics()[0][-1]["step"] > state.step)


def undisturbed(epochs=EPOCHS):
    run = new(epochs)
    execute(run, pace=PACE)
    return run


def test_a_killed_worker_costs_no_bit_and_a_second_one_asks_for_a_person(queue):
    run, worker = new(EPOCHS), pid_of_the_worker(queue.machine().address)
    queue.submit(run)
    in_the_middle(run)
    kill(worker)
    wait(lambda: run.status.attempts == 1)
    status = wait_state(run, "finished", "failed", "interrupted")
    assert status.state == "finished" and status.step == 2 * EPOCHS
    assert kinds(run) == ["started", "interrupted", "started", "finished"]
    assert run.events()[2]["step"] > 0
    assert same_bits(run, undisturbed())
    rows = [row["step"] for row in run.metrics()[0] if "train/loss" in row]
    assert rows == list(range(1, 2 * EPOCHS + 1))

    again = new(ENDLESS)
    queue.submit(again)
    for attempt in (1, 2):
        step = again.status.step
        wait(lambda: again.status.state == "running" and again.status.step > step + 20)   # noqa: B023
        kill(pid_of_the_worker(queue.machine().address))
        wait(lambda: kinds(again).count("interrupted") == attempt)   # noqa: B023
    assert again.written_status.state == "interrupted" and "Resume" in again.status.message
    assert queue.place(again) is None
    queue.resume(again)
    wait_state(again, "running")
    assert again.status.attempts == 0
    queue.stop(again)
    assert wait_state(again, "stopped", "failed").state == "stopped"


def test_a_paused_run_whose_worker_dies_is_parked(queue):
    run = new(ENDLESS)
    queue.submit(run)
    wait_state(run, "running")
    send(run, "pause")
    wait_state(run, "paused")
    kill(pid_of_the_worker(queue.machine().address))
    wait(lambda: run.written_status.state == "parked")
    send(run, "stop")   # heard by nobody, so it must not stop what is begun later
    queue.resume(run)
    step = run.status.step
    wait(lambda: run.status.state == "running" and run.status.step > step)


def server(*run_ids):
    """A process that owns a queue and its workers, once they are up; with the processes that it started."""
    process = subprocess.Popen([sys.executable, "-c", SERVER, *run_ids], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert json.loads(process.stdout.readline()).startswith("tcp://127.0.0.1:")
    return process, psutil.Process(process.pid).children(recursive=True)


def test_a_killed_server_takes_its_workers_along_and_the_next_one_finds_the_run():
    run, waiting = new(EPOCHS, owner="a"), new(owner="a")
    first, its_children = server(run.id, waiting.id)
    assert len(its_children) >= 2
    in_the_middle(run)
    first.send_signal(signal.SIGKILL)
    first.wait()
    second, _ = server()   # at once: the old worker may still be in its last step
    assert psutil.wait_procs(its_children, timeout=30)[1] == []
    for each in (run, waiting):
        assert wait_state(each, "finished", "failed").state == "finished"
    second.communicate("close\n", timeout=60)
    assert kinds(run) == ["started", "interrupted", "started", "finished"] and run.status.attempts == 1
    assert kinds(waiting) == ["started", "finished"] and waiting.status.attempts == 0
    assert same_bits(run, undisturbed())


def test_closing_the_lab_on_purpose_is_no_fault_of_the_run():
    run = new(EPOCHS)
    assert jobs.get_queue() is jobs.get_queue()
    jobs.get_queue().submit(run)
    wait_state(run, "running")
    jobs.shutdown()
    jobs.shutdown()
    assert run.status.state == "queued" and run.status.attempts == 0 and not run.is_held
    paused = new(ENDLESS)
    queue = Queue(PACE)
    try:
        wait_state(run, "finished")
        queue.submit(paused)
        send(paused, "pause")
        wait_state(paused, "paused")
    finally:
        queue.close()
    assert paused.written_status.state == "parked"
    assert same_bits(run, undisturbed())


def test_a_dead_cluster_is_started_once_more_and_then_a_person_is_told(queue):
    run = new(ENDLESS)
    queue.submit(run)
    wait_state(run, "running")
    kill_cluster()
    wait(lambda: run.status.state == "running" and run.status.attempts == 1)
    kill_cluster()
    wait(lambda: "ended 2 times" in queue.machine().fault and run.written_status.state == "interrupted")
    assert queue.machine().workers == 0
    late = new()
    queue.submit(late)
    assert late.status.state == "queued" and queue.place(late).position == 1
    queue.stop(late)
    assert late.status.state == "stopped"


def kill_cluster():
    """SIGKILL to the process that holds scheduler and nannies; nothing that it started lives on."""
    cluster = [p for p in psutil.Process().children() if "genlab.jobs.cluster" in p.cmdline()]
    children = cluster[0].children(recursive=True)
    kill(cluster[0].pid)
    assert psutil.wait_procs(children, timeout=30)[1] == []


def test_a_cluster_whose_workers_are_gone_for_good_is_replaced(queue, monkeypatch):
    monkeypatch.setattr(pool, "BACK_S", 0.5)
    address, run = queue.machine().address, new()
    with Client(address, set_as_default=False) as client:
        client.retire_workers(close_workers=True)
    wait(lambda: queue.machine().workers == 0)
    assert address in queue.machine().fault
    queue.submit(run)
    wait_state(run, "finished")
    assert queue.machine().address != address and queue.machine().fault == ""


def test_a_cluster_that_cannot_start_says_why(monkeypatch):
    monkeypatch.setenv("GENLAB_WORKER_MEMORY", "a lot")
    with pytest.raises(LabError, match="a lot"):
        start_cluster()


def test_a_damaged_or_deleted_run_does_not_hold_up_the_others(queue):
    blocker, gone, broken, run = new(ENDLESS, owner="z"), new(owner="a"), new(owner="b"), new(owner="c")
    for each in (blocker, gone, broken, run):
        queue.submit(each)
    wait_state(blocker, "running")
    delete(gone)
    (broken.path / "config.json").write_text("{")
    queue.stop(blocker)
    wait_state(run, "finished")
    assert "config.json" in wait_state(broken, "failed").message
    assert [r.id for r in list_runs()].count(gone.id) == 0 and find_run(run.id) == run


def test_a_lab_that_closes_while_its_workers_come_up_leaves_none_behind():
    queue = Queue(PACE)
    cluster = wait(lambda: [p for p in psutil.Process().children() if "genlab.jobs.cluster" in p.cmdline()])[0]
    wait(lambda: cluster.children())   # they are coming up
    children = cluster.children(recursive=True)
    queue.close()
    assert psutil.wait_procs([cluster, *children], timeout=30)[1] == []
    assert queue.machine().workers == 0
