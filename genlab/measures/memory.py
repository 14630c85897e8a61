"""Whether samples are new: distances to the nearest training image.

C. Meehan, K. Chaudhuri, S. Dasgupta, "A non-parametric test to detect data-copying in generative models", 2020, arXiv 2004.05675,
section 3: samples against held-out images. A. Alaa et al., "How faithful is your synthetic data?", 2022, arXiv 2102.08921, section 4:
a sample is a copy if it is nearer to a training image than that image's own nearest neighbour is.
"""

import math

import numpy as np

from genlab.errors import LabError
from genlab.latent.intervals import Estimate, around, of_share, together

ROWS = 1000   # of a table of distances at once
FEWEST = 20


def nearest(queries: np.ndarray, points: np.ndarray, *, skip: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Position and distance of the point nearest to each query.  (Q, F), (N, F) -> int (Q,), float64 (Q,)

    skip : int (Q,), for each query a point that does not count, itself say.
    """
    queries, points = queries.astype(np.float64), points.astype(np.float64)
    squares, at = np.square(points).sum(1), np.empty(len(queries), int)
    for start in range(0, len(queries), ROWS):
        part = queries[start : start + ROWS]
        d = squares - 2 * part @ points.T                 # the query's own square changes no order
        if skip is not None:
            d[np.arange(len(part)), skip[start : start + ROWS]] = np.inf
        at[start : start + ROWS] = d.argmin(1)
    return at, np.linalg.norm(queries - points[at], axis=1)


def memorisation(fake: np.ndarray, held_out: np.ndarray, train: np.ndarray) -> Estimate:
    """The chance that a sample lies nearer to the training set than a held-out image does: 0.5 if it is as new, 1 if all are copies.

    (N, F), (M, F), (T, F): features. The Mann-Whitney statistic that Meehan et al. standardise, with the interval of DeLong et al.
    (1988), which knows that both sets are samples. LabError for fewer than 20 of either. parts: the median distances of both.
    """
    if min(len(fake), len(held_out)) < FEWEST:
        raise LabError(f"memorisation: {len(fake)} samples and {len(held_out)} held-out images; at least {FEWEST} of both are needed")
    of_fake, of_real = nearest(fake, train)[1], nearest(held_out, train)[1]
    parts = {"median_of_samples": float(np.median(of_fake)), "median_of_held_out": float(np.median(of_real))}
    wins = (of_fake[:, None] < of_real).astype(np.float64) + 0.5 * (of_fake[:, None] == of_real)
    errors = [(math.sqrt(by.var(ddof=1) / len(by)), len(by)) for by in (wins.mean(1), wins.mean(0))]
    found = around(wins.mean(), *together(*errors), **parts)
    return Estimate(found.value, max(found.low, 0.0), min(found.high, 1.0), parts)


def copies(fake: np.ndarray, train: np.ndarray) -> Estimate:
    """Share of samples nearer to a training image than any other training image is to it, and Wilson's interval.

    (N, F), (T, F); LabError for fewer than 2 training images.
    """
    if len(train) < 2:
        raise LabError(f"copies: {len(train)} training image; 2 at least are needed, since a copy is nearer than the next of them")
    at, distance = nearest(fake, train)
    hit, back = np.unique(at, return_inverse=True)
    room = nearest(train[hit], train, skip=hit)[1]
    return of_share(int((distance < room[back]).sum()), len(fake))
