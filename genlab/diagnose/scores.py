"""What D thinks of images: its scores of training images, of held-out ones, and of G's."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from genlab.errors import LabError
from genlab.models.adversarial import AdversarialModel
from genlab.objectives.adversarial import border
from genlab.runs import Run
from genlab.training.batches import to_float

N = 512   # images of each kind at most


@dataclass(frozen=True)
class Scores:
    """D's outputs before any sigmoid, (n,) float32 each, for images it trained on, images it never saw, and made ones.

    border : above it D takes an image for real; acc : shares that it is right about, by kind
    """

    train: np.ndarray
    held_out: np.ndarray
    made: np.ndarray
    border: float
    acc: dict[str, float]


@torch.inference_mode()
def scores(model: AdversarialModel, train: np.ndarray, held_out: np.ndarray, *, loss: str, batch_size: int, seed: int = 0) -> Scores:
    """Scores by D of images, uint8 (N, C, S, S), and of as many that decode makes.

    Each kind is judged in batches as large as in training, since D's batch norm takes the statistics of the batch at hand. LabError
    where a score is not finite.
    """
    if not hasattr(model, "D"):
        raise LabError("these weights hold the generator alone; D's scores need a snapshot with D")
    n = min(N, len(train))
    z = model.sample(n, torch.Generator().manual_seed(seed))
    made = torch.cat([model.decode(part) for part in z.split(128)])
    found = [_scored(model, x, batch_size) for x in (to_float(torch.from_numpy(train[:n])), to_float(torch.from_numpy(held_out[:N])), made)]
    if not all(s.isfinite().all() for s in found):
        raise LabError("D's scores hold NaN or infinity: the game broke before these weights were kept")
    train_s, held_s, made_s = (s.numpy() for s in found)
    at = float(border(loss, found[0], found[2]))
    acc = {"train": float((train_s > at).mean()), "held_out": float((held_s > at).mean()), "made": float((made_s <= at).mean())}
    return Scores(train_s, held_s, made_s, at, acc)


def _scored(model: AdversarialModel, x: Tensor, batch_size: int) -> Tensor:
    whole = len(x) // batch_size * batch_size or len(x)   # a short batch has other statistics
    return torch.cat([model.D(2 * part - 1) for part in x[:whole].split(batch_size)])


def loss_at(run: Run, step: int) -> str:
    """The loss that a run played for at a step: the plan's, or what it was changed to before."""
    changes = [e["values"]["loss"] for e in run.events() if e["kind"] == "changed" and "loss" in e["values"] and e["step"] <= step]
    return changes[-1] if changes else run.plan.settings["loss"]


def histograms(found: Scores, bins: int = 40) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Edges over the middle 99 % of all scores, (bins + 1,), and the share of each kind's images in each bin, (bins,); the ends take the rest."""
    kinds = {"train": found.train, "held_out": found.held_out, "made": found.made}
    low, high = np.quantile(np.concatenate(list(kinds.values())), [0.005, 0.995])
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    edges = np.linspace(low, high, bins + 1)
    return edges, {name: np.histogram(values.clip(low, high), edges)[0] / len(values) for name, values in kinds.items()}
