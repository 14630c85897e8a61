"""Training in the background: one queue for the whole process, its workers in processes of their own."""

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:   # the cluster's process comes through here and needs neither torch nor the queue
    from genlab.jobs.queue import Queue

_queue: "Queue | None" = None
_lock = threading.Lock()


def get_queue() -> "Queue":
    """The queue of this process; the first call makes it, and its workers come up in the background."""
    from genlab.jobs.queue import Queue

    global _queue
    with _lock:
        if _queue is None:
            _queue = Queue()
        return _queue


def running_queue() -> "Queue | None":
    """The queue of this process if somebody has made it."""
    return _queue


def shutdown() -> None:
    """End the queue and its workers, if there are any; runs that trained go on at the next start."""
    global _queue
    with _lock:
        queue, _queue = _queue, None
    if queue:
        queue.close()
