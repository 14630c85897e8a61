"""The queue: which run trains next, and what becomes of those whose worker went."""

import logging
import threading
from dataclasses import dataclass

from distributed import Future

from genlab.errors import LabError, RunError
from genlab.jobs import ledger
from genlab.jobs.order import Ticket, fair_order, starts_in
from genlab.jobs.pool import Pool
from genlab.paths import explained
from genlab.runs import Run, begin, list_runs, send
from genlab.runs.folder import ACTIVE
from genlab.training import Pace

log = logging.getLogger("genlab.jobs.queue")

TICK_S = 1.0         # how often it looks at what nobody reports: workers that came up, runs that others train, a dead cluster
ENDING_S = 10.0      # how long a run may take from its last word to handing back its worker
RESUMABLE = ("stopped", "parked", "interrupted", "failed", "finished", "queued")


@dataclass(frozen=True)
class Place:
    """Where a run stands among those that wait: 1 is next. starts_in_s is None where nobody can know."""

    position: int
    ahead: int
    starts_in_s: float | None


@dataclass(frozen=True)
class Machine:
    """What there is to train on. fault says in words why nothing starts, empty while all is well."""

    workers: int
    busy: int
    waiting: int
    address: str
    fault: str = ""


class Queue:
    """Hands runs to workers in a fair order, decided when a worker is free and no earlier.

    All that it knows is in the run folders: a new one, in a new process, finds the queued runs and those whose process is gone.
    """

    def __init__(self, pace: Pace = Pace()):
        self._pace, self._pool = pace, Pool()
        self._changed = threading.Condition()
        self._woken, self._closing = False, False
        self._waiting: dict[Run, Ticket] = {}
        self._training: dict[Run, Ticket] = {}     # sent to a worker
        self._elsewhere: dict[Run, Ticket] = {}    # held by a process that this queue did not send them to
        self._ended: list[Run] = []                # back from a worker, whatever became of them
        self._futures: dict[Run, Future] = {}      # Dask forgets a task whose future is gone
        self._served: dict[str, int] = {}          # the how-manieth run sent was an owner's last
        self._sent, self._slots, self._fault = 0, 0, ""
        for run in list_runs():
            if not run.is_shipped:
                self._take_up(run)
        self._thread = threading.Thread(target=self._serve, name="genlab-queue", daemon=True)
        self._thread.start()

    # -- what a person asks -------------------------------------------------------------------------------------

    def submit(self, run: Run) -> None:
        """Put a new run into the queue; again does no harm. RunError where it is shipped, gone, or not waiting for its turn."""
        with self._changed:
            self._check(run, ("queued", *ACTIVE))
            if run not in self._waiting and run not in self._training:
                self._enqueue(run)

    def resume(self, run: Run, changes: dict[str, float] | None = None) -> None:
        """Let a run go on from its last state, with live settings changed before its first step; a paused one at once.

        RunError where it has nothing left to do, ConfigError where a change makes no sense.
        """
        requests = [("set", name, value) for name, value in (changes or {}).items()]
        with self._changed:
            # a run that has said its last word gives back its worker a moment later
            if not self._changed.wait_for(lambda: run not in self._training or run.status.state in ("queued", *ACTIVE), ENDING_S):
                raise RunError(f"{run.id}: it is just ending; try again in a moment")
            goes_on = run in self._waiting or run in self._training or run.status.state in ACTIVE
            if goes_on:
                requests.append(("resume", "", 0.0))
            else:
                self._check(run, RESUMABLE)
                begin(run)
            for request in requests:
                send(run, *request)
            if not goes_on:
                self._enqueue(run)

    def stop(self, run: Run) -> None:
        """Stop a run: within one step where it trains, at once where it waits; where it has ended, nothing happens."""
        with self._changed:
            waited, state = self._waiting.pop(run, None), run.status.state
            if run in self._training or state in ACTIVE:
                send(run, "stop")
            elif waited or state == "queued":
                ledger.mark(run, "stopped", "Stopped before a worker took it.", event="stopped")

    def place(self, run: Run) -> Place | None:
        """Where a waiting run stands; None where it doesn't wait."""
        with self._changed:
            order, taken, slots = self._order(), self._taken(), self._slots
        runs = [ticket.run for ticket in order]
        if run not in runs:
            return None
        ahead = runs.index(run)
        return Place(ahead + 1, ahead, starts_in(order[:ahead], taken, slots))

    def machine(self) -> Machine:
        """What there is to train on, and how much of it is in use."""
        with self._changed:
            return Machine(self._slots, len(self._taken()), len(self._waiting), self._pool.address, self._fault)

    def close(self) -> None:
        """End the queue and its embedded workers; runs that trained there wait for the next start."""
        with self._changed:
            self._closing, self._pool.is_wanted = True, False
            self._wake()
        self._thread.join()
        self._pool.close()
        for run in self._training if self._pool.is_embedded else ():
            try:
                ledger.mark_closed(run)
            except LabError as error:
                log.warning("%s", error)

    def _check(self, run: Run, allowed: tuple[str, ...]) -> None:
        if run.is_shipped:
            raise RunError(f"{run.id}: shipped runs are read-only; fork it to train on")
        state = run.status.state
        if state not in allowed:
            raise RunError(f"{run.id}: it is {state}; it has to be {' or '.join(allowed)}")
        if state == "finished" and not ledger.has_more_steps(run):
            raise RunError(f"{run.id}: it has taken all steps of its plan; fork it to train longer")

    def _enqueue(self, run: Run) -> None:
        ledger.mark_queued(run)
        self._waiting[run] = ledger.ticket_of(run)
        self._wake()

    # -- what it sees (each with the lock held) -----------------------------------------------------------------

    def _order(self) -> list[Ticket]:
        for run in [run for run in self._waiting if not run.path.is_dir()]:
            del self._waiting[run]   # deleted while it waited
        return fair_order(self._waiting.values(), [*self._training.values(), *self._elsewhere.values()], self._served)

    def _taken(self) -> list[Ticket]:
        """Runs that have a worker. On a cluster that outlives servers, one's predecessor's runs have one too."""
        return [*self._training.values(), *(() if self._pool.is_embedded else self._elsewhere.values())]

    def _wake(self) -> None:
        self._woken = True
        self._changed.notify_all()

    # -- the thread that hands out ------------------------------------------------------------------------------

    def _serve(self) -> None:
        while not self._closing:
            self._woken, fault = False, ""
            try:
                self._turn()
            except LabError as error:
                fault = str(error)
            except Exception as error:
                log.exception("the queue met a bug and goes on")
                fault = f"the queue met a bug and goes on: {error!r} (see the server's log)"
            with self._changed:
                self._fault, self._slots = fault, 0 if fault else self._slots
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._woken, TICK_S)

    @explained()
    def _turn(self) -> None:
        with self._changed:
            self._settle()
        self._pool.ensure(idle=not self._training)
        slots = self._pool.slots()
        with self._changed:
            self._slots = slots
            while len(self._taken()) < slots and (order := self._order()):
                self._send(order[0])

    def _settle(self) -> None:
        """Find out what became of the runs that nobody trains any more."""
        while self._ended:
            run = self._ended.pop()
            del self._training[run], self._futures[run]
            self._take_up(run, was_sent=True)
        for run in [run for run in self._elsewhere if not run.is_held]:
            del self._elsewhere[run]
            self._take_up(run)

    def _take_up(self, run: Run, was_sent: bool = False) -> None:
        """Sort in a run that no worker of this queue trains: others train it, it waits, it died, or it has ended."""
        try:
            if run.is_held:
                self._elsewhere[run] = ledger.ticket_of(run)
                return
            state = run.written_status.state   # read after the look at who holds it: a last word comes before the lock is let go
            if state == "queued" and not was_sent or state in ("queued", *ACTIVE) and ledger.mark_died(run):
                self._waiting[run] = ledger.ticket_of(run)
            elif was_sent:
                self._pool.prove()
        except LabError as error:
            log.warning("%s", error)

    def _send(self, ticket: Ticket) -> None:
        run = ticket.run
        del self._waiting[run]
        self._training[run] = ticket
        self._sent += 1
        self._served[ticket.owner] = self._sent
        self._futures[run] = self._pool.send(run, self._pace, lambda _: self._came_back(run))

    def _came_back(self, run: Run) -> None:
        with self._changed:
            self._ended.append(run)
            self._wake()
