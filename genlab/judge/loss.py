"""What the judge is trained to make small: one fair share for every attribute, whatever its kind."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from genlab.judge.net import Head

SPREADS = (-7.0, 1.5)   # of log variances, in half ranges: from 1 in 33 to more than is ever unknown


class JudgeLoss:
    """Loss of outputs against truths, and its parts by attribute.

    Binaries and categories: cross entropy over that of guessing. Continuous ones: the beta-NLL with beta = 1/2 (Seitzer et al. 2022,
    arXiv 2203.09168, equation 5), which lets a picture that cannot be read count less without letting the mean go.
    """

    def __init__(self, heads: tuple[Head, ...], weights: dict[str, float]):
        self.heads = heads
        self.weights = torch.tensor([weights.get(h.attribute.name, 1.0) for h in heads])
        self.continuous = [k for k, h in enumerate(heads) if h.attribute.kind == "continuous"]
        self.binary = [k for k, h in enumerate(heads) if h.attribute.kind == "binary"]
        self.categorical = [k for k, h in enumerate(heads) if h.attribute.kind == "categorical"]
        self.logits = [heads[k].columns.start for k in self.binary]
        self.means = [heads[k].columns.start for k in self.continuous]
        self.logvars = [heads[k].columns.start + 1 for k in self.continuous]
        low, high = (torch.tensor([getattr(heads[k].attribute, end) for k in self.continuous]) for end in ("low", "high"))
        self.middle, self.half = (low + high) / 2, (high - low) / 2

    def __call__(self, outputs: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
        """(B, O) and truths in the attributes' own units (B, K) -> the loss and its parts (K,)."""
        parts = torch.zeros(len(self.heads))
        parts[self.binary] = self._binary(outputs, truth)
        for k in self.categorical:
            logits = outputs[:, self.heads[k].columns]
            parts[k] = F.cross_entropy(logits, truth[:, k].long()) / math.log(logits.shape[1])
        parts[self.continuous] = self._continuous(outputs, truth)
        return (self.weights * parts).sum() / self.weights.sum(), parts.detach()

    def _binary(self, outputs: Tensor, truth: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(outputs[:, self.logits], truth[:, self.binary], reduction="none").mean(0) / math.log(2)

    def _continuous(self, outputs: Tensor, truth: Tensor) -> Tensor:
        target = (truth[:, self.continuous] - self.middle) / self.half
        logvar = outputs[:, self.logvars].clamp(*SPREADS)
        squared = (outputs[:, self.means] - target).square()
        return ((0.5 * logvar.detach()).exp() * (squared * (-logvar).exp() + logvar + 4.0)).mean(0)
