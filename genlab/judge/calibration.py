"""Probabilities that mean what they say: temperatures, expected calibration error, and spreads of the right size."""

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from genlab.errors import DataError
from genlab.judge.net import Head, JudgeNet

BINS = 15


def fit_temperature(logits: Tensor, truth: Tensor) -> float:
    """The T whose softmax(logits / T) has the least cross entropy (Guo et al. 2017, arXiv 1706.04599, section 4.2).

    logits : (N, C) with truth (N,) of classes, or (N,) with truth (N,) of 0 and 1.
    """
    log_t = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t], max_iter=60, line_search_fn="strong_wolfe")
    logits = logits.double()

    def closure() -> Tensor:
        optimizer.zero_grad()
        scaled = logits / log_t.exp()
        if logits.ndim == 1:
            loss = F.binary_cross_entropy_with_logits(scaled, truth.double())
        else:
            loss = F.cross_entropy(scaled, truth.long())
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(log_t.detach().exp().clamp(0.05, 20))


def calibrate(net: JudgeNet, heads: tuple[Head, ...], x: Tensor, truth: Tensor) -> None:
    """Fit a network's buffers on pictures that it has not seen, (N, 3, 64, 64) in [0, 1] with all truths (N, K).

    One temperature for each binary and each category, one factor for each spread so that errors over spreads have variance 1,
    and mean and spread of each feature.
    """
    with torch.no_grad():
        features, outputs = (torch.cat(parts) for parts in zip(*(net.eval()(part) for part in x.split(256)), strict=True))
    net.feature_mean.copy_(features.mean(0))
    net.feature_std.copy_(features.std(0).clamp(min=1e-3))
    for k, head in enumerate(heads):
        raw = outputs[:, head.columns]
        if head.attribute.kind == "continuous":
            errors = (head.scale(truth[:, k]) - raw[:, 0]) * (-0.5 * raw[:, 1]).exp()
            net.widening[head.columns.start + 1] = errors.square().mean().sqrt()
        else:
            net.temperature[head.columns] = fit_temperature(raw.squeeze(1), truth[:, k])


def calibration_error(confidence: np.ndarray, correct: np.ndarray, bins: int = BINS) -> float:
    """Expected calibration error: mean distance of confidence and share of correct answers, over equal bins (Guo et al. 2017, equation 3).

    confidence : (N,) in [0, 1]; correct : (N,) of 0 and 1.  Raises DataError where they do not match.
    """
    if confidence.shape != correct.shape or confidence.ndim != 1 or not len(confidence):
        raise DataError(f"calibration: {confidence.shape} confidences and {correct.shape} answers; both need the same (N,)")
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    count = np.bincount(place, minlength=bins)
    gaps = np.abs(np.bincount(place, confidence, bins) - np.bincount(place, correct, bins))
    return float(gaps.sum() / count.sum())
