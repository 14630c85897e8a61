"""What the queue decides and writes, without a worker: order, estimates, marks, and the settings of the cluster."""

import math
import subprocess
import sys
from dataclasses import replace

import pytest

from genlab.data import DataSpec
from genlab.errors import ConfigError, RunError
from genlab.jobs import ledger
from genlab.jobs.cluster import threads_each, worker_count, worker_memory
from genlab.jobs.order import Ticket, fair_order, remaining_s, starts_in
from genlab.runs import Run, create_run, delete, execute
from genlab.training import TrainPlan


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CHECKPOINTS", str(tmp_path / "checkpoints"))


def tiny(**changes):
    values = {"data": DataSpec(name="digits", n=32, size=16), "settings": {"latent_dim": 2, "width": 4}, "batch_size": 16, "epochs": 2, "threads": 1}
    return TrainPlan(**{**values, **changes})


def tickets(text, path):
    """ "a1 b2" -> a run of owner a queued at 1, one of owner b at 2; their ids are the words."""
    return [Ticket(Run(path / word), word[0], float(word[1:])) for word in text.split()]


def order_of(waiting, training, path):
    return " ".join(t.run.id for t in fair_order(tickets(waiting, path), tickets(training, path)))


@pytest.mark.parametrize(("cores", "workers", "threads"), [(2, 2, 1), (2, 1, 2), (2, 4, 1), (1, 2, 1), (8, 2, 4), (6, 2, 3), (64, 2, 4)])
def test_workers_share_the_cores(monkeypatch, cores, workers, threads):
    monkeypatch.setattr("dask.system.CPU_COUNT", cores)
    assert threads_each(workers) == threads


def test_everybodys_first_run_goes_before_anybodys_second(tmp_path):
    assert order_of("a1 a2 a3 b4 c5", "", tmp_path) == "a1 b4 c5 a2 a3"
    assert order_of("a3 a1 b2 b4", "", tmp_path) == "a1 b2 a3 b4"
    assert order_of("", "a1", tmp_path) == ""


def test_runs_that_train_count_as_their_owners_first(tmp_path):
    assert order_of("a2 a3 b4 b5 c6", "a1", tmp_path) == "b4 c6 a2 b5 a3"
    assert order_of("a2 b4", "a0 a1 b3", tmp_path) == "b4 a2"


def test_among_equals_whoever_was_served_longest_ago_goes_first(tmp_path):
    """One worker, and a's runs all came first: without this, b and c would wait for the last of them."""
    waiting, starts = tickets("a1 a2 a3 b4 b5 c6", tmp_path), []
    served = {}
    while waiting:
        ticket = fair_order(waiting, [], served)[0]
        served[ticket.owner] = len(starts) + 1
        waiting.remove(ticket)
        starts.append(ticket.run.id)
    assert starts == ["a1", "b4", "c6", "a2", "b5", "a3"]


def with_status(run, **fields):
    run.write_status(replace(run.status, **fields))
    return run


def test_the_start_is_estimated_from_what_is_left_and_is_none_where_nobody_can_know():
    def ticket(**fields):
        return ledger.ticket_of(with_status(create_run(tiny()), **fields))

    soon = ticket(state="running", step=50, total_steps=60, images_per_s=16.0)       # 10 steps of 16 images: 10 s
    late = ticket(state="running", step=0, total_steps=60, images_per_s=32.0)        # 30 s
    paused = ticket(state="paused", step=50, total_steps=60, images_per_s=16.0)
    new = ticket(state="queued")
    resumed = ticket(state="queued", step=40, total_steps=60, images_per_s=16.0)     # 20 s
    assert starts_in([], [soon, late], 2) == 10
    assert starts_in([], [soon], 2) == 0                        # a worker is free
    assert starts_in([resumed], [soon, late], 2) == 30          # after the late one, since the resumed one takes 10 + 20
    assert starts_in([new], [soon, late], 2) == 30
    assert starts_in([new, new], [soon, late], 2) is None       # how long a new run takes is not known
    few = ticket(state="running", step=50, total_steps=60, images_per_s=16.0, batch_size=4)   # fewer images than a batch is to have
    assert starts_in([], [few, late], 2) == 2.5
    assert starts_in([], [paused, paused], 2) is None
    assert starts_in([], [paused, late], 2) == 30
    assert starts_in([], [soon], 0) is None
    delete(soon.run)
    assert math.isinf(remaining_s(soon))


def test_a_run_that_died_goes_on_by_itself_once():
    run = with_status(create_run(tiny()), state="running", step=3)
    queued_at = run.written_status.queued_at
    assert run.status.state == "interrupted"
    assert ledger.mark_died(run)
    assert run.status.state == "queued" and run.status.attempts == 1 and run.status.queued_at == queued_at
    assert "step 3" in run.status.message and [e["kind"] for e in run.events()] == ["interrupted"]
    with_status(run, state="running", step=5)
    assert not ledger.mark_died(run)
    assert run.status.state == "interrupted" and "Resume" in run.status.message
    ledger.mark_queued(run)
    assert run.status.attempts == 0


def test_a_paused_run_that_died_is_parked_not_resumed():
    run = with_status(create_run(tiny()), state="paused", step=3)
    assert not ledger.mark_died(run)
    assert run.status.state == "parked" and run.events()[-1]["kind"] == "parked"


def test_runs_on_purpose_closed_wait_without_a_fault_of_their_own():
    run = with_status(create_run(tiny()), state="running", step=3)
    ledger.mark_closed(run)
    assert run.status.state == "queued" and run.status.attempts == 0
    ended = with_status(create_run(tiny()), state="finished", step=3)
    ledger.mark_closed(ended)
    assert ended.status.state == "finished"


def test_nothing_is_written_while_somebody_trains_the_run(monkeypatch):
    monkeypatch.setattr(ledger, "PATIENCE_S", 0.05)
    run = create_run(tiny())
    with run.lock().acquire(), pytest.raises(RunError, match="training already"):
        ledger.mark_queued(run)
    assert run.events() == []


def test_a_deleted_run_leaves_no_empty_folder_behind():
    run = create_run(tiny())
    delete(run)
    with pytest.raises(RunError, match="deleted"):
        ledger.mark_queued(run)
    with pytest.raises(RunError, match="deleted"):
        execute(run)
    assert not run.path.exists()


def test_a_finished_run_has_more_steps_only_if_its_plan_says_so():
    run = create_run(tiny())
    execute(run)
    assert run.status.state == "finished" and not ledger.has_more_steps(run)
    run.write_config(replace(run.config, plan=run.plan.model_copy(update={"epochs": 3})))
    assert ledger.has_more_steps(run)
    run.write_config(replace(run.config, plan=run.plan.model_copy(update={"max_steps": 4})))
    assert not ledger.has_more_steps(run)


@pytest.mark.parametrize("value", ["0", "two", "-1", "1000"])
def test_a_worker_count_that_makes_no_sense_is_refused(monkeypatch, value):
    monkeypatch.setenv("GENLAB_WORKERS", value)
    with pytest.raises(ConfigError, match="GENLAB_WORKERS"):
        worker_count()


def test_worker_memory_is_shared_or_as_told(monkeypatch):
    assert worker_memory(2) == pytest.approx(worker_memory(1) / 2, rel=0.01)
    monkeypatch.setenv("GENLAB_WORKER_MEMORY", "3GB")
    assert worker_memory(2) == 3_000_000_000
    monkeypatch.setenv("GENLAB_WORKER_MEMORY", "a lot")
    with pytest.raises(ConfigError, match="GENLAB_WORKER_MEMORY"):
        worker_memory(2)


def test_the_cluster_process_needs_no_torch():
    """It holds the scheduler alone: what it imports on the way in, every lab pays for."""
    code = "import sys, genlab.jobs.cluster; print([m for m in ('torch', 'streamlit', 'sklearn', 'dask') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
