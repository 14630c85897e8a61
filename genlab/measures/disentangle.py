"""Whether single latents stand for single factors: MIG and SAP.

T. Q. Chen et al., "Isolating sources of disentanglement in VAEs", 2018, arXiv 1802.04942, equation 6 (MIG). A. Kumar et al.,
"Variational inference of disentangled latent concepts from unlabeled observations", 2018, arXiv 1711.00848, section 3 (SAP).
Both are of means of q(z|x), with 20 bins of equal width, and depend on that: compare scores of one protocol alone.
"""

import numpy as np

from genlab.data import Attribute
from genlab.errors import LabError
from genlab.latent.intervals import Estimate, around, by_parts, jackknife_error

BINS, GROUPS = 20, 20
FEWEST = 500


def mig(codes: np.ndarray, factors: np.ndarray, info: tuple[Attribute, ...], seed: int) -> Estimate:
    """Mean over factors of the gap between the two latents that know most of it, over the factor's entropy: 0 to 1.

    (N, D), (N, K); a grouped jackknife interval. parts: each factor's gap. LabError for fewer than 500 images or 2 latents.
    """
    check(codes, factors, "mig")
    group = np.random.default_rng(seed).permutation(len(codes)) % GROUPS
    tables = [joint_counts(codes, f, group) for f in classes(factors, info)]
    gaps = [gap(t.sum(0)) for t in tables]
    without = [np.mean([gap(t.sum(0) - t[g]) for t in tables]) for g in range(GROUPS)]
    return around(np.mean(gaps), jackknife_error(np.array(without)), GROUPS - 1, **{a.name: g for a, g in zip(info, gaps, strict=True)})


def joint_counts(codes: np.ndarray, factor: np.ndarray, group: np.ndarray) -> np.ndarray:
    """How often each bin of each latent meets each class, in each group.  (N, D), int (N,), int (N,) -> (G, D, BINS, C)"""
    n, d = codes.shape
    groups, kinds = int(group.max()) + 1, int(factor.max()) + 1
    cell = ((group[:, None] * d + np.arange(d)) * BINS + binned(codes)) * kinds + factor[:, None]
    return np.bincount(cell.ravel(), minlength=groups * d * BINS * kinds).reshape(groups, d, BINS, kinds)


def gap(counts: np.ndarray) -> float:
    """(I_1 - I_2) / H of one factor, I_1 and I_2 the two largest mutual informations with a latent.  (D, BINS, C) -> ()"""
    p = counts / counts[0].sum()
    latent, factor = p.sum(2), p[0].sum(0)
    information = entropy(latent) + entropy(factor) - entropy(p.reshape(len(p), -1))
    first, second = np.sort(information)[::-1][:2]
    h = float(entropy(factor))
    return float((first - second) / h) if h > 0 else 0.0


def entropy(p: np.ndarray) -> np.ndarray:
    """In nats, over the last axis."""
    return -np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0).sum(-1)


def binned(values: np.ndarray) -> np.ndarray:
    """Which of 20 bins of equal width, from the least to the largest of its column, each value lies in.  (N, D) -> int (N, D)"""
    low, high = values.min(0), values.max(0)
    width = np.where(high > low, high - low, 1.0)
    return np.minimum((values - low) / width * BINS, BINS - 1).astype(int)


def classes(factors: np.ndarray, info: tuple[Attribute, ...]) -> list[np.ndarray]:
    """Each factor as whole numbers from 0: a continuous one in 20 bins.  (N, K) -> K of int (N,)"""
    return [binned(factors[:, [k]])[:, 0] if a.kind == "continuous" else factors[:, k].astype(int) for k, a in enumerate(info)]


def sap(codes: np.ndarray, factors: np.ndarray, info: tuple[Attribute, ...], seed: int) -> Estimate:
    """Mean over factors of the gap between the two latents that predict it best alone, 0 to 1; mean over five disjoint parts.

    (N, D), (N, K). A continuous factor is predicted by a line (its score R^2), any other by thresholds at the edges of 20 bins (its
    score the balanced accuracy on images that the thresholds were not fitted on).
    """
    check(codes, factors, "sap")
    return by_parts(lambda z, v: float(np.mean([_sap_gap(z, v[:, k], a) for k, a in enumerate(info)])), [codes, factors], seed)


def _sap_gap(codes: np.ndarray, factor: np.ndarray, attribute: Attribute) -> float:
    scores = line_scores(codes, factor) if attribute.kind == "continuous" else threshold_scores(codes, factor.astype(int))
    first, second = np.sort(scores)[::-1][:2]
    return float(first - second)


def line_scores(codes: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """R^2 of the factor on each latent alone: the squared correlation.  (N, D), (N,) -> (D,)"""
    z, v = codes - codes.mean(0), factor - factor.mean()
    spread = (z**2).sum(0) * (v**2).sum()
    return np.where(spread > 0, (z * v[:, None]).sum(0) ** 2 / np.where(spread > 0, spread, 1.0), 0.0)


def threshold_scores(codes: np.ndarray, factor: np.ndarray) -> np.ndarray:
    """Balanced accuracy of the class that weighs most in each bin of each latent: fitted on one half, scored on the other.  -> (D,)"""
    half = np.arange(len(codes)) % 2
    fit, test = joint_counts(codes, factor, half)                        # (D, BINS, C) each
    share = fit / np.maximum(fit.sum(1, keepdims=True), 1)               # of its class, so that rare classes weigh as much
    said = share.argmax(2)
    right = np.take_along_axis(test, said[..., None], 2)[..., 0]         # (D, BINS)
    per_class = np.stack([np.where(said == c, right, 0).sum(1) for c in range(test.shape[2])], 1)
    there = test[0].sum(0) > 0
    return (per_class[:, there] / test[0].sum(0)[there]).mean(1)


def check(codes: np.ndarray, factors: np.ndarray, name: str, least: int = FEWEST) -> None:
    """LabError unless there are enough images, two latents, and a factor for each code."""
    if len(codes) < least or codes.shape[1] < 2 or len(codes) != len(factors):
        raise LabError(f"{name}: {len(codes)} codes of {codes.shape[1]} latents and {len(factors)} rows of factors; "
                       f"at least {least} of both and 2 latents are needed")
