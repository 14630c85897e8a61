"""Whether a run is held is seen without holding it: by threads, by other processes, and however many look at once."""

import subprocess
import sys
import threading

import filelock
import pytest
from tiny_runs import use_folders

from genlab.data import DataSpec
from genlab.hold import is_locked
from genlab.runs import Run, Status, create_run, delete
from genlab.training import TrainPlan

LOOKS = 3000
HOLD = """
import sys, filelock
from pathlib import Path
from genlab.hold import lock_file
lock = lock_file(Path(sys.argv[1])) if sys.argv[2] == "lock_file" else filelock.FileLock(sys.argv[1])
with lock:
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def run(tmp_path, monkeypatch) -> Run:
    use_folders(monkeypatch, tmp_path)
    made = create_run(TrainPlan(data=DataSpec(name="digits", n=16, size=16), settings={"width": 4}))
    with made.lock().acquire():
        pass
    return made


def together(*jobs):
    """Run these at once, each in a thread; what each gave."""
    start, found = threading.Barrier(len(jobs)), [None] * len(jobs)

    def work(i, job):
        start.wait()
        found[i] = job()

    threads = [threading.Thread(target=work, args=each) for each in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_threads_that_look_at_a_free_run_never_see_each_other(run):
    def look():
        return sum(run.is_held for _ in range(LOOKS))

    assert together(look, look) == [0, 0]


def test_looking_never_keeps_anybody_from_taking_it(run):
    def look():
        for _ in range(LOOKS):
            _ = run.is_held

    def take():
        refused = 0
        for _ in range(LOOKS // 10):
            try:
                with run.lock().acquire(blocking=False):
                    pass
            except filelock.Timeout:
                refused += 1
        return refused

    assert together(look, look, take)[2] == 0


def test_threads_that_look_at_a_held_run_always_see_it(run):
    def look():
        return sum(run.is_held for _ in range(LOOKS))

    with run.lock().acquire():
        assert together(look, look) == [LOOKS, LOOKS]
    assert not run.is_held


def test_a_status_read_by_many_is_never_running_once_the_run_is_free(run):
    run.write_status(Status(state="running", step=3))

    def look():
        return {run.status.state for _ in range(300)}

    assert together(look, look, look) == [{"interrupted"}] * 3
    delete(run)


@pytest.mark.parametrize("how", ["lock_file", "flock alone"])
def test_another_process_is_seen_until_it_dies(run, how):
    path = run.path / ".lock"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(path), how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "held\n"
        assert run.is_held
        with pytest.raises(filelock.Timeout):
            run.lock().acquire(blocking=False)
        assert run.is_held   # a refused attempt changed nothing
    finally:
        holder.kill()
        holder.communicate()
    assert not run.is_held


def test_what_has_no_lock_is_free(tmp_path):
    assert not is_locked(tmp_path / ".lock") and not (tmp_path / ".lock").exists()
