"""In which space two sets of images are compared: the judge's features, a classifier's, or principal components of pixels."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from genlab.data import DataSpec
from genlab.errors import DataError
from genlab.judge import classifier, judge
from genlab.latent.pca import fit_pca

COMPONENTS, IMAGES_PER_COMPONENT = 64, 4
FEWEST = 20   # images that components are fitted on


@dataclass(frozen=True)
class FeatureSpace:
    """id : what a protocol says of it, with a digest of what it was computed from; about : in words; of : uint8 (N, C, S, S) -> (N, F)"""

    id: str
    about: str
    of: Callable[[np.ndarray], np.ndarray]


def feature_space(spec: DataSpec, held_out: np.ndarray) -> FeatureSpace:
    """The space for the images of a dataset: the judge for faces, a classifier where one is shipped, else pixels' components.

    held_out : uint8 (N, C, S, S), which components are fitted on: they are the same however many images a run trains on.
    Raises RunError where the judge is missing, DataError where components would be fitted on fewer than 20 images.
    """
    if spec.name == "faces":
        return _by_judge()
    if (classifier.classifier_dir(spec.name) / classifier.WEIGHTS).exists():
        return _by_classifier(spec.name)
    return by_components(spec.name, held_out)


def _by_judge() -> FeatureSpace:
    net = judge.load_judge()
    return FeatureSpace(f"judge {digest(judge.judge_dir() / judge.WEIGHTS)}", "the judge's features", lambda x: net.features(in_colour(x)))


def _by_classifier(dataset: str) -> FeatureSpace:
    net = classifier.load_classifier(dataset)
    weights = classifier.classifier_dir(dataset) / classifier.WEIGHTS
    return FeatureSpace(f"classifier of {dataset} {digest(weights)}", f"features of a classifier of {dataset}", net.features)


def by_components(name: str, held_out: np.ndarray) -> FeatureSpace:
    """Codes of principal components of held-out images, scaled so that the mean variance is 1."""
    if len(held_out) < FEWEST:
        raise DataError(f"{name}: holds out {len(held_out)} images; at least {FEWEST} are needed to compare sets of images")
    if (held_out == held_out[0]).all():
        raise DataError(f"{name}: all held-out images are the same; different ones are needed to compare sets of images")
    fitted = fit_pca(as_vectors(held_out), min(COMPONENTS, len(held_out) // IMAGES_PER_COMPONENT))
    scale = float(np.sqrt(np.square(fitted.std).mean()))
    mark = hashlib.sha256(np.ascontiguousarray(held_out).tobytes()).hexdigest()[:8]
    return FeatureSpace(f"{len(fitted.std)} components of pixels {mark}",
                        f"{len(fitted.std)} principal components of pixels, since no network knows {name}: they see colours and places, not things",
                        lambda x: fitted.encode(as_vectors(x)) / scale)


def as_vectors(x: np.ndarray) -> np.ndarray:
    """uint8 (N, C, S, S) -> float32 (N, C S S) in [0, 1]"""
    return x.reshape(len(x), -1).astype(np.float32) / 255


def in_colour(x: np.ndarray) -> np.ndarray:
    return np.repeat(x, 3, axis=1) if x.shape[1] == 1 else x


def digest(path: Path) -> str:
    """The first 8 hexadecimal digits of a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
