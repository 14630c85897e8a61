"""Where draws of the prior fall that no image's code is near: the holes of a latent space."""

import numpy as np

from genlab.errors import LabError

ROWS = 500   # of a table of distances at once


def nearest_code(z: np.ndarray, codes: np.ndarray, *, is_among: bool = False) -> np.ndarray:
    """Distance from each latent to the nearest code; is_among leaves out the latent's own place.  (N, D), (M, D) -> (N,)

    LabError where no code is left to be near.
    """
    if len(codes) <= is_among:
        raise LabError(f"holes: {len(codes)} codes; {1 + is_among} at least are needed to be near or far from")
    square = np.square(codes).sum(1)
    found = []
    for start in range(0, len(z), ROWS):
        part = z[start : start + ROWS]
        d2 = np.square(part).sum(1)[:, None] - 2 * part @ codes.T + square
        if is_among:
            d2[np.arange(len(part)), start + np.arange(len(part))] = np.inf
        found.append(np.sqrt(np.maximum(d2.min(1), 0)))
    return np.concatenate(found)


def loneliness(draws: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """How far each draw, and each code, is from the nearest other code, in the median distance of codes to their nearest.

    (N, D), (M, D) -> (N,), (M,): 1 is as near as codes are to each other. LabError for fewer than 2 codes or if all of them are one.
    """
    among = nearest_code(codes, codes, is_among=True)
    scale = float(np.median(among))
    if scale == 0:
        raise LabError("holes: most codes lie on each other, so that nothing says how near is near")
    return nearest_code(draws, codes) / scale, among / scale
