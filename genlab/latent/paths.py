"""Paths through latent space: segments, arcs, loops, walks and planes, as latents to decode one after the other."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from genlab.errors import LabError
from genlab.latent.arrays import vector, vectors
from genlab.latent.laws import NORMAL, Law

PARALLEL = 1e-6   # radians: below it an arc and its chord are the same to every digit that is decoded
WALK_LEG = 45     # frames from one draw of a walk to the next
WALK_PACE = 0.7   # how much of each draw is new


KINDS = {"slerp": 2, "lerp": 2, "loop": 2, "circle": 2, "walk": 1}
"""Kinds of path by name, and how many waypoints each needs."""

CLOSED = ("loop", "circle")
"""Those that end where they began."""


def along(kind: str, waypoints: ArrayLike, frames: int, *, seed: int = 0, law: Law = NORMAL) -> np.ndarray:
    """The path of a kind in KINDS among latents of a law.  (N, D) -> (T, D)

    slerp and lerp pass through all waypoints, loop also goes back to the first by arcs. circle is spanned by the first two.
    walk sets out from the first: draws that each keep something of the last, joined by arcs; a longer one begins the same.
    """
    if kind not in KINDS:
        raise LabError(f"path {kind!r} is not known; there are {', '.join(KINDS)}")
    points = np.asarray(waypoints, np.float64)
    if points.ndim != 2 or len(points) < KINDS[kind]:
        raise LabError(f"{kind}: latents have shape {points.shape}; at least {KINDS[kind]} to pass through are needed")
    if kind == "circle":
        return circle(points[0], points[1], frames, law)
    if kind == "walk":
        legs = max(1, -(-(_counted(frames, kind) - 1) // WALK_LEG))
        draws = random_walk(points[0], legs + 1, np.random.default_rng(seed), pace=WALK_PACE, law=law)
        return through(draws, legs * WALK_LEG + 1, law=law)[:frames]
    return through(points, frames, "lerp" if kind == "lerp" else "slerp", closed=kind == "loop", law=law)


def stops(kind: str, count: int, frames: int) -> np.ndarray:
    """The frame at which `along` passes each of so many waypoints; those that it does not pass are left out.  -> int (n,)"""
    if kind == "circle":
        return np.array([0, frames // 4]) if frames % 4 == 0 else np.array([0])
    return np.array([0]) if kind == "walk" else _stops(count, frames, closed=kind == "loop")[:count]


def lerp(z0: ArrayLike, z1: ArrayLike, frames: int) -> np.ndarray:
    """Points on the segment z0 -> z1.  (D,), (D,) -> (T, D), both ends included."""
    z0, z1, t = _ends(z0, z1, frames, "lerp")
    return (1 - t) * z0 + t * z1


def slerp(z0: ArrayLike, z1: ArrayLike, frames: int, law: Law = NORMAL) -> np.ndarray:
    """Points on the arc z0 -> z1 at even angles, the length going evenly from |z0| to |z1|.  (D,), (D,) -> (T, D)

    Shoemake 1985, as White 2016 (arXiv 1609.04468) uses it for latents: draws of N(0, I) lie near a sphere of radius
    sqrt(D), and an arc stays there while a segment cuts through its empty middle. Raises LabError for opposite vectors,
    which no single arc joins. Latents of another law go the arc of the normal numbers that have as much below them, so that all
    between is as likely as the ends are.
    """
    z0, z1, t = _ends(z0, z1, frames, "slerp")
    if law is not NORMAL:
        way = law.from_normal(slerp(law.to_normal(z0), law.to_normal(z1), frames))
        return way + (1 - t) * (z0 - way[0]) + t * (z1 - way[-1])   # ends that lie beyond the law's border are hit, too
    r0, r1 = np.linalg.norm(z0), np.linalg.norm(z1)
    if r0 == 0 or r1 == 0:
        return (1 - t) * z0 + t * z1   # from the origin an arc is a ray
    u0, u1 = z0 / r0, z1 / r1
    angle = 2 * np.arctan2(np.linalg.norm(u1 - u0), np.linalg.norm(u1 + u0))   # exact near 0 and pi, where arccos is not
    if angle > np.pi - PARALLEL:
        raise LabError("slerp: the two latents point in opposite directions, so no arc between them is the shortest; use lerp")
    if angle < PARALLEL:
        return (1 - t) * z0 + t * z1
    directions = (np.sin((1 - t) * angle) * u0 + np.sin(t * angle) * u1) / np.sin(angle)
    return ((1 - t) * r0 + t * r1) * directions


STEPS: dict[str, Callable[[ArrayLike, ArrayLike, int, Law], np.ndarray]] = {"lerp": lambda z0, z1, frames, law: lerp(z0, z1, frames), "slerp": slerp}


def through(waypoints: ArrayLike, frames: int, kind: str = "slerp", *, closed: bool = False, law: Law = NORMAL) -> np.ndarray:
    """A path through waypoints in order, evenly many frames on each leg.  (N, D) -> (T, D)

    Every waypoint is hit exactly. A closed path goes on to the first waypoint and ends one frame before it, so that it
    plays as a loop. Raises LabError where kind is neither "lerp" nor "slerp" or there are fewer frames than waypoints.
    """
    points = vectors(waypoints, kind, least=2)
    if kind not in STEPS:
        raise LabError(f"path {kind!r} is not known; there are {', '.join(STEPS)}")
    if frames < len(points):
        raise LabError(f"{kind}: {frames} frames for {len(points)} waypoints; at least one for each is needed")
    ends = [*points, points[0]] if closed else list(points)
    at = _stops(len(points), frames, closed=closed)
    legs = [STEPS[kind](z0, z1, b - a + 1, law)[:-1] for (z0, z1), (a, b) in zip(pairwise(ends), pairwise(at), strict=True)]
    return np.concatenate(legs if closed else [*legs, points[-1:]])


def circle(a: ArrayLike, b: ArrayLike, frames: int, law: Law = NORMAL) -> np.ndarray:
    """A loop cos(t) a + sin(t) b that starts at a.  (D,), (D,) -> (T, D), the start not repeated.

    With a and b drawn from N(0, I) every frame is again such a draw: the loop never leaves the prior. Nor does it where the law is
    another, for it goes round among the normal numbers that have as much below them.
    """
    a = law.to_normal(vector(a, "circle"))
    b, t = law.to_normal(vector(b, "circle", dim=len(a))), np.linspace(0, 2 * np.pi, _counted(frames, "circle"), endpoint=False)[:, None]
    return law.from_normal(np.cos(t) * a + np.sin(t) * b)


def random_walk(z0: ArrayLike, frames: int, rng: np.random.Generator, *, pace: float = 0.1, law: Law = NORMAL) -> np.ndarray:
    """A walk from z0 that forgets where it came from and never leaves its law.  (D,) -> (T, D)

    z <- sqrt(1 - pace^2) z + pace eps: an autoregressive step whose stationary law is N(0, I). pace lies in (0, 1]. Among latents of
    another law it is the walk of the normal numbers that have as much below them.
    """
    z = law.to_normal(vector(z0, "random_walk"))
    if not 0 < pace <= 1:
        raise LabError(f"random_walk: pace = {pace}; a number in (0, 1] is needed")
    path = np.empty((_counted(frames, "random_walk"), len(z)))
    for t in range(frames):
        path[t] = z
        z = np.sqrt(1 - pace**2) * z + pace * rng.standard_normal(len(z))
    return law.from_normal(path)


def traverse(z: ArrayLike, direction: ArrayLike, amounts: ArrayLike) -> np.ndarray:
    """z moved along one direction by each amount.  (D,), (D,), (T,) -> (T, D)"""
    z = vector(z, "traverse")
    return z + np.outer(vector(amounts, "traverse"), vector(direction, "traverse", dim=len(z)))


def plane(z: ArrayLike, across: ArrayLike, down: ArrayLike, amounts: ArrayLike) -> np.ndarray:
    """A square grid of latents around z, row by row: amounts[j] along `across`, amounts[i] along `down`.  -> (T T, D)"""
    z = vector(z, "plane")
    t = vector(amounts, "plane")
    moves = np.outer(t, vector(down, "plane", dim=len(z)))[:, None] + np.outer(t, vector(across, "plane", dim=len(z)))[None]
    return (z + moves).reshape(-1, len(z))


def step_lengths(path: ArrayLike) -> np.ndarray:
    """Distance from each frame to the next, in whatever space the frames are given.  (T, F) -> (T - 1,)"""
    return np.linalg.norm(np.diff(vectors(path, "step_lengths"), axis=0), axis=1)


def _stops(count: int, frames: int, *, closed: bool) -> np.ndarray:
    """The frame of each of so many waypoints; for a closed path also that of its end, one after the last frame."""
    return np.rint(np.linspace(0, frames if closed else frames - 1, count + closed)).astype(int)


def _ends(z0: ArrayLike, z1: ArrayLike, frames: int, where: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    z0 = vector(z0, where)
    return z0, vector(z1, where, dim=len(z0)), np.linspace(0, 1, _counted(frames, where, 2))[:, None]


def _counted(frames: int, where: str, least: int = 1) -> int:
    if frames < least:
        raise LabError(f"{where}: {frames} frames; at least {least} is needed")
    return frames
