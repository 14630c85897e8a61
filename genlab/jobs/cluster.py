"""The embedded cluster: a Dask scheduler and its workers, in a process of their own that ends with the one that started it.

    python -m genlab.jobs.cluster --address-file F [--workers N] --parent PID

GENLAB_WORKERS is how many workers there are (2), GENLAB_WORKER_MEMORY what one of them may take ("4GB"; by default they share
four fifths of the machine). Scheduler and workers listen on the loopback interface alone.
"""

import argparse
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from genlab.errors import ConfigError, LabError
from genlab.files import write_atomic
from genlab.paths import ROOT, runs_dir

QUIET = "ignore:resource_tracker:UserWarning"   # what is left behind when workers are killed is cleaned up, and said so at length
WATCH_EVERY_S = 0.25
NICE = 10                 # of the cluster and of all it starts
LOG_BYTES = 1_000_000     # a longer log begins anew at the next start

LOOPBACK = "127.0.0.1:0"   # Dask opens an HTTP port even without a dashboard, by default to everybody

ENVIRONMENT = "distributed.nanny.pre-spawn-environ"
SETTINGS = {
    "distributed.scheduler.allowed-failures": 0,      # a run whose worker died is the queue's to send again
    "distributed.scheduler.worker-saturation": 1.0,   # no worker hoards runs that another could begin
    "distributed.scheduler.work-stealing": False,
    "distributed.deploy.lost-worker-timeout": "1 day",   # 15 s by default, which on a busy machine ends a worker that is just coming back
    "distributed.worker.profile.enabled": False,      # it would look at the training thread 100 times a second
    "distributed.worker.memory.target": False,        # runs leave nothing in Dask's memory that could be spilled ...
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,         # ... and a paused worker would leave its place empty
    "distributed.worker.memory.terminate": 0.95,
    # In place of Dask's own. The report's network on 64x64 images and two cores, images/s, medians of three: threads of OpenMP that
    # wait by spinning take the cores from a second run (two at once 246 together, with less spinning 337; alone 404 and 387), and the
    # MALLOC_TRIM_THRESHOLD_ that Dask sets has every tensor mapped anew (alone 271).
    ENVIRONMENT: {"GOMP_SPINCOUNT": "10000"},
}


THREADS = 4   # of a run at most: its networks are small, and more wait for each other


# -- in the server ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cluster:
    """A cluster that this process started: where it listens, its process, and how many workers it has while all is well."""

    address: str
    process: subprocess.Popen
    workers: int

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    def close(self) -> None:
        """End scheduler and workers, whatever they do, and return when none of them holds a run any more."""
        with suppress(psutil.NoSuchProcess):
            workers = psutil.Process(self.process.pid).children(recursive=True)
            self.process.terminate()
            psutil.wait_procs(workers, timeout=10)
        self.process.wait(timeout=10)


def start_cluster(is_wanted: Callable[[], bool] = lambda: True) -> Cluster:
    """A new embedded cluster, once its workers are warm; LabError with the end of its log where it ends before that, or is no longer wanted."""
    workers, log = worker_count(), log_path()
    log.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="genlab-cluster-") as folder:
        address_file = Path(folder) / "address"
        process = _launch(address_file, workers, log)
        while not address_file.exists():   # a busy machine may take minutes to import torch: only its end is a failure
            if process.poll() is not None:
                raise LabError(f"the training workers did not start: {_last_line(log)} (see {log})")
            if not is_wanted():
                process.terminate()
                process.wait(timeout=10)
                raise LabError("the training workers are no longer wanted")
            time.sleep(0.02)
        return Cluster(address_file.read_text(), process, workers)


def _launch(address_file: Path, workers: int, log: Path) -> subprocess.Popen:
    options = {"--address-file": address_file, "--parent": os.getpid(), "--workers": workers}
    command = [sys.executable, "-m", "genlab.jobs.cluster", *(str(word) for option in options.items() for word in option)]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    warnings = ",".join(filter(None, [os.environ.get("PYTHONWARNINGS"), QUIET]))
    with log.open("wb" if _is_long(log) else "ab") as out:
        # a session of its own: Ctrl-C in the server's terminal must reach the server alone
        env = {**os.environ, "PYTHONPATH": path, "PYTHONWARNINGS": warnings}
        try:
            return subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True)
        except OSError as error:   # this very Python may be closed to this user
            raise LabError(f"the training workers did not start: {sys.executable}: {error.strerror}") from None


def log_path() -> Path:
    """Where the cluster and its workers write what goes wrong."""
    return runs_dir() / ".logs" / "cluster.log"


def _is_long(log: Path) -> bool:
    return log.exists() and log.stat().st_size > LOG_BYTES


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "its log is empty")


# -- in the cluster's own process ---------------------------------------------------------------------------------


def serve(address_file: Path, workers: int, parent: int) -> None:
    """Run scheduler and workers until the parent process is gone or this one is told to end."""
    # imported here: the workers import this module again on their way up, and the server only starts a process with it
    import dask
    from distributed import LocalCluster

    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    preset = {**SETTINGS[ENVIRONMENT], "OMP_NUM_THREADS": str(threads_each(workers))}   # one that is set for the whole lab comes first
    with dask.config.set({**SETTINGS, ENVIRONMENT: preset}):
        cluster = LocalCluster(n_workers=workers, threads_per_worker=1, processes=True, silence_logs=logging.ERROR,
                               scheduler_kwargs={"dashboard": False, "dashboard_address": LOOPBACK}, worker_dashboard_address=LOOPBACK,
                               memory_limit=worker_memory(workers), preload=["genlab.jobs.worker"])
        write_atomic(address_file, cluster.scheduler_address)
        threading.Event().wait()


def worker_memory(workers: int) -> int:
    """Bytes that one worker may take: GENLAB_WORKER_MEMORY, or its part of four fifths of the machine (or container)."""
    from dask.utils import parse_bytes
    from distributed.system import MEMORY_LIMIT

    named = os.environ.get("GENLAB_WORKER_MEMORY")
    try:
        return parse_bytes(named) if named else int(0.8 * MEMORY_LIMIT / workers)
    except ValueError:
        raise ConfigError(f"GENLAB_WORKER_MEMORY = {named!r}: an amount such as 4GB is needed") from None


def worker_count() -> int:
    """How many runs may train at once: GENLAB_WORKERS, by default 2."""
    named = os.environ.get("GENLAB_WORKERS") or "2"
    if not named.isdigit() or not 1 <= int(named) <= 256:
        raise ConfigError(f"GENLAB_WORKERS = {named!r}: a number from 1 to 256 is needed")
    return int(named)


def threads_each(workers: int) -> int:
    """How many threads a run takes that is not asked to take another number: its worker's share of the cores.

    On two cores two runs of one thread make 288 images/s each, of two threads 20 each, waiting at barriers (the report's network; one
    alone 301 and 545).
    """
    from dask.system import CPU_COUNT

    return max(1, min(THREADS, CPU_COUNT // workers))


def give_way() -> None:
    """Lower this process's priority, and that of all it starts from now on, so that pages stay quick while models train."""
    psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if os.name == "nt" else NICE)
    if hasattr(os, "getsid") and os.getsid(0) == os.getpid():
        with suppress(OSError):   # Linux weighs sessions against each other (man 7 sched, "autogroup"); nice alone counts only within one
            Path("/proc/self/autogroup").write_text(str(NICE))


def _end_with(parent: int) -> None:
    """End this process and its workers as soon as the parent is gone, even by kill -9."""
    try:
        process = psutil.Process(parent)
        while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
            time.sleep(WATCH_EVERY_S)
    except psutil.NoSuchProcess:
        pass
    end()


def end(*_: object) -> None:
    """End at once. Run folders are whole after any kill, so there is nothing to be gentle about."""
    for worker in multiprocessing.active_children():
        worker.kill()
    os._exit(0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m genlab.jobs.cluster", description="Scheduler and workers that end with their parent.")
    parser.add_argument("--address-file", type=Path, required=True, help="file that receives the scheduler's address")
    parser.add_argument("--workers", type=int, default=worker_count(), help="how many runs may train at once")
    parser.add_argument("--parent", type=int, required=True, help="id of the process to end with")
    asked = parser.parse_args()
    give_way()   # before anything is imported: the first page comes up at the same time
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    serve(asked.address_file, asked.workers, asked.parent)


if __name__ == "__main__":
    main()
