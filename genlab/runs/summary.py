"""What a list of runs says about each: enough to search, sort and compare, without reading whole curves."""

import json
from dataclasses import dataclass
from functools import lru_cache

from genlab.errors import RunError
from genlab.runs.folder import Run, RunConfig, Status
from genlab.runs.store import find_run

TAIL_BYTES = 128 * 1024   # holds the newest rows, however many latents they list


@dataclass(frozen=True)
class Summary:
    """A run's config and status, and the newest value of each of its metrics: held out where it was measured, else on the last batch."""

    run: Run
    config: RunConfig
    status: Status
    metrics: dict[str, float]

    @property
    def text(self) -> str:
        """All that a search looks through, in small letters."""
        plan = self.config.plan
        return f"{self.run.id} {self.config.title} {plan.model} {plan.data.name} {self.status.state}".lower()


def summarize(run: Run) -> Summary:
    """The run's summary; RunError where it is damaged or gone."""
    return Summary(run, run.config, run.status, newest_metrics(run))


def trained_before(run: Run) -> dict[str, float]:
    """How long a fork's weights were trained before it began: epochs, steps and seconds, of all that it was forked from. 0 for a run that is none.

    A parent that is gone ends the count, and what it was forked from is not known.
    """
    total, seen = {"epochs": 0.0, "steps": 0.0, "seconds": 0.0}, {run.id}
    while (parent := run.config.parent) and parent["run"] not in seen:
        try:
            run = find_run(parent["run"])
        except RunError:
            break
        seen.add(run.id)
        before = [row for row in run.metrics()[0] if row["step"] <= parent["step"]]
        total["steps"] += parent["step"]
        if before:
            total["epochs"] += before[-1]["epoch"]
            total["seconds"] += before[-1]["seconds"]
    return total


def newest_metrics(run: Run) -> dict[str, float]:
    """The newest value of each metric by its bare name, such as elbo; empty before the first row."""
    path = run.path / "metrics.jsonl"
    try:
        stat = path.stat()
    except FileNotFoundError:
        return {}
    return _newest(str(path), stat.st_ino, stat.st_size)


@lru_cache(maxsize=512)
def _newest(path: str, inode: int, size: int) -> dict[str, float]:
    """As newest_metrics; the inode and size say which state of the file is meant."""
    found: dict[str, dict[str, float]] = {"train": {}, "test": {}, "eval": {}}
    for row in _last_rows(path, size):
        for name, value in row.items():
            split, _, metric = name.partition("/")
            if split in found and isinstance(value, int | float):
                found[split].setdefault(metric, float(value))
    return {**found["train"], **found["test"], **found["eval"]}


def _last_rows(path: str, size: int) -> list[dict]:
    """Whole rows within the last TAIL_BYTES, the newest first."""
    with open(path, "rb") as file:
        file.seek(max(0, size - TAIL_BYTES))
        lines = file.read(TAIL_BYTES).splitlines()
    rows = []
    for line in reversed(lines):
        try:
            rows.append(json.loads(line))
        except ValueError:
            continue   # cut by the start of the tail, or still being written
    return [row for row in rows if isinstance(row, dict)]


def newest_summaries(runs: list[Run]) -> list[Summary]:
    """The summaries of those runs that are still whole, in the same order."""
    summaries = []
    for run in runs:
        try:
            summaries.append(summarize(run))
        except RunError:   # deleted or damaged since it was listed
            continue
    return summaries
