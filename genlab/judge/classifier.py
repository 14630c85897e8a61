"""A small classifier of grey images in classes (digits, MNIST and its kin), for the features that image measures compare."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

from genlab.data.resize import LUMA
from genlab.errors import DataError, RunError
from genlab.files import write_atomic
from genlab.paths import checkpoints_dir
from genlab.runs.weights import load_weights, save_weights

SIZE, FEATURES = 32, 32
WEIGHTS, CONFIG = "classifier.safetensors", "config.json"
AT_ONCE = 500   # pictures in a forward pass


class ClassifierConfig(BaseModel):
    """What a classifier tells apart, and how it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    classifier: int = 1   # version of this layout; run folders say "format", so none is taken for the other
    dataset: str
    classes: tuple[str, ...]
    width: int = 16
    command: str = ""
    training: dict = {}


class ClassifierNet(nn.Module):
    """Pictures in [0, 1] -> features and logits.  (B, 1, 32, 32) -> (B, 32), (B, classes)"""

    def __init__(self, width: int, classes: int):
        super().__init__()
        self.layers = nn.Sequential(*_half(1, width), *_half(width, 2 * width), *_half(2 * width, 4 * width), nn.Flatten())
        self.to_features = nn.Sequential(nn.Linear(4 * width * (SIZE // 8) ** 2, FEATURES, bias=False), nn.BatchNorm1d(FEATURES), nn.SiLU())
        self.to_classes = nn.Linear(FEATURES, classes)
        self.register_buffer("feature_mean", torch.zeros(FEATURES))
        self.register_buffer("feature_std", torch.ones(FEATURES))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        features = self.to_features(self.layers(2 * x - 1))
        return features, self.to_classes(features)


def _half(c_in: int, c_out: int) -> list[nn.Module]:
    return [nn.Conv2d(c_in, c_out, 3, 2, 1, bias=False), nn.BatchNorm2d(c_out), nn.ReLU()]


class Classifier:
    """A network with its config; safe to share, since nothing in it changes."""

    def __init__(self, config: ClassifierConfig, net: ClassifierNet):
        self.config, self.net = config, net.eval()

    def features(self, x: np.ndarray) -> np.ndarray:
        """What the last layer reads from, each with mean 0 and variance 1 over the training images.  uint8 (N, C, S, S) -> float32 (N, 32)"""
        return ((self._run(x)[0] - self.net.feature_mean) / self.net.feature_std).numpy()

    def classes(self, x: np.ndarray) -> np.ndarray:
        """The class of each picture.  uint8 (N, C, S, S) -> int (N,)"""
        return self._run(x)[1].argmax(1).numpy()

    def _run(self, x: np.ndarray) -> tuple[Tensor, Tensor]:
        with torch.inference_mode():
            parts = [self.net(fitted(x[i : i + AT_ONCE])) for i in range(0, len(x), AT_ONCE)]
        features, logits = (torch.cat(p) for p in zip(*parts, strict=True))
        return features, logits


def fitted(x: np.ndarray) -> Tensor:
    """uint8 (N, 1 or 3, S, S) -> grey float (N, 1, 32, 32) in [0, 1]; DataError for anything else."""
    if x.dtype != np.uint8 or x.ndim != 4 or x.shape[1] not in (1, 3) or not len(x):
        raise DataError(f"classifier: pictures are {x.dtype} {x.shape}; uint8 (N, 1 or 3, S, S) is needed")
    pictures = torch.from_numpy(np.ascontiguousarray(x)).float() / 255
    if x.shape[1] == 3:
        pictures = torch.tensordot(pictures, torch.from_numpy(LUMA), dims=([1], [0]))[:, None]
    return pictures if x.shape[2] == SIZE else F.interpolate(pictures, (SIZE, SIZE), mode="bilinear", antialias=True)


def classifier_dir(dataset: str) -> Path:
    """Folder of the shipped classifier of a dataset; it need not be there."""
    return checkpoints_dir() / f"features-{dataset}"


def save_classifier(classifier: Classifier, folder: Path) -> None:
    """Write its weights in half precision, then its config."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS, {n: t for n, t in classifier.net.state_dict().items() if not n.endswith("num_batches_tracked")})
    write_atomic(folder / CONFIG, classifier.config.model_dump_json(indent=1))


def load_classifier(dataset: str, folder: Path | None = None) -> Classifier:
    """The shipped classifier of a dataset, or the one in `folder`; RunError where it is missing or damaged."""
    weights = (folder or classifier_dir(dataset)) / WEIGHTS
    if not weights.exists():
        raise RunError(f"classifier: {weights} is missing; `python -m genlab features train --dataset {dataset}` makes it")
    return _load(weights, weights.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(weights: Path, _changed: int) -> Classifier:
    try:
        config = ClassifierConfig.model_validate_json((weights.parent / CONFIG).read_text())
    except (OSError, ValueError) as error:
        raise RunError(f"classifier: {weights.parent / CONFIG} is missing or damaged ({str(error).splitlines()[0]})") from None
    net = ClassifierNet(config.width, len(config.classes))
    try:
        net.load_state_dict({**net.state_dict(), **load_weights(weights)})
    except RuntimeError as error:
        raise RunError(f"classifier: the weights do not fit the config: {str(error).splitlines()[-1].strip()}") from None
    return Classifier(config, net)
