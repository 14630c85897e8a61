"""What the judge reads before and after: told per attribute, marked where it moved by more than the judge may err."""

import numpy as np
import pytest
from tiny_judge import tiny_judge

from genlab.data.faces import FACTORS, render, sample_factors
from genlab.judge.judge import Judge
from genlab.judge.readings import Readings
from genlab.measures.changes import compare


@pytest.fixture(scope="module")
def judge(tmp_path_factory) -> Judge:
    return tiny_judge(tmp_path_factory.mktemp("judge"))


class Told:
    """A judge that has already read."""

    def __init__(self, read: Readings):
        self.said = read

    def read(self, x: np.ndarray) -> Readings:
        assert x.shape[0] == 2
        return self.said


def told(**after: float) -> dict:
    """Changes from a face of the middle of everything, spread 0, with these values or chances after."""
    names = [a.name for a in FACTORS]
    attributes = np.tile([(a.low + a.high) / 2 if a.kind == "continuous" else 0.0 for a in FACTORS], (2, 1)).astype(np.float32)
    chances, spreads = np.full((2, len(names)), 0.1, np.float32), np.full((2, len(names)), 0.02, np.float32)
    for name, value in after.items():
        (chances if FACTORS[names.index(name)].kind == "binary" else attributes)[1, names.index(name)] = value
    read = Readings(FACTORS, attributes, chances, spreads, np.zeros((2, 3), np.float32), np.full((2, 3), 0.01, np.float32), np.zeros(2, np.float32))
    return {c.attribute.name: c for c in compare(Told(read), *np.zeros((2, 3, 64, 64), np.uint8)).changes}


def test_the_same_picture_changes_nothing(judge):
    x = render(sample_factors(1, 3))[0]
    found = compare(judge, x, x)
    assert [c.attribute for c in found.changes] == list(FACTORS) and not any(c.moved for c in found.changes)
    assert found.identity == 0 and all(c.before == c.after for c in found.changes)


def test_what_is_told_is_what_the_judge_reads(judge):
    a, b = render(sample_factors(2, 4))
    read, found = judge.read(np.stack([a, b])), compare(judge, a, b)
    by_name = {c.attribute.name: c for c in found.changes}
    assert by_name["hat"].before == read.chance("hat")[0] and by_name["hat"].after == read.chance("hat")[1]
    assert by_name["age"].before == read["age"][0] and by_name["hair_style"].after == read["hair_style"][1]


def test_small_moves_are_not_marked_and_large_ones_are():
    assert not any(c.moved for c in told(hat=0.3, age=53.0).values())
    moved = told(hat=0.9, age=75.0, hair_style=3)
    assert {name for name, c in moved.items() if c.moved} == {"hat", "age", "hair_style"}
    assert moved["hat"].size == pytest.approx(0.8) and moved["age"].size == pytest.approx(25 / 60) and moved["hair_style"].size == 1
