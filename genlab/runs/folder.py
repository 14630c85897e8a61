"""The run folder: the only thing that outlives a process.

    config.json    what was asked for: plan, title, owner, parent (written once, but for the title and for more epochs)
    status.json    how far it is: written by whoever holds the run
    metrics.jsonl  one row a line            events.jsonl  what happened, a line each
    control.jsonl  what people asked of it while it ran
    weights/<step>.safetensors   snapshots   state.safetensors   everything the next step depends on
    weights/<step>.beside.safetensors        what is beside the decoder, of a shipped snapshot too large for one file
    previews/      live and kept pictures     data.json      what it was trained on: names and digests of the images
"""

import json
import os
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import filelock

from genlab.data import record
from genlab.errors import ConfigError, RunError
from genlab.files import Folder, write_atomic
from genlab.hold import is_locked, lock_file
from genlab.models import space_of
from genlab.models.space import Space
from genlab.paths import checkpoints_dir
from genlab.settings import build_config
from genlab.training import TrainPlan

FORMAT = 1
"""Version of this layout; a folder of a later one is refused."""

ACTIVE = ("running", "paused")
AT_REST = ("finished", "stopped", "parked", "interrupted")


@dataclass(frozen=True)
class Status:
    """How far a run is. state: queued, running, paused, parked, stopped, finished, failed or interrupted.

    best_step : the best so far (genlab.runs.best), None where it is not measured; images_per_s : as its newest row has it
    before : the state it was at rest in when it was asked to go on, until it has taken a step
    batch_size : images in a step, fewer than planned where there are not so many; 0 where that is not known
    """

    state: str = "queued"
    step: int = 0
    epoch: float = 0.0
    total_steps: int = 0
    images_per_s: float = 0.0
    message: str = ""
    queued_at: float = 0.0
    started_at: float = 0.0
    updated_at: float = 0.0
    attempts: int = 0
    best_step: int | None = None
    before: str = ""
    batch_size: int = 0

    @property
    def at_rest(self) -> str:
        """The state in which the run is or was at rest, which it goes back to where it cannot go on; empty for one that has never been."""
        return self.state if self.state in AT_REST else self.before


@dataclass(frozen=True)
class RunConfig:
    """What a run was asked to do, by whom, and what it was forked from (run id and step)."""

    plan: TrainPlan
    title: str
    owner: str = ""
    created: float = 0.0
    parent: dict | None = None
    command: str = ""


class Run(Folder):
    """One run folder. Reading is cheap and always consistent; writing is left to whoever holds the run."""

    @property
    def is_shipped(self) -> bool:
        return self.path.parent == checkpoints_dir()

    def belongs_to(self, owner: str) -> bool:
        """Whether this owner may steer, change and resume the run: it is theirs, or was made on the command line."""
        return not self.is_shipped and self.config.owner in ("", owner)

    def __repr__(self) -> str:
        return f"Run({self.id})"

    # -- what was asked -----------------------------------------------------------------------------------------

    @property
    def config(self) -> RunConfig:
        """The checked config; RunError where it is missing, damaged or of another format."""
        values = self._read_json("config.json")
        if values.get("format") != FORMAT:
            raise RunError(f"{self.id}: format {values.get('format')!r}; this version reads {FORMAT}")
        try:
            fields = {k: v for k, v in values.items() if k in RunConfig.__dataclass_fields__}
            plan = build_config(TrainPlan, values["plan"])
            data = plan.data.recorded_in(self.path / record.FILE)   # so that whoever opens its images has them compared
            return RunConfig(**{**fields, "plan": plan.model_copy(update={"data": data})})
        except (ConfigError, KeyError, TypeError) as error:
            raise RunError(f"{self.id}: config.json is not a run's: {error}") from None

    @property
    def plan(self) -> TrainPlan:
        return self.config.plan

    @property
    def title(self) -> str:
        return self.config.title

    @property
    def space(self) -> Space | None:
        """Where its latents live; None for a model without latents."""
        plan = self.plan
        return space_of(plan.model, plan.settings)

    @property
    def has_latents(self) -> bool:
        """Whether it has latents that sliders, paths and maps can move: rows of real numbers."""
        space = self.space
        return space is not None and space.kind == "real"

    def write_config(self, config: RunConfig) -> None:
        values = {"format": FORMAT, **asdict(replace(config, plan=None)), "plan": config.plan.model_dump()}
        write_atomic(self.path / "config.json", json.dumps(values, indent=1))

    # -- how far it is ------------------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """The status on disk, except that a run which nobody holds any more is interrupted."""
        status = self.written_status
        while status.state in ACTIVE and not self.is_held:
            again = self.written_status
            if again == status:
                message = f"Interrupted at step {status.step}: the process that trained it is gone. It can go on from its last state."
                return replace(status, state="interrupted", message=message)
            status = again   # it ended, or somebody took it up, between the two looks
        return status

    @property
    def written_status(self) -> Status:
        """The status on disk as it was last written, whoever wrote it and whether or not they still live."""
        values = self._read_json("status.json")
        return Status(**{k: v for k, v in values.items() if k in Status.__dataclass_fields__})

    def write_status(self, status: Status) -> None:
        write_atomic(self.path / "status.json", json.dumps(asdict(replace(status, updated_at=time.time()))))

    def lock(self) -> filelock.BaseFileLock:
        """The lock that whoever trains or changes the run holds; the system lets go of it when that process dies.

        Raises RunError where the run is gone: a lock would bring its folder back, empty and in the way of `restore`.
        """
        if not self.path.is_dir():
            raise RunError(f"{self.id}: the run is gone; it may have been deleted")
        return lock_file(self.path / ".lock")

    @property
    def is_held(self) -> bool:
        """True while some process, on this machine or beside it on a shared disk, trains the run. To look takes nothing."""
        return not self.is_shipped and is_locked(self.path / ".lock")

    # -- what happened ------------------------------------------------------------------------------------------

    def metrics(self, offset: int = 0) -> tuple[list[dict], int]:
        """Rows written since byte `offset`, and the offset to ask from next."""
        return read_lines(self.path / "metrics.jsonl", offset)

    def events(self) -> list[dict]:
        """Everything that happened to the run, oldest first."""
        return read_lines(self.path / "events.jsonl")[0]

    def snapshots(self) -> list[int]:
        """Steps at which weights were kept, ascending."""
        return sorted(int(p.stem) for p in (self.path / "weights").glob("*.safetensors") if p.stem.isdigit())

    def weights_path(self, step: int) -> Path:
        return self.path / "weights" / f"{step}.safetensors"

    @property
    def state_path(self) -> Path:
        return self.path / "state.safetensors"

    def preview_path(self, name: str) -> Path:
        return self.path / "previews" / f"{name}.png"

    def size_bytes(self) -> int:
        """Bytes on disk, all files together."""
        return sum(p.stat().st_size for p in self.path.rglob("*") if p.is_file())

    def _read_json(self, name: str) -> dict:
        try:
            values = json.loads((self.path / name).read_text())
        except FileNotFoundError:
            raise RunError(f"{self.id}: {name} is missing; this is not a whole run") from None
        except (ValueError, UnicodeDecodeError):
            raise RunError(f"{self.id}: {name} is not JSON; the run is damaged") from None
        if not isinstance(values, dict):
            raise RunError(f"{self.id}: {name} holds {type(values).__name__}; an object is needed")
        return values


def append_line(path: Path, values: dict) -> None:
    """Add one JSON line in a single write, so that readers see it whole or not at all."""
    line = (json.dumps(values) + "\n").encode()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def read_lines(path: Path, offset: int = 0) -> tuple[list[dict], int]:
    """JSON lines from a byte offset on, and the offset behind the last whole one; a line still being written waits."""
    try:
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read()
    except FileNotFoundError:
        return [], offset
    whole = data[: data.rfind(b"\n") + 1]
    rows = []
    for line in whole.splitlines():
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue   # a line cut by a crash; the ones around it are whole
    return rows, offset + len(whole)
