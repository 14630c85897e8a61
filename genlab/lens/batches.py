"""Decoding for many at once: whoever waits for the same model is decoded in one forward pass."""

import threading
from collections import OrderedDict, deque
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from genlab.errors import LabError
from genlab.lens.models import MODELS, ModelCache, ServedModel

WORKERS = 2        # so that loading one model does not hold up another
LARGEST = 32       # latents in a forward pass; on a CPU more are no faster each, and everybody else waits for longer
WAITING = 4096     # latents that may wait; more are refused

Target = tuple[str, int]
"""Run id and step, or NEWEST."""


@dataclass(frozen=True)
class Decoded:
    """Pixels uint8 (n, H, W, C) and the step of the weights that made them."""

    pixels: np.ndarray
    step: int


@dataclass
class _Job:
    z: np.ndarray
    done: Future = field(default_factory=Future)


class Batcher:
    """Takes latents from any thread and decodes them in threads of its own, in turn by model and in order within one.

    While a pass runs the next one gathers, so nobody waits for company, and the more there is to do the larger passes get.
    """

    def __init__(self, models: ModelCache = MODELS):
        self.models = models
        self.passes = 0
        self._jobs: OrderedDict[Target, deque[_Job]] = OrderedDict()
        self._running: set[Target] = set()
        self._waiting = 0
        self._changed = threading.Condition()
        self._threads: list[threading.Thread] = []

    def submit(self, target: Target, z: np.ndarray) -> "Future[Decoded]":
        """What z decodes into.  (n, D), n at most LARGEST; the future raises LabError where it cannot be decoded."""
        job = _Job(z)
        with self._changed:
            if self._waiting + len(z) > WAITING:
                raise LabError("the server is busy: too many images wait to be decoded; try again in a moment")
            self._start()
            self._waiting += len(z)
            self._jobs.setdefault(target, deque()).append(job)
            self._changed.notify()
        return job.done

    def _start(self) -> None:
        while len(self._threads) < WORKERS:
            thread = threading.Thread(target=self._work, name=f"decode-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(self._next)
                target = self._next()
                jobs = self._take(target)
                self._running.add(target)
                self.passes += 1
            try:
                self._decode(target, [job for job in jobs if job.done.set_running_or_notify_cancel()])
            finally:
                with self._changed:
                    self._running.discard(target)
                    self._changed.notify()

    def _next(self) -> Target | None:
        """Whose turn it is: the longest waiting model that no other thread works on."""
        return next((target for target in self._jobs if target not in self._running), None)

    def _take(self, target: Target) -> list[_Job]:
        """The oldest jobs of this model that fit one pass; what is left goes to the end of the queue."""
        queue, jobs, room = self._jobs.pop(target), [], LARGEST
        while queue and (not jobs or len(queue[0].z) <= room):
            jobs.append(queue.popleft())
            room -= len(jobs[-1].z)
            self._waiting -= len(jobs[-1].z)
        if queue:
            self._jobs[target] = queue
        return jobs

    def _decode(self, target: Target, jobs: list[_Job]) -> None:
        try:
            model = self.models.get(*target)
            jobs = [job for job in jobs if _fits(job, model)]
            if not jobs:
                return
            pixels = model.decode(np.concatenate([job.z for job in jobs]))
        except Exception as error:   # handed to whoever asked, who knows what to do with it
            for job in jobs:
                job.done.set_exception(error)
            return
        ends = np.cumsum([len(job.z) for job in jobs])
        for job, part in zip(jobs, np.split(pixels, ends[:-1]), strict=True):
            job.done.set_result(Decoded(part, model.step))


def _fits(job: _Job, model: ServedModel) -> bool:
    """True where the job can share a pass; one that cannot is told why, and spoils nobody else's."""
    try:
        model.check(job.z)
    except LabError as error:
        job.done.set_exception(error)
        return False
    return True


BATCHER = Batcher()
"""The server's own."""
