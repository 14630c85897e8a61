"""Making a map: encode images, draw from the prior, lay all of it out, measure how true that is."""

from collections.abc import Callable
from contextlib import suppress

import numpy as np

from genlab.data.opened import Opened, opened, read_images
from genlab.errors import LabError
from genlab.latent.arrays import AT_ONCE, in_parts
from genlab.latent.fidelity import fidelity
from genlab.latent.projection import FEWEST, project, project_aligned
from genlab.lens.judged import read_latents
from genlab.lens.models import MODELS, ServedModel
from genlab.maps.file import LatentMap
from genlab.maps.plan import MapPlan
from genlab.runs import Run
from genlab.runs.weights import whole_steps

FITTED, MEASURED = 0.3, 0.95   # shares of the work at which a fit begins and ends
FILM_POINTS, FILM_MOMENTS = 500, 8

Told = Callable[[float, str], None]
"""Told how far it is: (share done in [0, 1], what is being done)."""


def make_map(run: Run, step: int, plan: MapPlan, weights: str, told: Told = lambda share, what: None) -> LatentMap:
    """The map of a run's latent space at a kept step. LabError where it cannot encode and nothing stands in for its codes, or data is missing."""
    model = MODELS.get(run.id, step, exact=True)
    counts, z, error = _points(run, model, plan, told)
    features, kept = features_of(run, model, z), z.astype(np.float16).astype(np.float32)
    if not model.can_encode:   # the page colours them by what they show, and should not wait for it
        with suppress(LabError):   # nobody can read them
            read_latents(model, kept, lambda share, what: told(FITTED * share, what))
    if len(z) < FEWEST:
        raise LabError(f"{run.id}: {len(z)} of the {FEWEST} points that a map needs. Ask for more draws of the prior (--prior)")
    told(FITTED, "laying out the map")
    found = project(features, plan.method, dims=plan.dims, neighbours=_neighbours(plan, len(z), plan.n + plan.prior), min_dist=plan.min_dist,
                    metric=plan.metric, seed=plan.seed, told=lambda share: told(FITTED + (MEASURED - FITTED) * share, "laying out the map"))
    told(MEASURED, "measuring how true it is")
    measured = fidelity(features, found.xy, k=min(plan.neighbours, 15), metric=plan.metric if plan.method != "pca" else "euclidean")
    told(1.0, "done")
    return LatentMap(run.id, step, weights, plan, counts, found.xy, kept, error, vars(measured))


def _points(run: Run, model: ServedModel, plan: MapPlan, told: Told) -> tuple[dict[str, int], np.ndarray, np.ndarray]:
    """How many points of which part, their latents (N, D) and reconstruction errors (N,)."""
    if not model.can_encode:
        z = model.prior(plan.n, plan.seed)
        return {"test": 0, "train": 0, "prior": plan.n}, z, np.full(len(z), np.nan, np.float32)
    told(0.0, "reading images")
    spec = run.plan.data
    images = opened(spec, read_images(spec))
    counts = _shares(images, plan)
    wanted = [(part, i) for part in ("test", "train") for i in range(counts[part])]
    codes, errors = [], []
    for start in range(0, len(wanted), AT_ONCE):
        for part in ("test", "train"):
            if index := [i for name, i in wanted[start : start + AT_ONCE] if name == part]:
                x = images.take(part, index).x
                codes.append(model.encode(x))
                errors.append(_error(x, model.decode(codes[-1])))
        told(FITTED * start / len(wanted), f"encoding image {start} of {len(wanted)}")
    if plan.prior:
        codes.append(model.prior(plan.prior, plan.seed))
        errors.append(np.full(plan.prior, np.nan, np.float32))
    return counts, np.concatenate(codes), np.concatenate(errors)


def _shares(images: Opened, plan: MapPlan) -> dict[str, int]:
    """Held-out images first, as many as there are, then training images; one image that is both is one point."""
    test = min(plan.n, len(images.at["test"]))
    others = 0 if len(images.at["seen"]) == len(images.at["test"]) == 1 else len(images.at["train"])
    return {"test": test, "train": min(plan.n - test, others), "prior": plan.prior}


def _neighbours(plan: MapPlan, count: int, asked: int) -> int:
    """The plan's; of fewer points than were asked for as many as there are besides a point itself."""
    return min(plan.neighbours, count - 1) if count < asked else plan.neighbours


def _error(x: np.ndarray, x_hat: np.ndarray) -> np.ndarray:
    """Mean squared error per pixel, on the scale [0, 1].  uint8 (n, C, H, W), uint8 (n, H, W, C) -> float32 (n,)"""
    return (((x.transpose(0, 2, 3, 1).astype(np.float32) - x_hat) / 255) ** 2).mean((1, 2, 3))


def features_of(run: Run, model: ServedModel, z: np.ndarray) -> np.ndarray:
    """What latents are laid out by: they themselves; for a model without an encoder what tells its samples apart.  (n, D) -> (n, F)

    That is the judge's features, on data that it does not know the pixels.
    """
    if model.can_encode:
        return z
    pixels = in_parts(model.decode, z).transpose(0, 3, 1, 2)
    if run.plan.data.name == "faces":
        from genlab.judge.judge import load_judge

        return load_judge().features(np.repeat(pixels, 3 // pixels.shape[1], axis=1))
    return pixels.reshape(len(pixels), -1) / 255.0


# -- through training -------------------------------------------------------------------------------------------------


def make_film(run: Run, plan: MapPlan, told: Told = lambda share, what: None) -> tuple[np.ndarray, tuple[int, ...], np.ndarray]:
    """Aligned maps of the first images at kept steps, float32 (S, F, 2), the steps, and their latents, (S, F, D).

    LabError where fewer than two steps can still encode.
    """
    steps = whole_steps(run)
    steps = [steps[i] for i in np.unique(np.linspace(0, len(steps) - 1, min(FILM_MOMENTS, len(steps))).astype(int))] if steps else []
    if len(steps) < 2:
        raise LabError(f"{run.id}: {len(steps)} of its snapshots can still encode; two are needed. Runs trained here keep theirs whole")
    images = opened(run.plan.data, read_images(run.plan.data))
    x = images.take("seen", list(range(min(FILM_POINTS, plan.n, len(images.at["seen"]))))).x
    if len(x) < FEWEST:
        raise LabError(f"{run.id}: {len(x)} images; {FEWEST} are needed for a map of each moment")
    codes = []
    for i, step in enumerate(steps):
        told(FITTED * i / len(steps), f"encoding with the weights of step {step}")
        model = MODELS.get(run.id, step, exact=True)
        codes.append(in_parts(model.encode, x))
    told(FITTED, "laying out the maps")
    found = project_aligned(codes, "pca" if plan.method == "pca" else "umap", min_dist=plan.min_dist, seed=plan.seed,
                            neighbours=_neighbours(plan, len(x), min(FILM_POINTS, plan.n)))
    return found, tuple(steps), np.stack(codes)
