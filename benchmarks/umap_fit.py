"""A map through the lab's own `project` against umap-learn called alone: the same points, settings and seed.

    python -m benchmarks.umap_fit --n 10000 --dim 50 --rounds 3

Both are warmed up first, since umap-learn compiles itself on first use; the lab does that ahead, in the process that fits maps.
The rounds alternate, so that a busy machine slows both.
"""

import argparse
import statistics
import time
import warnings

import numpy as np

from genlab.jobs.taskhost import WARM_UP
from genlab.latent.projection import project


def points(n: int, dim: int) -> np.ndarray:
    """Ten groups of n / 10 points each, as the codes of digits might lie.  -> float32 (n, dim)"""
    rng = np.random.default_rng(0)
    centres = 3 * rng.standard_normal((10, dim))
    return (centres[np.arange(n) % 10] + rng.standard_normal((n, dim))).astype(np.float32)


def ours(z: np.ndarray) -> np.ndarray:
    return project(z, "umap", seed=0).xy


def alone(z: np.ndarray) -> np.ndarray:
    from umap import UMAP

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return UMAP(random_state=0, n_jobs=1).fit_transform(z)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--n", type=int, default=10_000)
    parser.add_argument("--dim", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    z = points(asked.n, asked.dim)
    for fit in (ours, alone):
        for n in WARM_UP:
            fit(points(n, asked.dim))
    seconds: dict[str, list[float]] = {"genlab": [], "umap-learn": []}
    for _ in range(asked.rounds):
        for name, fit in (("genlab", ours), ("umap-learn", alone)):
            began = time.perf_counter()
            fit(z)
            seconds[name].append(time.perf_counter() - began)
    for name, times in seconds.items():
        print(f"{name:<12} {statistics.median(times):7.2f} s   ({', '.join(f'{t:.2f}' for t in times)})")
    print(f"ratio        {statistics.median(seconds['genlab']) / statistics.median(seconds['umap-learn']):7.2f}   of {asked.n} x {asked.dim}")


if __name__ == "__main__":
    main()
