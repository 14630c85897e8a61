"""The judge: reads every attribute of a face from its picture, and gives the features that image measures compare."""

from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from genlab.data import Attribute
from genlab.data.faces import FACTORS, IDENTITY
from genlab.errors import DataError, RunError
from genlab.files import write_atomic
from genlab.judge.net import SIZE, Head, JudgeNet, lay_out
from genlab.judge.readings import Readings
from genlab.paths import checkpoints_dir
from genlab.runs.weights import load_weights, save_weights

WEIGHTS, CONFIG = "judge.safetensors", "config.json"
SMALLEST = 8          # pixels; below that nothing can be read
AT_ONCE = 256         # pictures in a forward pass

DAMAGE = Attribute("damage", "continuous", 0.0, 0.2)
"""Root mean square error of a picture against what was drawn; it keeps the features aware of quality."""


class JudgeConfig(BaseModel):
    """What a judge reads, and how it was made."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    judge: int = 1    # version of this layout; run folders say "format", so none is taken for the other
    dataset: str = "faces"
    attributes: tuple[Attribute, ...] = FACTORS
    identity: tuple[str, ...] = IDENTITY
    widths: tuple[int, int, int, int]
    features: int
    command: str = ""
    training: dict = {}

    def heads(self) -> tuple[Head, ...]:
        """Every attribute, then damage, then the person's traits."""
        return lay_out((*self.attributes, DAMAGE, *(Attribute(name, "continuous", -1.0, 1.0) for name in self.identity)))

    def network(self) -> JudgeNet:
        """A network of this layout, with random weights."""
        traits = 2 * len(self.identity)
        return JudgeNet(self.heads()[-1].columns.stop - traits, traits, self.widths, self.features)


class Judge:
    """A network with its config; safe to share, since nothing in it changes.

    config : what it reads; info : the attributes; identity : names of the traits; features_dim : length of a feature vector
    """

    def __init__(self, config: JudgeConfig, net: JudgeNet):
        self.config, self.net = config, net.eval()
        self.heads, self.info, self.identity, self.features_dim = config.heads(), config.attributes, config.identity, config.features

    @property
    def parameters(self) -> int:
        """How many numbers it has learned."""
        return sum(p.numel() for p in self.net.parameters())

    def read(self, x: np.ndarray) -> Readings:
        """Everything that pictures show.  uint8 (N, 3, S, S) -> Readings; other sizes than 64 are resized.

        Raises DataError for another type, shape or number of channels, or for no picture at all.
        """
        return self.interpret(self._run(x)[1])

    def features(self, x: np.ndarray) -> np.ndarray:
        """What the last layer reads from, with mean 0 and variance 1 over the faces of the calibration.  uint8 (N, 3, S, S) -> float32 (N, F)"""
        features = self._run(x)[0]
        return ((features - self.net.feature_mean) / self.net.feature_std).numpy()

    def outputs(self, x: np.ndarray) -> Tensor:
        """Calibrated logits, means and log variances, as `heads` lays them out.  uint8 (N, 3, S, S) -> float32 (N, O)"""
        return self._run(x)[1]

    def interpret(self, outputs: Tensor) -> Readings:
        """Calibrated outputs (N, O) in words of the attributes."""
        k = len(self.info)
        value, chance, spread = (np.stack(columns, axis=1) for columns in zip(*(said(h, outputs) for h in self.heads), strict=True))
        return Readings(self.info, value[:, :k], chance[:, :k], spread[:, :k], value[:, k + 1 :], spread[:, k + 1 :], value[:, k])

    def _run(self, x: np.ndarray) -> tuple[Tensor, Tensor]:
        check_pictures(x)
        with torch.inference_mode():
            parts = [self.net(fitted(x[i : i + AT_ONCE])) for i in range(0, len(x), AT_ONCE)]
            features, outputs = (torch.cat(part) for part in zip(*parts, strict=True))
            return features, self.net.calibrated(outputs)


def said(head: Head, outputs: Tensor) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What a head decides, with which chance, and with which spread: three float32 (N,)."""
    raw, attribute = outputs[:, head.columns], head.attribute
    unknown = torch.full((len(raw),), torch.nan)
    if attribute.kind == "binary":
        chance = torch.sigmoid(raw[:, 0])
        return (chance >= 0.5).float().numpy(), chance.numpy(), unknown.numpy()
    if attribute.kind == "categorical":
        chance, index = raw.softmax(1).max(1)
        return index.float().numpy(), chance.numpy(), unknown.numpy()
    half = (attribute.high - attribute.low) / 2
    value = (raw[:, 0] * half + (attribute.low + attribute.high) / 2).clamp(attribute.low, attribute.high)
    return value.numpy(), unknown.numpy(), (half * (0.5 * raw[:, 1]).exp()).numpy()


def fitted(x: np.ndarray) -> Tensor:
    """uint8 (N, 3, S, S) -> float (N, 3, 64, 64) in [0, 1], averaged down or interpolated up."""
    pictures = torch.from_numpy(np.ascontiguousarray(x)).float() / 255
    return pictures if pictures.shape[2] == SIZE else F.interpolate(pictures, (SIZE, SIZE), mode="bilinear", antialias=True)


def check_pictures(x: np.ndarray) -> None:
    if not isinstance(x, np.ndarray) or x.dtype != np.uint8 or x.ndim != 4 or x.shape[1] != 3 or x.shape[2] != x.shape[3]:
        found = f"{x.dtype} {x.shape}" if isinstance(x, np.ndarray) else type(x).__name__
        raise DataError(f"judge: pictures are {found}; uint8 (N, 3, S, S) in colour is needed")
    if not len(x) or x.shape[2] < SMALLEST:
        raise DataError(f"judge: pictures have shape {x.shape}; at least one of at least {SMALLEST} x {SMALLEST} is needed")


def judge_dir() -> Path:
    """Folder of the shipped judge."""
    return checkpoints_dir() / "judge"


def save_judge(judge: Judge, folder: Path) -> None:
    """Write a judge's weights in half precision, then its config."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(folder / WEIGHTS, {n: t.contiguous() for n, t in judge.net.state_dict().items() if not n.endswith("num_batches_tracked")})
    write_atomic(folder / CONFIG, judge.config.model_dump_json(indent=1))


def load_judge(dataset: str = "faces", folder: Path | None = None) -> Judge:
    """The shipped judge, or the one in `folder`; the same object as long as its files stay the same.

    Raises DataError where no judge knows this dataset, RunError where it is missing, damaged or of another table of attributes.
    """
    if dataset != "faces":
        raise DataError(f"judge: it knows drawn faces and not {dataset!r}; choose a run on faces")
    weights = (folder or judge_dir()) / WEIGHTS
    if not weights.exists():
        raise RunError(f"judge: {weights} is missing; `python -m genlab judge train` makes it")
    return _load(weights.parent, weights.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _load(folder: Path, _changed: int) -> Judge:
    try:
        config = JudgeConfig.model_validate_json((folder / CONFIG).read_text())
    except (OSError, ValueError) as error:
        raise RunError(f"judge: {folder / CONFIG} is missing or damaged ({str(error).splitlines()[0]})") from None
    if config.attributes != FACTORS or config.identity != IDENTITY:
        raise RunError("judge: it was trained for another table of attributes; `python -m genlab judge train` makes one for this")
    net = config.network()
    try:
        net.load_state_dict({**net.state_dict(), **load_weights(folder / WEIGHTS)})
    except RuntimeError as error:
        raise RunError(f"judge: the weights do not fit the config: {str(error).splitlines()[-1].strip()}") from None
    return Judge(config, net.to(memory_format=torch.channels_last))
