"""What is known about many images at once: how each attribute is spread, and which go together."""

from dataclasses import dataclass

import numpy as np

from genlab.data import find_dataset
from genlab.data.base import Attribute, Facts
from genlab.data.opened import Opened

BINS = 12


@dataclass(frozen=True)
class Distribution:
    """One attribute over many images.

    counts : for each choice (no and yes for a binary one), or for each of BINS equal parts of its range
    unknown : images that nothing is known of
    mean : over the known ones, NaN where there are none
    """

    attribute: Attribute
    counts: tuple[int, ...]
    unknown: int
    mean: float


def train_facts(opened: Opened) -> Facts:
    """What is known about the images of the train part, in their order; nothing is drawn or read from disk."""
    at = opened.at["train"]
    if opened.images is None:
        return find_dataset(opened.spec.name).facts(opened.spec, at[0], len(at))
    return Facts(opened.images.attributes[at], opened.images.attribute_info)


def distributions(facts: Facts) -> list[Distribution]:
    """One for each attribute, in their order."""
    return [distribution(attribute, facts.attributes[:, k]) for k, attribute in enumerate(facts.info)]


def distribution(attribute: Attribute, column: np.ndarray) -> Distribution:
    known = column[~np.isnan(column)]
    if attribute.kind == "continuous":
        counts = np.histogram(known, BINS, (attribute.low, attribute.high))[0]
    else:
        counts = np.bincount(known.astype(int), minlength=len(attribute.choices) or 2)
    return Distribution(attribute, tuple(counts.tolist()), len(column) - len(known), float(known.mean()) if len(known) else float("nan"))


def correlations(facts: Facts) -> np.ndarray:
    """Pearson's r of every two attributes, float64 (K, K): over the images where both are known, NaN where one never varies.

    Categories count by their place in the list.
    """
    k = len(facts.info)
    if k > 1 and len(facts) > 1 and not np.isnan(facts.attributes).any():
        with np.errstate(invalid="ignore", divide="ignore"):   # what never varies
            return np.corrcoef(facts.attributes.T.astype(np.float64))
    r = np.full((k, k), np.nan)
    for i in range(k):
        for j in range(i, k):
            r[i, j] = r[j, i] = pearson(facts.attributes[:, i], facts.attributes[:, j])
    return r


def pearson(a: np.ndarray, b: np.ndarray) -> float:
    known = ~(np.isnan(a) | np.isnan(b))
    a, b = a[known].astype(np.float64), b[known].astype(np.float64)
    if len(a) < 2 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return float("nan")
    a, b = a - a.mean(), b - b.mean()
    return float((a @ b) / np.sqrt((a @ a) * (b @ b)))
