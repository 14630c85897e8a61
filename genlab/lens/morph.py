"""A square of faces: a few that a run rebuilds well, and between them whatever it makes of the latents there."""

import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from genlab.data import ImageSet
from genlab.errors import LabError
from genlab.latent.arrays import in_parts
from genlab.latent.lattice import between, on_lattice, spread_out
from genlab.lens.codes import CODES
from genlab.lens.images import IMAGES
from genlab.lens.models import MODELS, ServedModel
from genlab.runs import Run, find_run, list_runs
from genlab.runs.pictures import png

PREFERRED = ("faces-vae-sharp", "faces-vae-report", "faces-vae-fast")
SIDE = 3            # of the lattice
LOOKED_AT = 150     # held-out images to choose from
BEST = 0.5         # share of those images that a model rebuilds best
FRIENDLY = {"smile": (0.2, 1.0), "eyes_open": (0.6, 1.0), "yaw": (-15, 15), "glasses": (0, 0)}   # half a pair of glasses is a smear
KEPT = 4


@dataclass(frozen=True)
class Morph:
    """z : float32 (SIDE^2, D), row by row from the upper left; first : what the run makes of the middle, a PNG

    strips : two ways from corner to corner; atlas : all of the square in rows of 8. uint8 (n, C, H, W)
    """

    run_id: str
    title: str
    z: np.ndarray
    first: bytes
    strips: tuple[np.ndarray, np.ndarray]
    atlas: np.ndarray


class MorphCache:
    """Squares by run and step of its weights, the last few kept: choosing takes a second, once."""

    def __init__(self):
        self._kept: OrderedDict[tuple[str, int], Morph] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, run: Run) -> Morph:
        """The square of a run; LabError where it cannot encode, or its data is not there."""
        model = MODELS.get(run.id, exact=True)
        with self._turn:
            key = (run.id, model.step)
            if key not in self._kept:
                self._kept[key] = _chosen(run, model)
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]


MORPHS = MorphCache()
"""The server's own."""


def face_run() -> Run | None:
    """The run that the first screen is drawn by: a VAE, of faces where there is one."""
    for name in PREFERRED:
        try:
            run = find_run(name)
        except LabError:
            continue
        if run.snapshots():
            return run
    runs = [run for run in list_runs() if run.plan.model == "vae" and run.plan.data.name != "own" and run.snapshots()]
    return min(runs, key=lambda run: (run.plan.data.name != "faces", not run.is_shipped), default=None)


def prepare_first() -> None:
    """Have the first screen ready before somebody asks for it; where that cannot be, the page says why."""
    with suppress(LabError):
        if run := face_run():
            MORPHS.get(run)


def prepare_next() -> None:
    """Have the page ready that a click on the face opens."""
    with suppress(LabError):
        if run := face_run():
            CODES.get(run.id)


def _chosen(run: Run, model: ServedModel) -> Morph:
    count = min(LOOKED_AT, len(IMAGES.open(run.plan.data).at["test"]))
    images = IMAGES.take(run.plan.data, "test", list(range(count)))
    if count < SIDE * SIDE:
        raise LabError(f"{run.id}: it holds out {count} images; {SIDE * SIDE} are needed")
    mu = in_parts(model.encode, images.x)
    good = worth_showing(images, errors(model, images.x, mu))
    taken = good[spread_out(mu[good], SIDE * SIDE)]
    z = mu[taken[on_lattice(mu[taken], SIDE)]]

    def drawn(spots: list[tuple[float, float]]) -> np.ndarray:
        return model.decode(np.stack([between(z, x, y) for x, y in spots])).transpose(0, 3, 1, 2)

    middle, along = drawn([(0.5, 0.5)])[0], np.linspace(0, 1, 8)
    atlas = drawn([(x, y) for y in np.linspace(0, 1, 4) for x in along])
    strips = drawn([(t, t) for t in along]), drawn([(t, 1 - t) for t in along])
    return Morph(run.id, run.title, z, png(np.squeeze(middle.transpose(1, 2, 0))), strips, atlas)


def errors(model: ServedModel, x: np.ndarray, mu: np.ndarray) -> np.ndarray:
    """Mean square error of each image's reconstruction, in squared grey levels.  (N, C, H, W), (N, D) -> (N,)"""
    x_hat = in_parts(model.decode, mu).transpose(0, 3, 1, 2)
    return np.square(x_hat.astype(np.float32) - x).mean((1, 2, 3))


def worth_showing(images: ImageSet, error: np.ndarray) -> np.ndarray:
    """Positions of the images that a model rebuilds best, friendly faces before all others.  -> int, SIDE^2 at least"""
    friendly = np.ones(len(images), bool)
    for name, (low, high) in FRIENDLY.items():
        if name in images.attribute_names:
            column = images.attributes[:, images.attribute_names.index(name)]
            friendly &= (low <= column) & (column <= high)
    order = np.lexsort((error, ~friendly))
    return order[: max(SIDE * SIDE, round(BEST * friendly.sum()))]
