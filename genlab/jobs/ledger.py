"""What the queue writes into a run's folder, always and only while nobody trains it."""

import time
from dataclasses import replace

import filelock

from genlab.errors import RunError
from genlab.jobs.order import Ticket
from genlab.runs import Run, Status
from genlab.runs.folder import ACTIVE, append_line

RESUMES_BY_ITSELF = 1   # a run that takes its worker down with it must not do so for ever
PATIENCE_S = 2.0        # whoever looks at a run holds its lock for a moment


def ticket_of(run: Run) -> Ticket:
    """The run's place in the queue, from its folder."""
    config = run.config
    batch_size = min(config.plan.batch_size, config.plan.data.n or config.plan.batch_size)
    return Ticket(run, config.owner, run.written_status.queued_at, batch_size)


def mark(run: Run, state: str, message: str, *, event: str = "", **fields: float) -> Status:
    """Write a state and a message, and an event if it is named; the new status. RunError where somebody trains the run."""
    try:
        with run.lock().acquire(timeout=PATIENCE_S):
            status = run.written_status
            status = replace(status, state=state, message=message, before=status.at_rest, **fields)
            if event:
                append_line(run.path / "events.jsonl", {"time": time.time(), "step": status.step, "kind": event, "text": message, "values": {}})
            run.write_status(status)
            return status
    except filelock.Timeout:
        raise RunError(f"{run.id}: it is training already") from None


def mark_queued(run: Run) -> None:
    """The run waits, and may once more resume by itself."""
    mark(run, "queued", "Waiting for a worker.", queued_at=time.time(), attempts=0)


def mark_died(run: Run) -> bool:
    """Write down that the process which trained the run is gone; True where the run is to go on by itself.

    It keeps its place in time. A paused run is parked: nobody asked for it to go on.
    """
    status = run.written_status
    if status.state == "paused":
        mark(run, "parked", f"Paused at step {status.step}, and its worker is gone. It goes on from there when asked to.", event="parked")
        return False
    where = f"Interrupted at step {status.step}: the process that trained it is gone."
    if status.attempts >= RESUMES_BY_ITSELF:
        mark(run, "interrupted", f"{where} It had gone on by itself before; Resume tries again from its last state.", event="interrupted")
        return False
    mark(run, "queued", f"{where} It goes on from its last state as soon as a worker is free.", event="interrupted", attempts=status.attempts + 1)
    return True


def mark_closed(run: Run) -> None:
    """The workers were closed on purpose: the run waits for the next start, which doesn't count as a fault of its own."""
    status = run.written_status
    if status.state == "paused":
        mark_died(run)
    elif status.state in ACTIVE:
        mark(run, "queued", f"The lab was closed at step {status.step}; the run goes on when it opens again.", event="interrupted")


def has_more_steps(run: Run) -> bool:
    """True if the plan asks for more steps than a finished run has taken."""
    status, plan = run.written_status, run.plan
    if not status.epoch:
        return True
    planned = plan.epochs * round(status.step / status.epoch)
    return status.step < min(planned, plan.max_steps or planned)
