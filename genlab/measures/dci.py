"""DCI: which latents a regressor uses to read which factor.

C. Eastwood and C. Williams, "A framework for the quantitative evaluation of disentangled representations", 2018, section 2: importances
R of a regression of each factor on all latents; disentanglement is one less the entropy of a latent's row, completeness of a factor's
column. Here the regressors are random forests, as in the paper, of fixed size; a split looks at a third of the latents (Breiman 2001).
"""

import numpy as np

from genlab.data import Attribute
from genlab.latent.intervals import PARTS, Estimate, of_mean
from genlab.measures.disentangle import check

TREES, DEPTH = 10, 10


def dci(codes: np.ndarray, factors: np.ndarray, info: tuple[Attribute, ...], seed: int) -> dict[str, Estimate]:
    """disentanglement, completeness and informativeness, each 0 to 1: means over five disjoint parts with t-intervals.

    (N, D), (N, K); LabError for fewer than 500 images or 2 latents.
    """
    check(codes, factors, "dci")
    part = np.random.default_rng(seed).permutation(len(codes)) % PARTS
    figures = np.array([_of_part(codes[part == i], factors[part == i], info, seed) for i in range(PARTS)])
    return {name: of_mean(figures[:, j]) for j, name in enumerate(("disentanglement", "completeness", "informativeness"))}


def _of_part(codes: np.ndarray, factors: np.ndarray, info: tuple[Attribute, ...], seed: int) -> tuple[float, float, float]:
    read = [importances(codes, factors[:, k], a, seed) for k, a in enumerate(info)]
    table = np.stack([importance for importance, _ in read], axis=1)
    return disentanglement(table), disentanglement(table.T), float(np.mean([score for _, score in read]))


def importances(codes: np.ndarray, factor: np.ndarray, attribute: Attribute, seed: int) -> tuple[np.ndarray, float]:
    """How much a forest uses each latent, (D,), and how well it reads the factor on the half it was not fitted on.

    The score is R^2 of a continuous factor, else the share of errors that guessing the most frequent class makes and the forest does
    not; neither is let below 0.
    """
    from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor  # a second to import: only where it is used

    Forest = RandomForestRegressor if attribute.kind == "continuous" else RandomForestClassifier
    forest = Forest(TREES, max_depth=DEPTH, max_features=min(codes.shape[1], max(2, codes.shape[1] // 3)), random_state=seed)
    half = len(codes) // 2
    if len(np.unique(factor[:half])) < 2:
        return np.zeros(codes.shape[1]), 0.0
    forest.fit(codes[:half], factor[:half])
    score = forest.score(codes[half:], factor[half:])
    if attribute.kind != "continuous":
        guess = np.unique(factor[half:], return_counts=True)[1].max() / (len(factor) - half)
        score = (score - guess) / (1 - guess) if guess < 1 else 0.0
    return forest.feature_importances_, max(0.0, float(score))


def disentanglement(table: np.ndarray) -> float:
    """Mean over rows of 1 - H(row) / log K, weighted by how much the row is used at all.  (D, K) of importances -> ()

    Of the transposed table it is completeness.
    """
    used = table.sum(1)
    if used.sum() == 0 or table.shape[1] < 2:
        return 0.0
    p = table / np.where(used > 0, used, 1.0)[:, None]
    h = -np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0).sum(1) / np.log(table.shape[1])
    return float(((1 - h) * used).sum() / used.sum())
