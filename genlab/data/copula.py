"""Correlations that can be set: independent uniform numbers become dependent ones, and each stays uniform.

Source: a Gaussian copula, R. Nelsen, An Introduction to Copulas, 2006, eq. 2.3.6.
"""

import difflib
from collections.abc import Mapping, Sequence

import numpy as np

from genlab.errors import DataError

Correlations = Mapping[tuple[str, str], float]
"""For pairs of attributes the correlation, in [-1, 1], of the two normal variables behind them."""


def correlate(dataset: str, names: Sequence[str], u: np.ndarray, correlations: Correlations) -> np.ndarray:
    """Independent uniform numbers (n, K), a column for each name -> uniform numbers with these correlations, float64 (n, K).

    Raises DataError for an unknown name, a value out of range, or correlations that no distribution has together.
    """
    import torch  # a second to import: only where it is used

    lower = mixing(dataset, names, correlations)
    z = torch.special.ndtri(torch.from_numpy(np.clip(u, 1e-12, 1 - 1e-12))).numpy()
    return torch.special.ndtr(torch.from_numpy(z @ lower.T)).numpy()


def mixing(dataset: str, names: Sequence[str], correlations: Correlations) -> np.ndarray:
    """The lower triangle L (K, K) with L L^T the asked correlation matrix, in which what is not named is 0."""
    c = matrix(dataset, names, correlations)
    lowest = np.linalg.eigvalsh(c)[0]
    if lowest < -1e-9:
        asked = ", ".join(f"{a} with {b} {rho:g}" for (a, b), rho in correlations.items())
        raise DataError(f"{dataset}: the correlations {asked} contradict each other (smallest eigenvalue {lowest:.3f}); weaken one of them")
    return np.linalg.cholesky(c + 1e-9 * np.eye(len(c)))


def attainable(dataset: str, names: Sequence[str], correlations: Correlations, a: str, b: str) -> tuple[float, float]:
    """The smallest and the largest correlation of a with b that goes with all others; what stands there now does not matter.

    With S the others' matrix and u, v their correlations with a and b: u S^-1 v -+ sqrt((1 - u S^-1 u) (1 - v S^-1 v)).
    """
    c = matrix(dataset, names, correlations)
    i, j = place(dataset, names, a), place(dataset, names, b)
    rest = [k for k in range(len(names)) if k not in (i, j)]
    s = np.linalg.pinv(c[np.ix_(rest, rest)], hermitian=True)
    u, v = c[rest, i], c[rest, j]
    middle, reach = u @ s @ v, np.sqrt(max(0.0, 1 - u @ s @ u) * max(0.0, 1 - v @ s @ v))
    return float(max(-1.0, middle - reach)), float(min(1.0, middle + reach))


def matrix(dataset: str, names: Sequence[str], correlations: Correlations) -> np.ndarray:
    """The asked correlation matrix (K, K), whether any distribution has it or not."""
    c = np.eye(len(names))
    for (a, b), rho in correlations.items():
        i, j = place(dataset, names, a), place(dataset, names, b)
        if i == j:
            raise DataError(f"{dataset}: correlation of {a!r} with {b!r}; two different attributes are needed, of {', '.join(names)}")
        if not -1 <= rho <= 1:
            raise DataError(f"{dataset}: correlation of {a!r} with {b!r} is {rho}; allowed: -1 to 1")
        c[i, j] = c[j, i] = rho
    return c


def place(dataset: str, names: Sequence[str], name: str) -> int:
    """The column of a name; a DataError names the nearest one otherwise."""
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
        raise DataError(f"{dataset}: {name!r} can't be correlated; {hint}")
    return names.index(name)
