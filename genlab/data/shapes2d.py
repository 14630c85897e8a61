"""Point sets in the plane whose density is known exactly: what a model learns can be held against what is true."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from genlab.errors import DataError

Seed = int | np.random.Generator

EXTENT, CELLS = 2.75, 264   # whole numbers fall on the edges of cells, where the checkerboard's squares end

AT_ONCE = 4_000_000   # numbers in a table of points against Gaussians: 32 MB


@dataclass(frozen=True)
class Shape:
    """A distribution over points (x, y), most of it within [-2, 2]^2.

    modes : float32 (K, 2), the places where the density has separate peaks; None where it has none
    """

    name: str
    title: str
    draw: Callable[[int, np.random.Generator], np.ndarray]
    log_density: Callable[[np.ndarray], np.ndarray]
    modes: np.ndarray | None = None

    def sample(self, n: int, seed: Seed) -> np.ndarray:
        """n points, float32 (n, 2): the same for the same seed; a generator goes on where it stands.

        Raises DataError for a bad n or seed.
        """
        if not is_whole(n, 1):
            raise DataError(f"{self.name}: n is {n!r}; a whole number of at least 1 is needed")
        if not is_whole(seed, 0) and not isinstance(seed, np.random.Generator):
            raise DataError(f"{self.name}: seed is {seed!r}; a whole number of at least 0 or a numpy Generator is needed")
        return self.draw(int(n), np.random.default_rng(seed)).astype(np.float32)

    def log_prob(self, points: np.ndarray) -> np.ndarray:
        """The natural logarithm of the density at each point.  (n, 2) -> float64 (n,), -inf where the density is 0.

        Raises DataError for another shape, or for a coordinate that is not finite.
        """
        points = np.asarray(points)
        if points.ndim != 2 or points.shape[1] != 2 or points.dtype.kind not in "fiu":
            raise DataError(f"{self.name}: points are {points.dtype} of shape {points.shape}; numbers of shape (n, 2) are needed")
        if not np.isfinite(points).all():
            raise DataError(f"{self.name}: point {int(np.flatnonzero(~np.isfinite(points).all(1))[0])} is not finite; every coordinate must be")
        return self.log_density(points.astype(np.float64))


def is_whole(value: object, low: int) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and value >= low


def mixture(name: str, title: str, means: np.ndarray, sigma: float, has_modes: bool = False) -> Shape:
    """Equal round Gaussians of standard deviation sigma at these places (M, 2)."""
    return Shape(name, title, lambda n, rng: means[rng.integers(len(means), size=n)] + sigma * rng.standard_normal((n, 2)),
                 lambda points: log_mixture(points, means, sigma), means.astype(np.float32) if has_modes else None)


def log_mixture(points: np.ndarray, means: np.ndarray, sigma: float) -> np.ndarray:
    """log (1/M) sum_k N(point | mean_k, sigma^2 I), in parts that fit in memory."""
    out = np.empty(len(points))
    step = max(1, AT_ONCE // len(means))
    for i in range(0, len(points), step):
        part = points[i : i + step]
        d2 = ((part[:, None, 0] - means[:, 0]) ** 2 + (part[:, None, 1] - means[:, 1]) ** 2) / (-2 * sigma**2)
        out[i : i + step] = logsumexp(d2, axis=1)
    return out - np.log(len(means) * 2 * np.pi * sigma**2)


def circle(angles: np.ndarray, radius: np.ndarray | float) -> np.ndarray:
    return np.stack([radius * np.cos(angles), radius * np.sin(angles)], axis=1)


def ring() -> Shape:
    return mixture("ring", "Ring of 8 Gaussians", circle(np.arange(8) * np.pi / 4, 1.6), 0.1, has_modes=True)


def grid() -> Shape:
    axis = np.linspace(-1.8, 1.8, 5)
    return mixture("grid", "Grid of 25 Gaussians", np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2), 0.08, has_modes=True)


def moons() -> Shape:
    """Two half circles that reach into each other: Gaussians strung along them, far closer than they are wide."""
    arc = np.linspace(0, np.pi, 64)
    upper = circle(arc, 1.15) + [-0.575, -0.3]
    return mixture("moons", "Two moons", np.concatenate([upper, -upper]), 0.11)


def spiral() -> Shape:
    """Two arms of an Archimedean spiral, equally dense along their length, as Gaussians strung along them."""
    fine = np.linspace(0.4, 3.2 * np.pi, 4000)
    arm = circle(fine, 1.85 * fine / fine[-1])
    length = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(arm, axis=0), axis=1))])
    at = np.interp(np.linspace(0, length[-1], 160), length, fine)
    arm = circle(at, 1.85 * at / fine[-1])
    return mixture("spiral", "Two spirals", np.concatenate([arm, -arm]), 0.07)


BLADES, OUT, LONG, WIDE, TWIST = 5, 1.05, 0.32, 0.10, 1.1


def pinwheel() -> Shape:
    """Five Gaussian blades, each turned by an angle that grows with the distance from the middle.

    Turning every circle about the origin by its own angle keeps areas, so the density is that of the straight blades at the
    point turned back: log p(x) = log p0(turn(x, -TWIST |x|)), with no Jacobian.
    """
    spokes = np.arange(BLADES) * 2 * np.pi / BLADES

    def draw(n: int, rng: np.random.Generator) -> np.ndarray:
        blade = rng.standard_normal((n, 2)) * [LONG, WIDE] + [OUT, 0]
        blade = turn(blade, spokes[rng.integers(BLADES, size=n)])
        return turn(blade, TWIST * np.linalg.norm(blade, axis=1))

    def log_density(points: np.ndarray) -> np.ndarray:
        straight = turn(points, -TWIST * np.linalg.norm(points, axis=1))
        blades = [(turn(straight, -spoke) - [OUT, 0]) / [LONG, WIDE] for spoke in spokes]
        return logsumexp(np.stack([-(b**2).sum(axis=1) / 2 for b in blades], axis=1), axis=1) - np.log(BLADES * 2 * np.pi * LONG * WIDE)

    return Shape("pinwheel", "Pinwheel", draw, log_density)


def turn(points: np.ndarray, angle: np.ndarray | float) -> np.ndarray:
    """Points turned about the origin, anticlockwise, by angles in radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([c * points[:, 0] - s * points[:, 1], s * points[:, 0] + c * points[:, 1]], axis=1)


def checkerboard() -> Shape:
    """The eight dark squares of a 4 x 4 board on [-2, 2)^2, each point of them equally likely."""
    def draw(n: int, rng: np.random.Generator) -> np.ndarray:
        square = rng.integers(8, size=n)
        row = square // 2
        column = 2 * (square % 2) + row % 2
        inside = rng.integers(2**20, size=(n, 2)) / 2**20   # steps that float32 keeps: no point is rounded into the next square
        return np.stack([column, row], axis=1) - 2 + inside

    def log_density(points: np.ndarray) -> np.ndarray:
        cell = np.floor(points)
        dark = (cell.sum(axis=1) % 2 == 0) & (np.abs(cell + 0.5) < 2).all(axis=1)
        return np.where(dark, -np.log(8), -np.inf)

    return Shape("checkerboard", "Checkerboard", draw, log_density)


SHAPES: dict[str, Shape] = {shape.name: shape for shape in (ring(), grid(), moons(), spiral(), pinwheel(), checkerboard())}


def density(shape: Shape) -> np.ndarray:
    """p in the middle of each of CELLS x CELLS cells of [-EXTENT, EXTENT]^2, from the bottom row up.  float64 (CELLS, CELLS)"""
    middle = (np.arange(CELLS) + 0.5) * (2 * EXTENT / CELLS) - EXTENT
    points = np.stack(np.meshgrid(middle, middle), axis=-1).reshape(-1, 2)
    return np.exp(shape.log_prob(points)).reshape(CELLS, CELLS)


def entropy(shape: Shape) -> float:
    """-integral of p log p in nats per point: the least that any model can need on average. By the midpoint rule, to about 1e-4."""
    p = density(shape)
    return float(-(p * np.log(np.maximum(p, 1e-300))).sum() * (2 * EXTENT / CELLS) ** 2)


def find_shape(name: str) -> Shape:
    """The shape of this name; a DataError names the nearest one otherwise."""
    if name not in SHAPES:
        near = difflib.get_close_matches(str(name), SHAPES, n=1)
        raise DataError(f"shape {name!r} is not known: " + (f"did you mean {near[0]!r}?" if near else f"there are {', '.join(SHAPES)}"))
    return SHAPES[name]
