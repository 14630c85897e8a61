"""From what a person names (an image, a seed, a latent) to latents of a run, a path through them, and its frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlab.data import DataSpec
from genlab.errors import LabError
from genlab.latent.arrays import in_parts
from genlab.latent.paths import along
from genlab.lens.batches import LARGEST
from genlab.lens.images import IMAGES
from genlab.lens.models import ServedModel
from genlab.models import find_model
from genlab.runs import Run

MOST_FRAMES = 600
LARGEST_SEED = 2**31


@dataclass(frozen=True)
class Waypoint:
    """One of three: a picture x, uint8 (C, H, W), whose code is meant; the seed of a draw from the prior; or a latent z, (D,)."""

    name: str
    x: np.ndarray | None = None
    seed: int | None = None
    z: np.ndarray | None = None


def image(data: DataSpec, number: int) -> Waypoint:
    """Image `number` of a run's data, the held-out ones first; DataError where it is not there."""
    return Waypoint(f"image:{number}", x=IMAGES.take(data, "seen", [number]).x[0])


def draw(seed: int) -> Waypoint:
    """The draw from the prior that a seed stands for: the same anywhere in the lab."""
    if not 0 <= seed <= LARGEST_SEED:
        raise LabError(f"seed {seed}: 0 to {LARGEST_SEED} are allowed")
    return Waypoint(f"seed:{seed}", seed=seed)


def code(model: ServedModel, waypoint: Waypoint) -> np.ndarray:
    """The latent that a waypoint is for a model.  -> float32 (D,); LabError where the model cannot encode or z does not fit."""
    if waypoint.x is not None:
        return model.encode(waypoint.x[None])[0]
    if waypoint.seed is not None:
        return model.prior(1, waypoint.seed)[0]
    return model.check(waypoint.z[None])[0]


def path(model: ServedModel, waypoints: Sequence[Waypoint], kind: str, frames: int, *, seed: int = 0) -> np.ndarray:
    """The path of a kind (genlab.latent.paths.KINDS) through waypoints.  -> float32 (T, D)

    seed is that of a walk. Raises LabError where there are too few waypoints or frames, or more than MOST_FRAMES.
    """
    if not 2 <= frames <= MOST_FRAMES:
        raise LabError(f"path: {frames} frames; 2 to {MOST_FRAMES} are allowed")
    codes = np.array([code(model, waypoint) for waypoint in waypoints]).reshape(len(waypoints), model.latent_dim)
    return along(kind, codes, frames, seed=seed, law=model.law).astype(np.float32)


def decoded(model: ServedModel, z: np.ndarray) -> np.ndarray:
    """What each latent decodes into.  (T, D) -> uint8 (T, H, W, C)"""
    return in_parts(model.decode, z, LARGEST)


def can_follow(other: Run, run: Run, waypoints: Sequence[Waypoint], kind: str) -> bool:
    """True where another run can take the same path as this one, on pictures of the same kind.

    Pictures have a code in any run that encodes; a draw and a walk mean the same only where latents have the same length
    and law; a bare latent means something in its own run alone.
    """
    a, b = run.plan, other.plan
    if not a.data.shows_like(b.data) or not other.has_latents:
        return False
    same_space = (run.space.shape, run.space.noise) == (other.space.shape, other.space.noise)
    if (kind == "walk" or any(w.seed is not None for w in waypoints)) and not same_space:
        return False
    if any(w.z is not None for w in waypoints):
        return False
    return find_model(b.model).can_encode or all(w.x is None for w in waypoints)
