"""What latents and their neighbours show: decoded, and read by the judge or a classifier; kept on disk by value, since thousands take seconds.

    runs/.cache/<run>/read-<key>.safetensors     or, with a shipped run, read.safetensors and near.safetensors in its own folder
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
from genlab.evaluation.reader import Reader, reader_of
from genlab.evaluation.samples import NEAR, neighbours
from genlab.files import keep_newest, write_atomic
from genlab.paths import runs_dir
from genlab.runs import Run, find_run
from genlab.serving.models import ServedModel
from genlab.serving.waypoints import decoded

FORMAT = 1
KEPT = 12            # files of one run
READ_AT_ONCE = 256   # pictures that the reader gets at once
SHIPPED, SHIPPED_NEAR = "read.safetensors", "near.safetensors"


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
    return Judged(reader_of(find_run(model.run_id).plan.data).info, **_arrays(model, z, SHIPPED, progress))


def read_near(model: ServedModel, z: np.ndarray, progress: Progress = lambda share, what: None) -> np.ndarray:
    """The attributes that are read from the neighbours of each latent: what it clearly shows they show, too.  (N, D) -> (NEAR, N, K)"""
    return _arrays(model, neighbours(z), SHIPPED_NEAR, progress)["attributes"].reshape(NEAR, len(z), -1)


def ship_readings(model: ServedModel, z: np.ndarray) -> Path:
    """Put what these latents show into the run's own folder, so that a shipped run comes with it; the file."""
    return _ship(model, z, SHIPPED)


def ship_near(model: ServedModel, z: np.ndarray) -> Path:
    """The same of their neighbours: the attributes alone, in half precision."""
    return _ship(model, neighbours(z), SHIPPED_NEAR)


def _ship(model: ServedModel, z: np.ndarray, name: str) -> Path:
    run, found = find_run(model.run_id), _arrays(model, z, name)
    if name == SHIPPED_NEAR:
        found = {"attributes": found["attributes"].astype(np.float16)}
    _save(run.path / name, _key(model, z, reader_of(run.plan.data)), found)
    return run.path / name


def _arrays(model: ServedModel, z: np.ndarray, shipped: str, progress: Progress = lambda share, what: None) -> dict[str, np.ndarray]:
    """Everything that is read from these latents' pictures, found where it was kept."""
    run = find_run(model.run_id)
    reader = reader_of(run.plan.data)
    key = _key(model, z, reader)
    with _TURN:   # one at a time: it takes a core
        found = _kept(run.path / shipped, key, len(z)) or _kept(_path(run, key), key, len(z))
        if found is None:
            found = _read(model, z, reader, progress)
            _save(_path(run, key), key, found)
            keep_newest(_path(run, key).parent, "read-*.safetensors", KEPT)
    return found


def _key(model: ServedModel, z: np.ndarray, reader: Reader) -> str:
    latents = hashlib.blake2b(np.ascontiguousarray(z, np.float32).tobytes(), digest_size=12).hexdigest()
    return hashlib.blake2b(json.dumps([FORMAT, model.digest, z.shape, latents, reader.id]).encode(), digest_size=12).hexdigest()


def _path(run: Run, key: str) -> Path:
    return runs_dir() / ".cache" / run.id / f"read-{key}.safetensors"


def _read(model: ServedModel, z: np.ndarray, reader: Reader, progress: Progress) -> dict[str, np.ndarray]:
    parts = []
    for start in range(0, len(z), READ_AT_ONCE):
        progress(start / len(z), f"reading sample {start} of {len(z)}")
        parts.append(reader.read(decoded(model, z[start : start + READ_AT_ONCE]).transpose(0, 3, 1, 2)))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _save(path: Path, key: str, arrays: dict[str, np.ndarray]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, save({name: np.ascontiguousarray(array) for name, array in arrays.items()}, {"key": key}))


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
