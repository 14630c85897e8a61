"""Where maps are kept: by value in the cache, and one with each shipped run."""

import hashlib
import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from genlab.data.record import pinned
from genlab.errors import RunError
from genlab.files import keep_newest
from genlab.latent.placing import place, place_linear, settle
from genlab.lens.models import MODELS
from genlab.maps.file import FORMAT, LatentMap, load_map, save_map
from genlab.maps.make import Told, features_of, make_film, make_map
from genlab.maps.plan import MapPlan
from genlab.paths import runs_dir
from genlab.runs import Run, find_run
from genlab.settings import build_config

KEPT = 24   # maps of one run
SHIPPED = "shipped"


def map_step(run: Run, step: int | None = None) -> int:
    """The kept step that a map is of, by default the newest; RunError where there is none."""
    steps = run.snapshots()
    if not steps:
        raise RunError(f"{run.id}: it has no weights yet; they come at the end of its first epoch")
    if step is not None and step not in steps:
        raise RunError(f"{run.id}: no weights at step {step}; kept are {', '.join(map(str, steps))}")
    return steps[-1] if step is None else step


def weights_digest(run: Run, step: int) -> str:
    """What the weights of a step are, in 16 letters: a run that is trained anew under its old name has other maps."""
    path = run.weights_path(step)
    return _digest(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=256)
def _digest(path: Path, _changed: int) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()


def map_key(run: Run, step: int, plan: MapPlan) -> str:
    """The name of a map by value: format, run, weights and plan."""
    what = [FORMAT, run.id, step, weights_digest(run, step), plan.model_dump(), *filter(None, [pinned(run.plan.data)])]
    return hashlib.blake2b(json.dumps(what, sort_keys=True).encode(), digest_size=12).hexdigest()


def shipped_path(run: Run) -> Path:
    """Where a shipped run's map lies."""
    return run.path / "map.safetensors"


def map_path(run_id: str, name: str) -> Path:
    """The file of a map by its key, or of the shipped one."""
    return shipped_path(find_run(run_id)) if name == SHIPPED else runs_dir() / ".cache" / run_id / f"map-{name}.safetensors"


def find_map(run: Run, plan: MapPlan = MapPlan(), step: int | None = None, *, film: bool = False) -> tuple[str, LatentMap] | None:
    """The name of a map that is already there, and the map; None where it has to be fitted.

    A damaged file or one of another version counts as none: `shipped_fault` says so. With `film`, only one that goes through the training.
    """
    step = map_step(run, step)
    for name in (SHIPPED, map_key(run, step, plan)):
        try:
            found = read_map(run.id, name)
        except RunError:
            continue
        if (found.plan, found.step, found.weights) == (plan, step, weights_digest(run, step)) and (found.film_steps or not film):
            return name, found
    return None


def shipped_fault(run: Run) -> str:
    """What is wrong with the map that came with a run, empty where nothing is or none came."""
    try:
        if shipped_path(run).exists():
            read_map(run.id, SHIPPED)
    except RunError as error:
        return str(error)
    return ""


def read_map(run_id: str, name: str) -> LatentMap:
    """A map that is there, by name; RunError as load_map."""
    path = map_path(run_id, name)
    try:
        return _read(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        raise RunError(f"{run_id}: map {name} is not there any more; fit it again") from None


@lru_cache(maxsize=16)
def _read(path: Path, _changed: int) -> LatentMap:
    return load_map(path)


def fit_map(run: str, step: int, plan: dict, film: bool = False, told: Told = lambda share, what: None) -> str:
    """Fit a map, or only read it where it is there, and keep it; its name. With `film`, the map through the run's training too."""
    found_run, wanted = find_run(run), build_config(MapPlan, plan)
    if there := find_map(found_run, wanted, step, film=film):
        return there[0]
    there, weights = find_map(found_run, wanted, step), weights_digest(found_run, step)
    found = there[1] if there else make_map(found_run, step, wanted, weights, told)
    if film:
        maps, steps, codes = make_film(found_run, wanted, told)
        found = replace(found, film=maps, film_steps=steps, film_codes=codes)
    name = map_key(found_run, step, wanted)
    save_map(found, map_path(run, name))
    keep_newest(map_path(run, name).parent, "map-*.safetensors", KEPT)
    return name


# -- new latents on a map that is there -------------------------------------------------------------------------------


def place_near(run: str, name: str, z: np.ndarray) -> np.ndarray:
    """Where new latents lie on a map, at once: where a linear map sends them, or among the nearest points of any other.  (M, D) -> (M, dims)"""
    found, there, new = _side_by_side(run, name, z)
    return place_linear(new, there, found.xy) if found.plan.method == "pca" else place(new, there, found.xy, found.plan.neighbours)


def place_by_umap(run: str, name: str, z: list[list[float]], told: Told = lambda share, what: None) -> list[list[float]]:
    """Where UMAP's own transform puts new latents on one of its maps: a few seconds.  M x D -> M x dims"""
    told(0.1, "finding their neighbours")
    found, there, new = _side_by_side(run, name, np.asarray(z, np.float32))
    plan = found.plan
    return settle(new, there, found.xy, neighbours=plan.neighbours, min_dist=plan.min_dist, metric=plan.metric, seed=plan.seed).tolist()


def _side_by_side(run_id: str, name: str, z: np.ndarray) -> tuple[LatentMap, np.ndarray, np.ndarray]:
    """A map, and what its points and new latents are laid out by."""
    found = read_map(run_id, name)
    return found, _laid_out_by(run_id, name, map_path(run_id, name).stat().st_mtime_ns), _features(found, z)


@lru_cache(maxsize=4)
def _laid_out_by(run_id: str, name: str, _changed: int) -> np.ndarray:
    found = read_map(run_id, name)
    return _features(found, found.z)   # of a model without an encoder seconds: its points are decoded and read


def _features(found: LatentMap, z: np.ndarray) -> np.ndarray:
    return features_of(find_run(found.run_id), MODELS.get(found.run_id, found.step, exact=True), z)
