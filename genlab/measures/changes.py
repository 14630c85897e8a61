"""What the judge reads differently from one picture to another."""

from dataclasses import dataclass

import numpy as np

from genlab.data import Attribute
from genlab.judge.judge import Judge
from genlab.judge.readings import Readings, identity_distance

SURE = 0.25    # of a chance that something is there
SEEN = 0.1     # of an attribute's range; what the judge is less sure of must move farther than its own spread


@dataclass(frozen=True)
class Change:
    """One attribute before and after: of a binary the chance that it is there, of a category its index, else the value.

    moved : whether it changed by more than the judge may err; size : by how much, 1 is from end to end
    """

    attribute: Attribute
    before: float
    after: float
    moved: bool
    size: float


@dataclass(frozen=True)
class Comparison:
    """Every attribute in the order of the table, and how far the person is from the one before: 0 the same, 1 a stranger."""

    changes: tuple[Change, ...]
    identity: float


def compare(judge: Judge, before: np.ndarray, after: np.ndarray) -> Comparison:
    """What the judge reads in two pictures, uint8 (3, S, S) each."""
    read = judge.read(np.stack([before, after]))
    changes = tuple(_change(read, k, attribute) for k, attribute in enumerate(read.info))
    return Comparison(changes, float(identity_distance(read.take(slice(0, 1)), read.take(slice(1, 2)))[0]))


def _change(read: Readings, k: int, attribute: Attribute) -> Change:
    if attribute.kind == "binary":
        before, after = map(float, read.chances[:, k])
        return Change(attribute, before, after, abs(after - before) >= SURE, abs(after - before))
    before, after = map(float, read.attributes[:, k])
    if attribute.kind == "categorical":
        return Change(attribute, before, after, before != after, float(before != after))
    reach = attribute.high - attribute.low
    far = abs(after - before)
    return Change(attribute, before, after, far >= max(SEEN * reach, float(np.hypot(*read.spreads[:, k]))), far / reach)
