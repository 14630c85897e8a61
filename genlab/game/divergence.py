"""How far G's points are from the data, whose density is known: JS, KL and Wasserstein-1 on a grid over the plane."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import sparse

from genlab.data.shapes2d import CELLS, EXTENT, density
from genlab.game.config import data_of
from genlab.game.engine import Game

FINE, COARSE = 44, 22   # cells a side, for JS and KL and for Wasserstein; both divide CELLS
DRAWN = 20_000          # fakes that stand for G
STEPS = [(0, 1), (1, 0), (1, 1), (1, -1), (1, 2), (2, 1), (1, -2), (2, -1)]   # a king's and a knight's, one way each


@dataclass(frozen=True)
class Divergences:
    """js, kl (data || G) and kl_back (G || data) in nats; w1 in units of the plane. All are 0 for equal distributions alone."""

    js: float
    kl: float
    kl_back: float
    w1: float


def divergences(game: Game, n: int = DRAWN) -> Divergences:
    """How far n fakes are from the exact density of the game's data; about a tenth of a second.

    Fakes are counted in cells, points outside the plane's square in the nearest cell. So that KL stays finite, one point in
    n + 1 is spread evenly, in both. That fakes are counted and not integrated adds about cells / (2 n) nats to KL.
    """
    return divergences_of(game.fakes(n).numpy(), game.config.shape, game.config.points)


def divergences_of(fakes: np.ndarray, shape: str, points: tuple) -> Divergences:
    """The same for fakes (n, 2) that were drawn already, so that a game can go on meanwhile."""
    n, data = len(fakes), (shape, points)
    p, q = smoothed(true_mass(*data, FINE), n), smoothed(counted_mass(fakes, FINE), n)
    return Divergences(js(p, q), kl(p, q), kl(q, p), wasserstein(true_mass(*data, COARSE), counted_mass(fakes, COARSE)))


@lru_cache(maxsize=32)
def true_mass(shape: str, points: tuple, cells: int) -> np.ndarray:
    """Probability of each cell of [-EXTENT, EXTENT]^2, of 1 in all.  -> float64 (cells, cells), from the bottom row up"""
    step = CELLS // cells
    mass = density(data_of(shape, points)).reshape(cells, step, cells, step).sum((1, 3))
    return mass / mass.sum()


def counted_mass(points: np.ndarray, cells: int) -> np.ndarray:
    """The share of points (n, 2) in each cell.  -> float64 (cells, cells)"""
    at = np.clip(((points.astype(np.float64) + EXTENT) * (cells / (2 * EXTENT))).astype(int), 0, cells - 1)
    return np.bincount(at[:, 1] * cells + at[:, 0], minlength=cells**2).reshape(cells, cells) / len(points)


def smoothed(mass: np.ndarray, n: int) -> np.ndarray:
    return (n * mass + 1 / mass.size) / (n + 1)


def kl(p: np.ndarray, q: np.ndarray) -> float:
    """sum p log(p / q) in nats, with 0 log 0 = 0; infinite where q is 0 and p is not."""
    there = p > 0
    with np.errstate(divide="ignore"):
        return float((p[there] * (np.log(p[there]) - np.log(q[there]))).sum())


def js(p: np.ndarray, q: np.ndarray) -> float:
    """Jensen-Shannon divergence in nats: at most log 2, which it reaches where nothing is shared."""
    m = (p + q) / 2
    return (kl(p, m) + kl(q, m)) / 2


def wasserstein(p: np.ndarray, q: np.ndarray) -> float:
    """Wasserstein-1 of two masses (cells, cells), in units of the plane: the least work that turns one into the other.

    A flow of least cost between neighbouring cells, solved exactly. Mass goes as a chess king or knight does, which is at most
    2.8 % longer than straight.
    """
    from scipy.optimize import linprog  # a quarter of a second to import, and the first screen does without

    incidence, lengths = _network(p.shape[0])
    found = linprog(lengths, A_eq=incidence, b_eq=(p - q).ravel(), bounds=(0, None), method="highs")
    if found.fun is None:
        raise RuntimeError(f"wasserstein: {found.message}")
    return float(found.fun)


@lru_cache(maxsize=4)
def _network(cells: int) -> tuple[sparse.csr_array, np.ndarray]:
    """Which cell each directed edge leaves (+1) and enters (-1), and how long each is."""
    row, column = np.divmod(np.arange(cells**2), cells)
    starts, ends, lengths = [], [], []
    for up, right in STEPS:
        inside = (row + up < cells) & (column + right >= 0) & (column + right < cells)
        start = np.flatnonzero(inside)
        end = start + up * cells + right
        starts += [start, end]
        ends += [end, start]
        lengths.append(np.full(2 * len(start), np.hypot(up, right) * 2 * EXTENT / cells))
    start, end = np.concatenate(starts), np.concatenate(ends)
    edge, one = np.arange(len(start)), np.ones(len(start))
    incidence = sparse.csr_array((np.concatenate([one, -one]), (np.concatenate([start, end]), np.concatenate([edge, edge]))))
    return incidence, np.concatenate(lengths)


def modes_covered(game: Game, n: int = 4000) -> int | None:
    """How many of the data's modes G finds; None for data without separate ones.

    A mode is found where at least a quarter of its fair share of fakes lies within a quarter of the distance to its neighbour
    (three standard deviations, on the ring).
    """
    return modes_found(game.fakes(n).numpy(), game.data.modes)


def modes_found(fakes: np.ndarray, modes: np.ndarray | None) -> int | None:
    """The same for fakes (n, 2) and modes (K, 2)."""
    if modes is None or len(modes) < 2:
        return None
    apart = np.linalg.norm(modes[:, None] - modes, axis=2)
    radius = apart[apart > 0].min() / 4
    near = np.linalg.norm(fakes[:, None] - modes, axis=2) < radius
    return int((near.mean(0) > 0.25 / len(modes)).sum())
