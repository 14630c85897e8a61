"""What a page shows of a GAN's snapshot: D's scores, and the training images that its samples are nearest to. Kept by value."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from genlab.data import DataSpec
from genlab.diagnose.scores import Scores, loss_at, scores
from genlab.errors import LabError
from genlab.judge.features import feature_space
from genlab.lens.images import IMAGES
from genlab.measures.looks import samples
from genlab.measures.memory import nearest
from genlab.runs import Run, find_run, load_model
from genlab.runs.weights import is_whole

MOST_TRAIN = 2000   # training images that samples are compared with: as many faces are drawn and read in 4 s on a core
SEEN = 512          # images of each kind that D scores


@dataclass(frozen=True)
class Neighbours:
    """Samples and the training image nearest to each by features, uint8 (n, C, S, S) each.

    distances : (n,), in a feature space; usual : the median of a held-out image to its nearest training image; among : training images
    looked at; about : the space in words
    """

    samples: np.ndarray
    nearest: np.ndarray
    distances: np.ndarray
    usual: float
    among: int
    about: str


def d_scores(run: Run, step: int) -> Scores:
    """D's scores at a kept step. LabError where the snapshot holds no D, saying which does."""
    if not is_whole(run.weights_path(step)):
        whole = [s for s in run.snapshots() if is_whole(run.weights_path(s))]
        raise LabError(f"Of step {step} the generator alone was kept. D's scores can be seen at step {', '.join(map(str, whole))}."
                       if whole else "Only generators were kept of this run, so what D thinks cannot be seen.")
    return _scores(run.id, step, _stamp(run, step))


def neighbours(run: Run, step: int, n: int = 8) -> Neighbours:
    """The first samples of a kept step beside the training images nearest to them. LabError where there is no feature space."""
    return _neighbours(run.id, step, n, _stamp(run, step))


def _stamp(run: Run, step: int) -> int:
    try:
        return run.weights_path(step).stat().st_mtime_ns
    except FileNotFoundError:
        raise LabError(f"{run.id}: no weights at step {step}; kept are {', '.join(map(str, run.snapshots())) or 'none'}") from None


def images(spec: DataSpec, part: str, most: int) -> np.ndarray:
    """The first images of a part.  -> uint8 (n, C, S, S)"""
    there = IMAGES.open(spec)
    return there.take(part, list(range(min(most, len(there.at[part]))))).x


@lru_cache(maxsize=64)
def _scores(run_id: str, step: int, _stamp: int) -> Scores:
    run = find_run(run_id)
    train, held_out = images(run.plan.data, "train", SEEN), images(run.plan.data, "test", SEEN)
    return scores(load_model(run, step), train, held_out, loss=loss_at(run, step), batch_size=min(run.plan.batch_size, len(train)))


@lru_cache(maxsize=32)
def _neighbours(run_id: str, step: int, n: int, _stamp: int) -> Neighbours:
    run = find_run(run_id)
    made = samples(load_model(run, step), run.plan.seed, n)
    IMAGES.open(run.plan.data)   # says so where they are no longer what it was trained on
    train, features, usual, about, of = _train_features(run.plan.data.model_dump_json())
    at, distances = nearest(of(made), features)
    return Neighbours(made, train[at], distances, usual, len(train), about)


@lru_cache(maxsize=4)
def _train_features(spec: str) -> tuple:
    """Training images, their features, how far a held-out one is from the nearest of them, and the space; the same for all runs on these data."""
    data = DataSpec.model_validate_json(spec)
    train, held_out = images(data, "train", MOST_TRAIN), images(data, "test", SEEN)
    space = feature_space(data, held_out)
    features = space.of(train)
    return train, features, float(np.median(nearest(space.of(held_out), features)[1])), space.about, space.of
