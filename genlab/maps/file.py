"""A map as a file: safetensors, no code runs on load; what it was made of stands in its header."""

import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from genlab.errors import ConfigError, RunError
from genlab.files import write_atomic
from genlab.maps.plan import MapPlan
from genlab.settings import build_config

FORMAT = 1
"""Version of the file; one of another is refused."""


@dataclass(frozen=True)
class LatentMap:
    """Points of a run's latent space on a map: held-out images, then training images, then draws from the prior.

    xy : float32 (N, dims); z : float32 (N, D), to 16 bits; error : float32 (N,), mean squared error per pixel, NaN for draws
    counts : how many points each of "test", "train" and "prior" has; image i of a part is its i-th point
    weights : digest of the weights; fidelity : trustworthiness, agreement, k, points
    film : float32 (S, F, 2), the first F points after each of `film_steps` steps, and film_codes (S, F, D) their latents; S may be 0
    """

    run_id: str
    step: int
    weights: str
    plan: MapPlan
    counts: dict[str, int]
    xy: np.ndarray
    z: np.ndarray
    error: np.ndarray
    fidelity: dict[str, float]
    film: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 2), np.float32))
    film_steps: tuple[int, ...] = ()
    film_codes: np.ndarray = field(default_factory=lambda: np.empty((0, 0, 0), np.float32))

    def __len__(self) -> int:
        return len(self.xy)

    @property
    def images(self) -> int:
        """How many of the points are images; they come first."""
        return self.counts["test"] + self.counts["train"]

    @cached_property
    def places(self) -> list[tuple[str, int]]:
        """Part and position of each point."""
        return [(part, i) for part in ("test", "train", "prior") for i in range(self.counts[part])]


def save_map(found: LatentMap, path: Path) -> None:
    """Write a map, latents and errors in half precision."""
    meta = {"format": FORMAT, "run": found.run_id, "step": found.step, "weights": found.weights, "plan": found.plan.model_dump(),
            "counts": found.counts, "fidelity": found.fidelity, "film_steps": list(found.film_steps)}
    tensors = {"xy": found.xy.astype(np.float32), "z": found.z.astype(np.float16), "error": found.error.astype(np.float32),
               "film": found.film.astype(np.float32), "film_codes": found.film_codes.astype(np.float16)}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, save({name: np.ascontiguousarray(t) for name, t in tensors.items()}, {"map": json.dumps(meta)}))


def load_map(path: Path) -> LatentMap:
    """The map in a file; RunError where it is missing, damaged, or was written by another version of the lab."""
    try:
        with safe_open(path, framework="numpy") as file:
            meta = json.loads((file.metadata() or {}).get("map", "{}"))
            if meta.get("format") != FORMAT:
                raise RunError(f"{path.name}: this map is of format {meta.get('format')!r}, from another version of the lab; this one reads "
                               f"{FORMAT}. Fit the map again")
            tensors = {name: file.get_tensor(name) for name in ("xy", "z", "error", "film", "film_codes") if name in file.keys()}   # noqa: SIM118
        found = LatentMap(meta["run"], int(meta["step"]), meta["weights"], build_config(MapPlan, meta["plan"]), _counts(meta["counts"]),
                          tensors["xy"], tensors["z"].astype(np.float32), tensors["error"], meta["fidelity"], tensors["film"],
                          tuple(meta["film_steps"]), tensors.get("film_codes", np.empty((0, 0, 0), np.float16)))
    except FileNotFoundError:
        raise RunError(f"{path.name}: there is no such map; fit it again") from None
    except (SafetensorError, ConfigError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RunError(f"{path.name}: not a whole map ({str(error).splitlines()[0]}); fit it again") from None
    _check(found, path.name)
    return found


def _counts(counts: dict) -> dict[str, int]:
    return {part: int(counts[part]) for part in ("test", "train", "prior")}


def _check(found: LatentMap, name: str) -> None:
    n = sum(found.counts.values())
    if not (found.xy.shape == (n, found.plan.dims) and found.z.shape[:1] == found.error.shape == (n,) and found.z.ndim == 2 and found.film.ndim == 3):
        raise RunError(f"{name}: its tables are not of {n} points; fit the map again")
    if not (np.isfinite(found.xy).all() and np.isfinite(found.z).all()):
        raise RunError(f"{name}: it holds places or latents that are not finite; fit the map again")
