"""Starting the process that carries out tasks (genlab/jobs/taskhost.py)."""

import os
import subprocess
import sys
import threading

from genlab.paths import ROOT

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "NUMBA_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def start(runs: str) -> int:
    """Start the process below this one, for this folder of runs; its id. Called on a worker past the scheduler, so that it takes no place."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, **ONE_THREAD, "GENLAB_RUNS": runs, "PYTHONPATH": path}
    command = [sys.executable, "-m", "genlab.jobs.taskhost", "--parent", str(os.getpid())]
    process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL)
    threading.Thread(target=process.wait, daemon=True).start()   # no zombie is left behind
    return process.pid
