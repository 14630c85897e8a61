"""Work for a page that takes seconds: done beside the cluster's workers, with progress, until it is there or called off.

A task is a function of the lab by name and arguments that JSON can hold; the same ones are the same task, whoever asks. It is
a folder, so that it needs no connection: request.json, status.json, and `abort` where somebody wants it no more.

    runs/.tasks/<id>/

They are carried out one after another by one process (genlab/jobs/taskhost.py), a child of a worker: no worker is taken from
a run that trains, and its low priority, the workers' own, leaves the pages quick. It is started ahead, warms itself up, and ends when idle.
"""

import hashlib
import importlib
import json
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import filelock

from genlab.errors import LabError, RunError
from genlab.files import write_atomic
from genlab.hold import is_locked, lock_file
from genlab.paths import explained, runs_dir

WAITING, RUNNING, DONE, FAILED, ABORTED = "waiting", "running", "done", "failed", "aborted"
AT_REST = (DONE, FAILED, ABORTED)
TRY_S = 600.0        # how long the workers may take to come up
TRY_EVERY_S = 0.5
GONE = "the process that worked on it is gone, maybe for want of memory. Try again, with fewer images"
MOST_WAITING = 16
HOST_LOCK = ".host.lock"
KEPT_S = 24 * 3600   # a task at rest is forgotten after so long


@dataclass(frozen=True)
class TaskState:
    """How far a task is: waiting, running, done, failed or aborted; share in [0, 1]; the result, or the error in words."""

    state: str = WAITING
    share: float = 0.0
    what: str = "waiting for the workers"
    result: object = None
    error: str = ""
    updated_at: float = 0.0


def tasks_dir() -> Path:
    """Folder of all tasks."""
    return runs_dir() / ".tasks"


def task_id(function: str, **arguments: object) -> str:
    """The name of a task by value. function is "package.module:name"."""
    if not function.startswith("genlab."):
        raise ValueError(f"{function}: only functions of the lab are carried out")
    return hashlib.blake2b(json.dumps([function, arguments], sort_keys=True).encode(), digest_size=10).hexdigest()


def submit(function: str, **arguments: object) -> str:
    """Have a function carried out with these arguments and told=(share, what); its id. A task that runs already is not begun twice.

    Raises LabError where too many wait.
    """
    id = task_id(function, **arguments)
    folder = tasks_dir() / id
    if not folder.exists() and len(waiting()) >= MOST_WAITING:
        raise LabError(f"{MOST_WAITING} things wait to be made already; try again when some of them are done")
    folder.mkdir(parents=True, exist_ok=True)
    if look(id).state in (WAITING, RUNNING) and (folder / "request.json").exists() and not (folder / "abort").exists():
        warm()
        return id
    (folder / "abort").unlink(missing_ok=True)
    write_status(folder, TaskState())
    write_atomic(folder / "request.json", json.dumps({"function": function, "arguments": arguments, "asked_at": time.time()}))
    forget_old()
    warm()
    return id


def look(id: str) -> TaskState:
    """How far a task is; waiting where nobody has heard of it. One whose process died has failed."""
    folder = tasks_dir() / id
    state = read_status(folder)
    if state.state == WAITING and (folder / "request.json").exists():
        warm()   # another task may have been called off, and the process with it
    if state.state == RUNNING and not host_is_up():
        state = read_status(folder)   # it may have said its last word between the two looks
        if state.state == RUNNING:
            return TaskState(FAILED, state.share, state.what, error=GONE)
    return state


def abort(id: str) -> None:
    """Call a task off: at once where it waits, within a moment where it runs; nothing happens where it is at rest or unknown."""
    folder = tasks_dir() / id
    if not (folder / "request.json").exists() or look(id).state in AT_REST:
        return
    (folder / "abort").touch()
    if read_status(folder).state == WAITING:
        write_status(folder, TaskState(ABORTED, what="called off"))


def warm() -> None:
    """Bring the process up that carries tasks out, in the background, where it is not up; it is then quick when a task comes."""
    global _bringing_up
    with _lock:
        if host_is_up() or _bringing_up and _bringing_up.is_alive():
            return
        _bringing_up = threading.Thread(target=_bring_up, name="genlab-tasks", daemon=True)
        _bringing_up.start()


_lock = threading.Lock()
_bringing_up: threading.Thread | None = None


def _bring_up() -> None:
    """Start the process below a worker as soon as there is one; where none comes, say so in every task that waits."""
    from genlab.jobs import get_queue

    end, fault = time.monotonic() + TRY_S, ""
    while time.monotonic() < end and not host_is_up():
        machine = get_queue().machine()
        fault = machine.fault or fault
        try:
            if machine.address:
                return _launch(machine.address)
        except (OSError, LabError) as error:   # the scheduler is just coming up, or has gone
            fault = str(error)
        time.sleep(TRY_EVERY_S)
    for folder in waiting():
        write_status(folder, TaskState(FAILED, error=f"no worker could begin it: {fault or 'none came up'}"))
    return None


def _launch(scheduler: str) -> None:
    """Start the host on the worker that has least to do. It asks for no place in the queue of training runs."""
    from distributed import Client

    from genlab.jobs.taskstart import start

    with Client(scheduler, timeout=3, set_as_default=False) as client:
        workers = client.processing()
        if not workers:
            raise LabError("no worker is up")
        quietest = min(workers, key=lambda worker: len(workers[worker]))
        client.run(start, str(runs_dir()), workers=[quietest])
    end = time.monotonic() + 30
    while not host_is_up() and time.monotonic() < end:
        time.sleep(0.1)


# -- on disk --------------------------------------------------------------------------------------------------------------


def host_lock() -> filelock.BaseFileLock:
    """The lock that the process which carries tasks out holds for as long as it lives."""
    tasks_dir().mkdir(parents=True, exist_ok=True)
    return lock_file(tasks_dir() / HOST_LOCK)


def host_is_up() -> bool:
    """True while that process lives."""
    return is_locked(tasks_dir() / HOST_LOCK)


def waiting() -> list[Path]:
    """Folders of the tasks that wait, in the order in which they were asked for."""
    folders = [path.parent for path in tasks_dir().glob("*/request.json")]
    return sorted((f for f in folders if read_status(f).state == WAITING), key=lambda f: (f / "request.json").stat().st_mtime)


def read_status(folder: Path) -> TaskState:
    """The status in a task's folder."""
    try:
        values = json.loads((folder / "status.json").read_text())
        return TaskState(**{k: v for k, v in values.items() if k in TaskState.__dataclass_fields__})
    except (FileNotFoundError, ValueError):
        return TaskState()


def write_status(folder: Path, state: TaskState) -> None:
    """Replace the status in a task's folder."""
    write_atomic(folder / "status.json", json.dumps({**asdict(state), "updated_at": time.time()}))


def carry_out(folder: Path) -> TaskState:
    """Do what a task's folder asks for, in this process; the state it ended in. A bug is told as one and raised again."""
    asked = json.loads((folder / "request.json").read_text())
    module, name = asked["function"].split(":")
    if not module.startswith("genlab."):
        raise RunError(f"{module}: only functions of the lab are carried out")
    write_status(folder, TaskState(RUNNING, 0.0, "beginning"))
    last = 0.0

    def told(share: float, what: str) -> None:
        nonlocal last
        if time.monotonic() - last > 0.1:   # a status a tenth of a second, not one an epoch
            last = time.monotonic()
            write_status(folder, TaskState(RUNNING, share, what))

    try:
        with explained():
            result = getattr(importlib.import_module(module), name)(**asked["arguments"], told=told)
        ended = TaskState(DONE, 1.0, "done", result)
    except LabError as error:
        ended = TaskState(FAILED, what="failed", error=str(error))
    except MemoryError:
        ended = TaskState(FAILED, what="failed", error="there was not enough memory; try again with fewer images")
    except Exception as error:
        write_status(folder, TaskState(FAILED, what="failed", error=f"a bug: {error!r}; the workers' log has more"))
        raise
    write_status(folder, ended)
    return ended


def forget_old() -> None:
    """Remove tasks that have been at rest for a day: what they made is kept elsewhere."""
    for path in tasks_dir().glob("*/status.json"):
        state = read_status(path.parent)
        if state.state in AT_REST and time.time() - state.updated_at > KEPT_S:
            for name in ("request.json", "abort", "status.json"):
                (path.parent / name).unlink(missing_ok=True)
            with suppress(OSError):
                path.parent.rmdir()
