"""Which attributes generated faces have, and which they have together, as the judge reads them.

Nothing is compared with the truth: the judge reads real faces too, so that its own mistakes are in both.
"""

import numpy as np

from genlab.data import Attribute
from genlab.errors import LabError
from genlab.latent.intervals import Estimate, around

FEWEST = 50


def combinations(attributes: np.ndarray, info: tuple[Attribute, ...]) -> Estimate:
    """Share of the 2^k combinations of the k binary attributes that occur among N images, (N, K).

    The interval is for another N images: the variance of the number of kinds seen is S (1 - S / S_est) with S_est by Chao (1984), at most
    2^k (R. Colwell et al. 2012, J. Plant Ecology 5, equation 5 at the sample's own size). LabError without binaries or for fewer than 50.
    """
    binary = _columns(attributes, info, "binary", "combinations")
    kinds = 2 ** binary.shape[1]
    counts = np.bincount(binary.astype(int) @ (2 ** np.arange(binary.shape[1])), minlength=kinds)
    seen, once, twice = int((counts > 0).sum()), int((counts == 1).sum()), int((counts == 2).sum())
    expected = min(kinds, seen + once * (once - 1) / (2 * (twice + 1)))   # Chao's bias-corrected form, which needs no pair
    found = around(seen / kinds, np.sqrt(seen * (1 - seen / expected)) / kinds, seen=seen, of=kinds, expected=expected)
    return Estimate(found.value, max(found.low, 0.0), min(found.high, 1.0), found.parts)


def marginals(fake: np.ndarray, real: np.ndarray, info: tuple[Attribute, ...], seed: int) -> Estimate:
    """Mean over the binary and categorical attributes of how far their shares are off: total variation, 0 to 1.

    (N, K), (M, K). parts hold each attribute. The interval is a bootstrap over both sets, centred on the value: resampling adds a
    distance of its own, which is taken off.
    """
    chosen = [k for k, a in enumerate(info) if a.kind != "continuous"]
    if not chosen or min(len(fake), len(real)) < FEWEST:
        raise LabError(f"marginals: {len(fake)} and {len(real)} images; at least {FEWEST} of both, and an attribute with shares, are needed")
    off = [total_variation(fake[:, k], real[:, k], _choices(info[k])) for k in chosen]
    rng = np.random.default_rng(seed)
    again = []
    for _ in range(200):
        a, b = (x[rng.integers(len(x), size=len(x))] for x in (fake, real))
        again.append(np.mean([total_variation(a[:, k], b[:, k], _choices(info[k])) for k in chosen]))
    value, spread = float(np.mean(off)), float(np.std(again, ddof=1))
    found = around(value, spread, **{info[k].name: o for k, o in zip(chosen, off, strict=True)})
    return Estimate(found.value, max(found.low, 0.0), min(found.high, 1.0), found.parts)


def total_variation(a: np.ndarray, b: np.ndarray, choices: int) -> float:
    """Half the sum of the differences of shares; of a binary attribute, the difference of its share."""
    p, q = (np.bincount(x.astype(int), minlength=choices) / len(x) for x in (a, b))
    return float(np.abs(p - q).sum() / 2)


def _choices(attribute: Attribute) -> int:
    return len(attribute.choices) or 2


def _columns(attributes: np.ndarray, info: tuple[Attribute, ...], kind: str, where: str) -> np.ndarray:
    columns = attributes[:, [k for k, a in enumerate(info) if a.kind == kind]]
    if not columns.shape[1] or len(columns) < FEWEST:
        raise LabError(f"{where}: {len(columns)} images with {columns.shape[1]} {kind} attributes; at least {FEWEST} and 1 are needed")
    return columns
