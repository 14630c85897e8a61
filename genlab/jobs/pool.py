"""The workers, wherever they are: an embedded cluster, or one that GENLAB_SCHEDULER names."""

import os
import time
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict

from distributed import Client, Future, fire_and_forget

from genlab.errors import LabError
from genlab.jobs.cluster import Cluster, log_path, start_cluster
from genlab.jobs.worker import train_run
from genlab.runs import Run
from genlab.training import Pace

CONNECT_S = 3
BACK_S = 120   # a worker that died is replaced within seconds, on a busy machine within a minute
STARTS = 2     # an embedded cluster that ended is started once more; one that keeps ending has a reason that a person must look at


class Pool:
    """A connection to Dask that mends itself where it can, and says what is wrong where it can't. For one thread alone."""

    def __init__(self):
        self.is_wanted = True   # false lets go of a cluster that is just coming up
        self.scheduler = os.environ.get("GENLAB_SCHEDULER", "")
        self._cluster: Cluster | None = None
        self._client: Client | None = None
        self._starts, self._short_since = 0, 0.0

    @property
    def is_embedded(self) -> bool:
        return not self.scheduler

    @property
    def address(self) -> str:
        """Where the scheduler listens; empty until it does."""
        return self.scheduler or (self._cluster.address if self._cluster else "")

    def ensure(self, idle: bool) -> None:
        """Be connected to living workers; LabError where that can't be had. While idle, a cluster that lost workers for good is replaced."""
        if self.is_embedded and not (self._cluster and self._cluster.is_alive and not (idle and self._is_short())):
            self._start()
        if self._client and self._client.status == "closed":
            self._leave()
        if not self._client:
            self._client = self._connect()

    def slots(self) -> int:
        """How many runs can train at once now; LabError where the scheduler does not answer."""
        try:
            slots = sum(self._client.nthreads().values())
        except OSError:
            raise self._unreachable() from None
        self._watch(slots)
        if not slots:
            raise LabError(f"no training worker is up at {self.address}; queued runs wait for one")
        return slots

    def send(self, run: Run, pace: Pace, when_done: Callable[[Future], None]) -> Future:
        """Have a worker train the run; keep the future for as long as it does."""
        future = self._client.submit(train_run, str(run.path), **asdict(pace), key=f"{run.id}-{uuid.uuid4().hex[:8]}", pure=False)
        fire_and_forget(future)   # on a cluster that outlives this process the scheduler must go on knowing that the worker is busy
        future.add_done_callback(when_done)
        return future

    def prove(self) -> None:
        """The workers carried a run to its end: what went wrong before no longer counts."""
        self._starts = min(self._starts, 1)

    def close(self) -> None:
        """Leave the scheduler; an embedded one ends with all its workers."""
        self._leave()
        if self._cluster and self._cluster.is_alive:
            self._cluster.close()

    def _start(self) -> None:
        if self._starts >= STARTS:
            raise LabError(f"the training workers ended {STARTS} times, so they were not started again; queued runs wait. "
                           f"What happened is in {log_path()}. Closing the lab and opening it again starts them")
        self.close()
        log_path().parent.mkdir(parents=True, exist_ok=True)   # no start counts while there is nowhere to write
        self._starts, self._short_since = self._starts + 1, 0.0
        self._cluster = start_cluster(lambda: self.is_wanted)

    def _watch(self, slots: int) -> None:
        if not self._cluster or slots >= self._cluster.workers:
            self._short_since = 0.0
        elif not self._short_since:
            self._short_since = time.monotonic()

    def _is_short(self) -> bool:
        return self._short_since > 0 and time.monotonic() - self._short_since > BACK_S

    def _connect(self) -> Client:
        try:
            return Client(self.address, timeout=CONNECT_S, set_as_default=False)
        except (OSError, ValueError):
            raise self._unreachable() from None

    def _leave(self) -> None:
        if self._client:
            with suppress(OSError):   # there may be nobody left to say goodbye to
                self._client.close(timeout=CONNECT_S)
            self._client = None

    def _unreachable(self) -> LabError:
        name = "the training workers" if self.is_embedded else "GENLAB_SCHEDULER"
        return LabError(f"{name} at {self.address}: no Dask scheduler answers there. Queued runs wait, and it is tried again and again")
