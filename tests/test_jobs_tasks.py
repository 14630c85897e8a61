"""Work for a page: carried out beside the workers, with progress, called off, and told of when it dies."""

import os

import psutil
import pytest
from distributed import Client
from jobs_on_workers import wait
from tiny_runs import tiny_run

from genlab.errors import LabError
from genlab.jobs import get_queue, shutdown
from genlab.jobs.tasks import (
    ABORTED,
    AT_REST,
    DONE,
    FAILED,
    GONE,
    MOST_WAITING,
    RUNNING,
    WAITING,
    TaskState,
    abort,
    carry_out,
    forget_old,
    host_is_up,
    look,
    read_status,
    submit,
    task_id,
    tasks_dir,
    write_status,
)
from genlab.maps import MapPlan, map_step, read_map


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    for name in ("RUNS", "CACHE", "CHECKPOINTS"):
        monkeypatch.setenv(f"GENLAB_{name}", str(tmp_path / name.lower()))


@pytest.fixture
def alone(monkeypatch):
    """No process comes up by itself: the test carries tasks out."""
    monkeypatch.setattr("genlab.jobs.tasks.warm", lambda: None)


def folder_of(id):
    return tasks_dir() / id


def test_the_same_work_is_the_same_task(alone):
    a = submit("genlab.data:describe", x=1)
    assert a == submit("genlab.data:describe", x=1) == task_id("genlab.data:describe", x=1) != submit("genlab.data:describe", x=2)
    assert look(a).state == WAITING
    with pytest.raises(ValueError, match="only functions of the lab"):
        submit("os:system", command="true")


def fake(monkeypatch, function):
    import genlab.data

    monkeypatch.setattr(genlab.data, "of_tests", function, raising=False)
    return submit("genlab.data:of_tests", n=3)


def test_a_task_tells_how_far_it_is_and_keeps_its_result(alone, monkeypatch):
    seen = []

    def work(n, told):
        told(0.5, "half")
        seen.append(read_status(folder_of(id)))
        return {"n": n}

    id = fake(monkeypatch, work)
    ended = carry_out(folder_of(id))
    assert ended.result == look(id).result == {"n": 3}
    assert look(id).state == DONE and seen[0].state == RUNNING and (seen[0].share, seen[0].what) == (0.5, "half")


def test_what_a_person_can_put_right_is_said_and_a_bug_is_told_as_one(alone, monkeypatch):
    def wrong(n, told):
        raise LabError("neighbours = 99; at most 9")

    id = fake(monkeypatch, wrong)
    carry_out(folder_of(id))
    assert (look(id).state, look(id).error) == (FAILED, "neighbours = 99; at most 9")

    def bug(n, told):
        raise KeyError("x")

    id = fake(monkeypatch, bug)
    with pytest.raises(KeyError):
        carry_out(folder_of(id))
    assert look(id).state == FAILED and look(id).error.startswith("a bug: KeyError")


def test_a_failed_task_can_be_asked_for_again(alone, monkeypatch):
    def wrong(n, told):
        raise LabError("no")

    id = fake(monkeypatch, wrong)
    carry_out(folder_of(id))
    assert submit("genlab.data:of_tests", n=3) == id and look(id).state == WAITING


def test_a_waiting_task_is_called_off_at_once_and_can_be_asked_for_again(alone):
    id = submit("genlab.data:describe")
    abort(id)
    assert look(id).state == ABORTED
    abort(id)
    abort("unknown")
    assert submit("genlab.data:describe") == id and look(id).state == WAITING and not (folder_of(id) / "abort").exists()


def test_a_task_whose_process_is_gone_has_failed(alone):
    id = submit("genlab.data:describe")
    write_status(folder_of(id), TaskState(RUNNING, 0.4, "laying out"))
    assert (look(id).state, look(id).share, look(id).error) == (FAILED, 0.4, GONE)


def test_a_damaged_status_is_none(alone):
    id = submit("genlab.data:describe")
    (folder_of(id) / "status.json").write_text("{half")
    assert look(id).state == WAITING


def test_old_tasks_are_forgotten(alone, monkeypatch):
    id = submit("genlab.data:describe")
    abort(id)
    monkeypatch.setattr("genlab.jobs.tasks.KEPT_S", -1.0)
    forget_old()
    assert not folder_of(id).exists()


def fit(run, **plan):
    return submit("genlab.maps.store:fit_map", run=run.id, step=map_step(run), plan=MapPlan(**{"prior": 20, **plan}).model_dump(), film=False)


def test_no_more_than_so_many_wait(alone):
    for x in range(MOST_WAITING):
        submit("genlab.data:describe", x=x)
    with pytest.raises(LabError, match="wait to be made already"):
        submit("genlab.data:describe", x=-1)
    assert submit("genlab.data:describe", x=0)


def test_on_a_real_worker_work_is_done_called_off_and_ends_with_the_worker(monkeypatch):
    """One cluster for all of it: it takes a while to come up."""
    monkeypatch.setenv("GENLAB_WORKERS", "1")
    shutdown()   # of a queue that an earlier test asked for
    try:
        run = tiny_run(epochs=1)
        id = fit(run, method="pca", n=50)
        wait(lambda: look(id).state in AT_REST)
        assert len(read_map(run.id, look(id).result)) == 70 and get_queue().machine().busy == 0
        long = fit(run, method="tsne", n=1797, prior=5000)   # half a minute alone, so that there is something to call off
        wait(lambda: look(long).state == RUNNING and look(long).share > 0)
        abort(long)
        wait(lambda: look(long).state == ABORTED and not host_is_up())
        again = fit(run, method="tsne", n=1796, prior=5000)
        wait(lambda: look(again).state == RUNNING)
        with Client(get_queue().machine().address, set_as_default=False) as client:
            (pid,) = client.run(os.getpid).values()
        hosts = [p for p in psutil.Process(pid).children() if "genlab.jobs.taskhost" in " ".join(p.cmdline())]
        assert len(hosts) == 1
    finally:
        shutdown()
    wait(lambda: not hosts[0].is_running() or hosts[0].status() == psutil.STATUS_ZOMBIE)
    assert look(again).state == FAILED
