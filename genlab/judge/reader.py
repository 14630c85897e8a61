"""What reads attributes from pictures that nobody labelled, a model's samples say: the judge for faces, a classifier for digits and their kin."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from genlab.data import Attribute, DataSpec
from genlab.errors import DataError
from genlab.judge import classifier, judge
from genlab.judge.features import digest

NAMES = {"digits": "digit", "mnist": "digit"}   # of the one attribute that a classifier tells


@dataclass(frozen=True)
class Reader:
    """Reads the same from the same pictures, as long as its id is the same.

    id : name and digest of the weights; about : in words; info : a column of attributes each
    read : uint8 (N, C, S, S) -> "attributes", float32 (N, K); a judge also "identity" and "identity_spread", (N, I)
    """

    id: str
    about: str
    info: tuple[Attribute, ...]
    read: Callable[[np.ndarray], dict[str, np.ndarray]]


def reader_of(spec: DataSpec) -> Reader:
    """Who reads pictures like those of a dataset; DataError where nobody can, RunError where whoever could is missing or damaged."""
    if spec.name == "faces":
        return _judge(spec)
    if not (classifier.classifier_dir(spec.name) / classifier.WEIGHTS).exists():
        raise DataError(f"{spec.name}: nobody reads attributes from its pictures; the judge knows faces, and a classifier digits and MNIST")
    net = classifier.load_classifier(spec.name)
    info = (Attribute(NAMES.get(spec.name, "class"), "categorical", 0, len(net.config.classes) - 1, net.config.classes),)
    weights = classifier.classifier_dir(spec.name) / classifier.WEIGHTS
    return Reader(f"classifier {digest(weights)}", f"a classifier of {spec.name}", info,
                  lambda x: {"attributes": net.classes(x)[:, None].astype(np.float32)})


def _judge(spec: DataSpec) -> Reader:
    if spec.channels != 3:
        raise DataError("faces in grey: the judge reads hair, skin and glasses from colour; choose a run on faces in colour")
    net = judge.load_judge()

    def read(x: np.ndarray) -> dict[str, np.ndarray]:
        found = net.read(x)
        return {"attributes": found.attributes, "identity": found.identity, "identity_spread": found.identity_spread}

    return Reader(f"judge {digest(judge.judge_dir() / judge.WEIGHTS)}", "the judge", net.info, read)
