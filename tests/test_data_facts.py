"""Counts and correlations of attributes, held against ones worked out by hand."""

import numpy as np
import pytest

from genlab.data import DataSpec, load_dataset
from genlab.data.base import Attribute, Facts
from genlab.data.facts import BINS, correlations, distributions, train_facts
from genlab.lens.images import ImageCache

INFO = (Attribute("hat"), Attribute("age", "continuous", 0, 12), Attribute("place", "categorical", 0, 2, ("a", "b", "c")), Attribute("same"))
TABLE = np.array([[0, 0, 2, 1], [1, 12, 2, 1], [1, 6, 0, 1], [np.nan, 3, np.nan, 1]], np.float32)


def test_counts_by_hand():
    hat, age, place, same = distributions(Facts(TABLE, INFO))
    assert hat.counts == (1, 2) and hat.unknown == 1 and hat.mean == pytest.approx(2 / 3)
    assert place.counts == (1, 0, 2) and same.counts == (0, 4)
    assert len(age.counts) == BINS and {i for i, c in enumerate(age.counts) if c} == {0, 3, 6, 11} and age.mean == 5.25


def test_nothing_known_is_no_mean():
    lone = distributions(Facts(np.full((3, 1), np.nan, np.float32), INFO[:1]))[0]
    assert lone.counts == (0, 0) and lone.unknown == 3 and np.isnan(lone.mean)


def test_correlations_by_hand():
    r = correlations(Facts(TABLE, INFO))
    assert r[0, 1] == pytest.approx(np.corrcoef([0, 1, 1], [0, 12, 6])[0, 1]) and r[1, 0] == r[0, 1]
    assert np.isnan(r[3]).all() and r[1, 1] == pytest.approx(1)


@pytest.mark.parametrize("spec", [DataSpec(name="digits", n=50, seed=2), DataSpec(name="faces", n=20, size=16, correlations=(("man", "hat", 0.9),))])
def test_facts_are_those_of_the_training_images(spec, monkeypatch):
    monkeypatch.setattr("genlab.data.streams.TEST", 8)
    np.testing.assert_array_equal(train_facts(ImageCache().open(spec)).attributes, load_dataset(spec)[0].attributes)
