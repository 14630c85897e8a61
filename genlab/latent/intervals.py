"""Estimates with 95 % intervals: of means, of shares, and of statistics that have no formula of their own."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import stdtrit

from genlab.errors import LabError

Z = 1.96        # standard errors on each side of a 95 % interval, where they are known well
GROUPS = 25     # of a grouped jackknife
PARTS = 5       # disjoint parts of a mean over parts


@dataclass(frozen=True)
class Estimate:
    """A number, the ends of its 95 % interval, and figures that explain it."""

    value: float
    low: float
    high: float
    parts: dict[str, float] = field(default_factory=dict)


def around(value: float, error: float, df: float = math.inf, /, **parts: float) -> Estimate:
    """value, and to each side as many standard errors as a 95 % t-interval has: 1.96 where the error is known well.

    df : degrees of freedom of the error, one less than the values or groups that it was worked out from
    """
    reach = error * (stdtrit(df, 0.975) if math.isfinite(df) else Z)
    return Estimate(float(value), float(value - reach), float(value + reach), parts)


def together(*errors: tuple[float, int]) -> tuple[float, float]:
    """The error of a sum and its degrees of freedom, from the error of each term and how many values that is of.  (error, n), ...

    Welch 1947, Satterthwaite 1946: between those of the least certain term and those of all.
    """
    squares = [(error**2, n - 1) for error, n in errors]
    total = sum(square for square, _ in squares)
    known = sum(square**2 / df for square, df in squares)
    return math.sqrt(total), total**2 / known if known > 0 else math.inf


def of_mean(values: np.ndarray, **parts: float) -> Estimate:
    """The mean of independent values, (N,), and its t-interval; LabError for fewer than 2."""
    n = len(values)
    if n < 2:
        raise LabError(f"interval: {n} value; a mean needs 2 at least to have one")
    reach = stdtrit(n - 1, 0.975) * np.std(values, ddof=1) / math.sqrt(n)
    mean = float(np.mean(values))
    return Estimate(mean, mean - float(reach), mean + float(reach), parts)


def of_share(hits: int, n: int, **parts: float) -> Estimate:
    """hits of n independent trials, and Wilson's interval (1927)."""
    share, z2 = hits / n, Z * Z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    reach = Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return Estimate(share, max(0.0, min(share, centre - reach)), min(1.0, max(share, centre + reach)), parts)


def by_jackknife(statistic: Callable[..., float], arrays: Sequence[np.ndarray], seed: int, groups: int = GROUPS) -> Estimate:
    """A smooth statistic of arrays of samples, and a t-interval by its grouped jackknife error (Efron and Stein 1981).

    Each array falls into as many random groups; the statistic is taken again without the g-th of each. Unlike a bootstrap it repeats
    no sample, which would make two sets look less alike than they are. LabError where an array is shorter than the groups are many.
    """
    if short := [len(a) for a in arrays if len(a) < groups]:
        raise LabError(f"interval: {short[0]} samples; at least {groups} are needed")
    rng = np.random.default_rng(seed)
    group = [rng.permutation(len(a)) % groups for a in arrays]
    without = [statistic(*(a[g != i] for a, g in zip(arrays, group, strict=True))) for i in range(groups)]
    return around(statistic(*arrays), jackknife_error(np.array(without)), groups - 1)


def jackknife_error(without: np.ndarray) -> float:
    """Standard error from the values that leave out one group each, (G,)."""
    g = len(without)
    return float(np.sqrt((g - 1) / g * np.square(without - without.mean()).sum()))


def by_parts(statistic: Callable[..., float], arrays: Sequence[np.ndarray], seed: int, parts: int = PARTS) -> Estimate:
    """The mean of a statistic over disjoint random parts of the rows of all arrays, and its t-interval."""
    part = np.random.default_rng(seed).permutation(len(arrays[0])) % parts
    return of_mean(np.array([statistic(*(a[part == i] for a in arrays)) for i in range(parts)]))


def by_bootstrap(statistic: Callable[..., float], arrays: Sequence[np.ndarray], seed: int, draws: int = 200) -> Estimate:
    """A statistic of the rows of all arrays, and the 2.5 and 97.5 % points over resampled rows (Efron 1979)."""
    rng = np.random.default_rng(seed)
    n = len(arrays[0])
    again = [statistic(*(a[index] for a in arrays)) for index in rng.integers(n, size=(draws, n))]
    low, high = np.quantile(again, [0.025, 0.975])
    value = float(statistic(*arrays))
    return Estimate(value, min(value, float(low)), max(value, float(high)))
