"""The process that carries out tasks, one after another: warm before the first, gone when idle, called off, or alone.

    python -m genlab.jobs.taskhost --parent PID

It is a child of a worker, ends with it, and has its low priority: pages come first. To call a task off is to end this process:
nothing else stops a fit in compiled code.
"""

import argparse
import logging
import os
import threading
import time
import traceback
from pathlib import Path

import filelock
import psutil

from genlab.jobs.tasks import ABORTED, RUNNING, TaskState, carry_out, host_lock, read_status, waiting, write_status

IDLE_S = 900.0     # then its memory (about 500 MB once it has fitted a map) goes back
LOOK_S = 0.1
QUIET_S = 2.0      # without a task, before it warms up: nothing is carried out meanwhile
WARM_UP = (64, 4200)   # points of the maps it is warmed up by: from 4096 on UMAP looks for neighbours in another way, compiled in 20 s more

log = logging.getLogger("genlab.jobs.taskhost")


class Host:
    """Carries out tasks until it has had none for a while."""

    def __init__(self, parent: psutil.Process):
        self.parent, self.folder, self.idle_since = parent, None, time.monotonic()

    def serve(self) -> None:
        """Take one task after the other; return after IDLE_S without any."""
        threading.Thread(target=self._watch, daemon=True).start()
        cold = list(WARM_UP)
        while time.monotonic() - self.idle_since < IDLE_S:
            if folders := waiting():
                self._do(folders[0])
                self.idle_since = time.monotonic()
            elif cold and time.monotonic() - self.idle_since > QUIET_S:   # a task goes first, and so does the one that often follows it
                warm_up(cold.pop(0))
            else:
                time.sleep(LOOK_S)

    def _do(self, folder: Path) -> None:
        self.folder = folder
        try:
            carry_out(folder)
        except Exception:
            traceback.print_exc()   # into the cluster's log; the task's status has the short of it
        finally:
            self.folder = None

    def _watch(self) -> None:
        """End this process when its parent is gone or its task is wanted no more."""
        while self.parent.is_running() and self.parent.status() != psutil.STATUS_ZOMBIE:
            folder = self.folder
            if folder and (folder / "abort").exists() and read_status(folder).state == RUNNING:
                write_status(folder, TaskState(ABORTED, what="called off"))
                os._exit(0)
            time.sleep(LOOK_S)
        os._exit(0)


def warm_up(points: int) -> None:
    """Fit a map of so many points: imports are done and umap's code is compiled for this process, which takes ten seconds and more."""
    import numpy as np

    import genlab.maps.make  # noqa: F401  (torch and the models)
    from genlab.latent.projection import project

    z = np.random.default_rng(0).standard_normal((points, 4))
    project(z, "umap", neighbours=5)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m genlab.jobs.taskhost", description="Carries out tasks until it is idle or its parent is gone.")
    parser.add_argument("--parent", type=int, required=True, help="id of the process to end with")
    parent = psutil.Process(parser.parse_args().parent)
    try:
        with host_lock().acquire(timeout=2):   # who only looks lets go at once
            Host(parent).serve()
    except filelock.Timeout:   # another one is up already
        return


if __name__ == "__main__":
    main()
