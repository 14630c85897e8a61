"""What latents show: decoded, and read by the judge or a classifier; kept on disk by value, since thousands take seconds.

    runs/.cache/<run>/read-<key>.safetensors     or, with a shipped run, read.safetensors in its own folder
"""

import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from genlab.data import Attribute, Progress
from genlab.files import keep_newest, write_atomic
from genlab.judge.reader import Reader, reader_of
from genlab.lens.models import ServedModel
from genlab.lens.near import NEAR, neighbours
from genlab.lens.waypoints import decoded
from genlab.paths import runs_dir
from genlab.runs import Run, find_run

FORMAT = 1
KEPT = 12            # files of one run
READ_AT_ONCE = 256   # pictures that the reader gets at once
SHIPPED = "read.safetensors"


@dataclass(frozen=True)
class Judged:
    """What was read from N pictures: attributes float32 (N, K), a column for each of info; identity and its spread (N, I), None without a judge."""

    info: tuple[Attribute, ...]
    attributes: np.ndarray
    identity: np.ndarray | None = None
    identity_spread: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.attributes)


def read_latents(model: ServedModel, z: np.ndarray, progress: Progress = lambda share, what: None) -> Judged:
    """What a model's pictures of these latents show, read once for these weights, these latents and this reader.  (N, D)

    Raises LabError where nobody can read the pictures of the run's dataset.
    """
    run = find_run(model.run_id)
    reader = reader_of(run.plan.data)
    key = _key(model, z, reader)
    with _TURN:   # one at a time: it takes a core
        found = _kept(run.path / SHIPPED, key, len(z)) or _kept(_path(run, key), key, len(z))
        if found is None:
            found = _read(model, z, reader, progress)
            _save(_path(run, key), key, found)
            keep_newest(_path(run, key).parent, "read-*.safetensors", KEPT)
    return Judged(reader.info, **found)


class Near:
    """The attributes that are read from the neighbours of N latents, of those that somebody asks for: what one clearly shows they show, too.

    A look costs NEAR pictures, a tenth of a second for some ten latents, and is remembered.
    """

    def __init__(self, model: ServedModel, z: np.ndarray):
        self._model, self._reader = model, reader_of(find_run(model.run_id).plan.data)
        self._z = neighbours(z, model.law).reshape(NEAR, *z.shape)
        self._known = np.full((NEAR, len(z), len(self._reader.info)), np.nan, np.float32)
        self._turn = threading.Lock()

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """int (M,) -> float32 (NEAR, M, K)"""
        with self._turn:
            new = rows[np.isnan(self._known[0, rows]).all(1)]
            if len(new):
                read = _read(self._model, self._z[:, new].reshape(NEAR * len(new), -1), self._reader)["attributes"]
                self._known[:, new] = read.reshape(NEAR, len(new), -1)
            return self._known[:, rows]


def ship_readings(model: ServedModel, z: np.ndarray) -> Path:
    """Put what these latents show into the run's own folder, so that a shipped run comes with it; the file."""
    run, reader, judged = find_run(model.run_id), reader_of(find_run(model.run_id).plan.data), read_latents(model, z)
    arrays = {name: getattr(judged, name) for name in ("attributes", "identity", "identity_spread")}
    _save(run.path / SHIPPED, _key(model, z, reader), {name: array for name, array in arrays.items() if array is not None})
    return run.path / SHIPPED


def _key(model: ServedModel, z: np.ndarray, reader: Reader) -> str:
    latents = hashlib.blake2b(np.ascontiguousarray(z, np.float32).tobytes(), digest_size=12).hexdigest()
    return hashlib.blake2b(json.dumps([FORMAT, model.digest, z.shape, latents, reader.id]).encode(), digest_size=12).hexdigest()


def _path(run: Run, key: str) -> Path:
    return runs_dir() / ".cache" / run.id / f"read-{key}.safetensors"


def _read(model: ServedModel, z: np.ndarray, reader: Reader, progress: Progress = lambda share, what: None) -> dict[str, np.ndarray]:
    parts = []
    for start in range(0, len(z), READ_AT_ONCE):
        progress(start / len(z), f"reading sample {start} of {len(z)}")
        parts.append(reader.read(decoded(model, z[start : start + READ_AT_ONCE]).transpose(0, 3, 1, 2)))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _save(path: Path, key: str, arrays: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, save({name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}, {"key": key}))


def _kept(path: Path, key: str, count: int) -> dict[str, np.ndarray] | None:
    """The arrays in a file; None where it is missing, damaged or of something else, since they can always be read again."""
    try:
        with safe_open(path, framework="numpy") as file:
            if (file.metadata() or {}).get("key") != key:
                return None
            arrays = {name: file.get_tensor(name) for name in file.keys()}   # noqa: SIM118  (it is no dict)
    except (OSError, SafetensorError):
        return None
    return arrays if "attributes" in arrays and all(len(array) == count for array in arrays.values()) else None


_TURN = threading.Lock()
