"""What else moves when one attribute is moved: directions of a run's latent space, read by the judge."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from genlab.data import Attribute
from genlab.errors import LabError
from genlab.judge.judge import Judge, load_judge
from genlab.judge.readings import Readings
from genlab.latent.arrays import in_parts
from genlab.latent.directions import METHODS, in_spreads, orthogonalise
from genlab.lens.axes import attribute_columns
from genlab.lens.codes import CODES, Codes
from genlab.lens.models import ServedModel
from genlab.sums.scored import faces_run

FACES = 48       # codes that are moved
KEPT = 32        # results in memory
ABOUT = ("how far the judge's reading of each attribute moves when codes move by one standard deviation along a direction, in standard "
         "deviations of that reading over unmoved faces; for a category the share of faces whose choice changes between one below and one above")


@dataclass(frozen=True)
class Entanglement:
    """rows : attributes with a direction; columns : attributes that are read; moves : (rows, columns), as `about` says."""

    run: str
    method: str
    locked: tuple[str, ...]
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    moves: np.ndarray
    about: str = ABOUT

    def as_dict(self) -> dict:
        """Each direction with what it moves, and how much of that is its own attribute."""
        directions = {row: {"moves": dict(zip(self.columns, map(float, moves), strict=True)), "own_share": own_share(row, self.columns, moves)}
                      for row, moves in zip(self.rows, self.moves, strict=True)}
        return {"run": self.run, "method": self.method, "locked": list(self.locked), "about": self.about, "directions": directions}


def own_share(row: str, columns: tuple[str, ...], moves: np.ndarray) -> float:
    """The part of all squared movement that is a direction's own attribute, in [0, 1]: 1 where it moves nothing else."""
    return float(moves[columns.index(row)] ** 2 / max((moves**2).sum(), 1e-12))


def named_directions(codes: Codes, method: str, locked: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """For each attribute and each choice that varies its direction, one spread of the codes long, at right angles to the locked ones.

    Raises LabError for an unknown method or attribute, or where nothing is left of any.
    """
    if method not in METHODS:
        raise LabError(f"method {method!r} is not known; there are {', '.join(METHODS)}")
    names, columns = attribute_columns(codes.attributes, codes.info)
    if not names:
        why = codes.why_unknown or "its images have no attributes"
        raise LabError(f"{codes.run_id}: {why}, so there is nothing to find a direction of; choose a run on faces")
    for name in locked:
        if name.replace("_", " ") not in names:
            raise LabError(f"{name!r} cannot be kept fixed; there are {', '.join(names)}")
    fixed_names = {name.replace("_", " ") for name in locked}
    found = in_spreads(METHODS[method](codes.mu, columns), codes.mu)
    fixed = [direction for name, direction in zip(names, found, strict=True) if name in fixed_names and direction.any()]
    left = {name: _left(direction, fixed) for name, direction in zip(names, found, strict=True) if name not in fixed_names and direction.any()}
    left = {name: direction for name, direction in left.items() if direction is not None}
    if not left:
        raise LabError(f"{codes.run_id}: no attribute can be moved; none varies among {codes.of_what}, or too much is kept fixed")
    return left


def _left(direction: np.ndarray, fixed: list[np.ndarray]) -> np.ndarray | None:
    try:
        return orthogonalise(direction, fixed)
    except LabError:   # it lies wholly in what is kept fixed
        return None


def entanglement(run_id: str, *, method: str = "ridge", locked: tuple[str, ...] = ()) -> Entanglement:
    """How much each direction of a run on faces moves each attribute, by the judge. A few seconds, kept in memory."""
    return _found(run_id, faces_run(run_id)[1].step, load_judge(), method, locked)


@lru_cache(maxsize=KEPT)
def _found(run_id: str, _step: int, judge: Judge, method: str, locked: tuple[str, ...]) -> Entanglement:
    model, codes = faces_run(run_id)[1], CODES.get(run_id)
    directions = named_directions(codes, method, locked)
    rows = [a.name for a in codes.info if a.kind != "categorical" and a.name.replace("_", " ") in directions]
    moves = movement(model, judge, codes.mu[:FACES], np.stack([directions[name.replace("_", " ")] for name in rows]))
    return Entanglement(run_id, method, locked, tuple(rows), tuple(a.name for a in judge.info), moves)


def movement(model: ServedModel, judge: Judge, z: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """How far each reading goes for one step along each direction, averaged over codes (N, D).  (K, D) -> (K, J), see ABOUT"""
    still = _readings(model, judge, z)
    moves = []
    for direction in directions:
        up, down = _readings(model, judge, z + direction), _readings(model, judge, z - direction)
        moves.append([_moved(a, still, up, down) for a in judge.info])
    return np.array(moves)


def _readings(model: ServedModel, judge: Judge, z: np.ndarray) -> Readings:
    return judge.read(in_parts(model.decode, z).transpose(0, 3, 1, 2))


def _moved(attribute: Attribute, still: Readings, up: Readings, down: Readings) -> float:
    if attribute.kind == "categorical":
        return float((up[attribute.name] != down[attribute.name]).mean())
    of = Readings.chance if attribute.kind == "binary" else Readings.__getitem__
    spread = of(still, attribute.name).std()
    return float((of(up, attribute.name) - of(down, attribute.name)).mean() / 2 / max(spread, 1e-3))
