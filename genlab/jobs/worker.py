"""What runs on a worker: one run at a time, to its end.

A cluster that is already there gets warm workers by `dask worker tcp://host:8786 --nthreads 1 --preload genlab.jobs.worker`; what
genlab.jobs.cluster sets for its own workers, and why, holds there too.

The scheduler imports this module as well, to know the task: what needs torch is imported inside the functions.
"""

import logging
import tempfile
import time
import traceback
from pathlib import Path

from genlab.errors import LabError
from genlab.jobs.cluster import give_way

log = logging.getLogger("genlab.jobs.worker")


def train_run(path: str, **pace: float) -> str:
    """Carry out the run in this folder at a pace (fields of training's Pace); the state it ended in.

    Nothing is raised: what ended a run is in its status, and for a bug also in the worker's log and in the run's events.
    """
    from genlab.measures.looks import open_look
    from genlab.runs import Run, execute
    from genlab.runs.folder import append_line
    from genlab.training import Pace

    run = Run(Path(path))
    try:
        return execute(run, open_look=open_look, pace=Pace(**pace)).state
    except LabError as error:
        log.warning("%s: %s", run.id, error)
    except Exception as error:
        log.exception("%s: this is a bug", run.id)
        if run.path.is_dir():
            values = {"traceback": traceback.format_exc()}
            append_line(run.path / "events.jsonl", {"time": time.time(), "step": 0, "kind": "failed", "text": f"A bug: {error!r}", "values": values})
    return "failed"


def dask_setup(worker: object) -> None:
    """Called by Dask before the worker asks for work: step back behind the pages, and get warm."""
    give_way()
    warm_up()


def warm_up() -> None:
    """Train a tiny real run in a temporary folder: imports, kernels and writers are then ready for the first real one."""
    import genlab.measures.looks  # noqa: F401
    from genlab.data import DataSpec
    from genlab.runs import Run, RunConfig, Status, execute
    from genlab.training import TrainPlan, resolve_plan

    plan = TrainPlan(settings={"width": 4, "latent_dim": 2}, data=DataSpec(name="digits", size=16, n=16), batch_size=8, max_steps=2, threads=1)
    with tempfile.TemporaryDirectory(prefix="genlab-warm-up-") as folder:
        run = Run(Path(folder) / "warm-up")
        for name in ("weights", "previews"):
            (run.path / name).mkdir(parents=True)
        run.write_config(RunConfig(resolve_plan(plan), "Warm-up"))
        run.write_status(Status())
        execute(run)
