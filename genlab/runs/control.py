"""The run's control file: how a page, a command line or another machine asks something of a run that trains."""

from genlab.errors import ConfigError
from genlab.models import find_model
from genlab.runs.folder import Run, append_line, read_lines
from genlab.training import Command

KINDS = ("pause", "resume", "step", "stop", "set", "save")


def send(run: Run, kind: str, name: str = "", value: float | str = 0.0) -> None:
    """Ask something of a run; heard between two steps. ConfigError where the request makes no sense."""
    if kind not in KINDS:
        raise ConfigError(f"{run.id}: {kind!r} cannot be asked of a run; {', '.join(KINDS)} can")
    if kind == "set" and name not in live_names(run):
        raise ConfigError(f"{run.id}: {name!r} cannot be changed while it trains; {', '.join(live_names(run))} can")
    append_line(run.path / "control.jsonl", {"kind": kind, "name": name, "value": value if isinstance(value, str) else float(value)})


def begin(run: Run) -> None:
    """Mark that the run is to go on: what was asked before and never heard no longer counts."""
    append_line(run.path / "control.jsonl", {"kind": "begin"})


def live_names(run: Run) -> tuple[str, ...]:
    """What can be changed while this run trains."""
    return ("lr", *find_model(run.plan.model).Config.live_fields())


class Control:
    """The commands of a run's control file, each heard once; offset says how far it was heard."""

    def __init__(self, run: Run, offset: int = 0):
        self.path, self.offset = run.path / "control.jsonl", offset
        self._size = -1

    def __call__(self) -> list[Command]:
        """Commands that came since the last call; costs one stat when there are none."""
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return []
        if size == self._size:
            return []
        self._size = size
        lines, self.offset = read_lines(self.path, self.offset)
        starts = [i for i, line in enumerate(lines) if line["kind"] == "begin"]
        return [Command(**line) for line in lines[starts[-1] + 1 if starts else 0 :]]
