"""What viewers of a run are told: read from disk once however many look on, thinned, and only what they do not have yet."""

import math
import threading
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict

import numpy as np

from genlab.models import metrics_of
from genlab.runs import Run

FRESH_S = 0.2        # the disk is asked at most so often, whatever the number of viewers
MOST_POINTS = 600    # of one curve in one answer
MOST_FEEDS = 64
SOONEST_S, LATEST_S = 0.5, 10.0   # between two questions of one viewer ...
MOST_PER_S = 60      # ... so that all viewers together ask no more often
WINDOW_S = 5.0       # over which they are counted
SPLITS = ("train", "test", "eval")
WAITING = ("queued",)

Place = Callable[[Run], dict | None]
"""Where a waiting run stands: {"position": ..., "ahead": ..., "starts_in_s": ...}, None where nobody knows."""


class Feed:
    """One run as its viewers see it: curves by column, the newest KL of each latent, events, pictures, status."""

    def __init__(self, run: Run, place: Place = lambda run: None):
        self.run, self._place = run, place
        self._turn, self._due = threading.Lock(), 0.0
        self._forget()

    def since(self, cursor: str = "") -> dict:
        """What came after this cursor (of an earlier answer; "" asks for all), ready for JSON. RunError where the run is gone."""
        with self._turn:
            if time.monotonic() >= self._due:
                self._refresh()
                self._due = time.monotonic() + FRESH_S
            seen = self._read_cursor(cursor)
            counts = {split: len(self._columns[split]["step"]) for split in SPLITS}
            answer = {
                "cursor": ".".join(map(str, (self._file, *counts.values(), len(self._events)))),
                "from_start": seen is None,
                **self._state,
                **{split: self._curves(split, seen[i] if seen else 0) for i, split in enumerate(SPLITS)},
                "kl_dims": self._kl_dims,
            }
            if seen is None:
                answer["metrics"] = {name: asdict(metric) for name, metric in metrics_of(self.run.plan.model).items()}
            if seen is None or seen[-1] != len(self._events):
                answer["events"] = self._events
        return answer

    # -- reading ------------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._file, self._offset = 0, 0
        self._columns: dict[str, dict[str, array]] = {split: {"step": array("d")} for split in SPLITS}
        self._kl_dims: list[float] = []
        self._events: list[dict] = []
        self._state: dict = {}

    def _refresh(self) -> None:
        self._read_rows()
        status = self.run.status
        self._events = self.run.events()
        self._state = {
            "state": status.state, "message": status.message, "step": status.step, "epoch": _short(status.epoch),
            "total_steps": status.total_steps, "images_per_s": _short(status.images_per_s), "attempts": status.attempts,
            "place": self._place(self.run) if status.state in WAITING else None,
            "pictures": {"live": _version(self.run, "live-samples"), "kept": _kept_pictures(self.run)},
        }

    def _read_rows(self) -> None:
        try:
            file = (self.run.path / "metrics.jsonl").stat().st_ino
        except FileNotFoundError:
            return
        if file != self._file:   # a resumed run writes its curve anew up to where it goes on
            self._forget()
            self._file = file
        rows, self._offset = self.run.metrics(self._offset)
        for row in rows:
            self._add(row)

    def _add(self, row: dict) -> None:
        split = next((s for s in SPLITS if any(name.startswith(f"{s}/") for name in row)), "train")
        columns, n = self._columns[split], len(self._columns[split]["step"])
        for name, value in row.items():
            name = name.rpartition("/")[2]
            if name == "kl_dims":
                self._kl_dims = [_short(v) for v in value]
            elif not isinstance(value, list):
                columns.setdefault(name, array("d", [math.nan]) * n).append(math.nan if value is None else value)
        for column in columns.values():
            if len(column) == n:
                column.append(math.nan)

    # -- answering ----------------------------------------------------------------------------------------------

    def _read_cursor(self, cursor: str) -> tuple[int, ...] | None:
        """How much of each is known already; None for a cursor of another file or none at all."""
        try:
            file, *seen = map(int, cursor.split("."))
        except ValueError:
            return None
        return tuple(seen) if file == self._file and len(seen) == len(SPLITS) + 1 and min(seen) >= 0 else None

    def _curves(self, split: str, start: int) -> dict[str, list]:
        return {name: thin(column, start) for name, column in self._columns[split].items()}


def thin(column: array, start: int, most: int = MOST_POINTS) -> list[float | None]:
    """The values from `start` on; where they are more than `most`, means of equally many neighbours. The last value is always itself."""
    values = np.frombuffer(column, np.float64)[start:] if len(column) > start else np.empty(0)
    group = -(-len(values) // most)
    if group > 1:
        whole = (len(values) - 1) // group * group
        values = np.append(values[:whole].reshape(-1, group).mean(1), values[-1])
    return [_short(v) for v in values.tolist()]


def _short(value: float) -> float | None:
    """Six digits are more than a screen shows; None for what JSON cannot say."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _version(run: Run, name: str) -> int:
    """A number that changes with the picture, 0 where there is none."""
    try:
        return run.preview_path(name).stat().st_mtime_ns // 1000
    except FileNotFoundError:
        return 0


def _kept_pictures(run: Run) -> list[int]:
    """Steps whose pictures were kept, ascending."""
    names = (path.name.removesuffix("-samples.png") for path in run.preview_path("x").parent.glob("*-samples.png"))
    return sorted(int(name) for name in names if name.isdigit())


class Feeds:
    """The feeds of the runs that were looked at last, and how often viewers may ask."""

    def __init__(self, find: Callable[[str], Run], place: Place = lambda run: None):
        self._find, self._place = find, place
        self._feeds: OrderedDict[str, Feed] = OrderedDict()
        self._turn = threading.Lock()
        self._asked, self._since, self._wait_s = 0, time.monotonic(), SOONEST_S

    def wait_s(self) -> float:
        """How long whoever asks now is to wait before asking again: half a second, longer where a whole hall looks on."""
        with self._turn:
            self._asked += 1
            if (seconds := time.monotonic() - self._since) >= WINDOW_S:
                viewers = self._asked / seconds * self._wait_s
                self._wait_s = min(max(SOONEST_S, viewers / MOST_PER_S), LATEST_S)
                self._asked, self._since = 0, time.monotonic()
            return self._wait_s

    def of(self, run_id: str) -> Feed:
        """The feed of this run; RunError where there is no such run."""
        run = self._find(run_id)   # asked each time: a run may have been deleted, or be another one in a test
        with self._turn:
            feed = self._feeds.get(run_id)
            if feed is None or feed.run != run:
                feed = self._feeds[run_id] = Feed(run, self._place)
            self._feeds.move_to_end(run_id)
            while len(self._feeds) > MOST_FEEDS:
                self._feeds.popitem(last=False)
        return feed
