"""Sums as people type them: what they mean, what is filled in, and what is refused in which words."""

import numpy as np
import pytest

from genlab.data.base import Attribute
from genlab.data.faces import FACTORS
from genlab.errors import LabError
from genlab.sums.expression import in_words, parse
from genlab.sums.vocabulary import Vocabulary

FACES = Vocabulary(FACTORS)


def parts(text, vocabulary=FACES):
    found = parse(text, vocabulary)
    return [in_words(part) for part in (*found.parts, found.target)]


CLASSIC = ["man, glasses", "man, no glasses", "woman, no glasses", "woman, glasses"]


@pytest.mark.parametrize("text", [
    "man+glasses-man+woman", "man with glasses - man + woman", "(man, glasses) - man + woman", "(man + glasses) - (man) + woman",
    "man & glasses \u2212 man \u2013 no glasses + woman", "a man with Glasses - a man + a female", "  MAN,glasses-man+WOMAN ",
])
def test_every_way_to_write_the_famous_sum(text):
    found = parse(text, FACES)
    assert {a: level.shown for a, level in found.target.items()} == {"man": "woman", "glasses": "glasses"}
    assert [{p[k].shown for k in p} for p in found.parts] == [set(words.split(", ")) for words in CLASSIC[:3]]


@pytest.mark.parametrize(("text", "expected"), [
    ("smiling woman - neutral woman + neutral man",
     ["smiling, woman", "neutral, woman", "neutral, man", "smiling, man"]),
    ("smiling + woman - neutral + man",
     ["smiling, woman", "neutral, woman", "neutral, man", "smiling, man"]),
    ("man + glasses - beard",
     ["man, glasses, beard", "man, glasses, beard", "man, glasses, no beard", "man, glasses, no beard"]),
    ("man + glasses", ["man, no glasses", "man, no glasses", "man, glasses", "man, glasses"]),
    ("woman - beard + hat", ["woman, beard, no hat", "woman, beard, no hat", "woman, no beard, hat", "woman, no beard, hat"]),
    ("- man + woman", ["man", "man", "woman", "woman"]),
    ("old - young + turned left", ["old, turned right", "young, turned right", "young, turned left", "old, turned left"]),
    ("blond - blond + ginger", ["blond", "blond", "ginger", "ginger"]),
    ("man - blond", ["man, blond", "man, blond", "man, no blond", "man, no blond"]),
    ("man without glasses - man + woman with glasses", ["man, no glasses", "man, no glasses", "woman, glasses", "woman, glasses"]),
    ("man - no hat", ["man, no hat", "man, no hat", "man, hat", "man, hat"]),
    ("no smile + open mouth", ["neutral, closed mouth", "neutral, closed mouth", "neutral, open mouth", "neutral, open mouth"]),
])
def test_what_is_left_out_is_filled_in(text, expected):
    assert parts(text) == expected


@pytest.mark.parametrize("text", ["man+glasses-man+woman", "man - blond", "smiling woman - neutral woman + neutral man",
                                  "turned left - turned left + lit from right"])
def test_a_sum_written_out_is_the_same_sum(text):
    found = parse(text, FACES)
    assert parse(found.text, FACES) == found


@pytest.mark.parametrize(("text", "said"), [
    ("man + glases - man + woman", "'glases' is not a word.*did you mean 'glasses'"),
    ("man without glases - man", "'glases'.*did you mean 'glasses'"),
    ("man - xyzzy", "some that it knows: man, woman, glasses"),
    ("man", "is no sum"),
    ("", "a word is missing at the end"),
    ("man - ", "missing at the end"),
    ("man + - woman", "missing before '-'"),
    ("(man, glasses - man", "minus within parentheses"),
    ("man) - woman", "do not match"),
    ("() - woman", "do not match"),
    ("(man", "not closed"),
    ("(man woman) - man + hat", "woman are not true of one image"),
    ("man - hat - no hat", "hat and no hat are on the same side"),
    ("blond - black + ginger", "blond - black \\+ ginger has no answer"),
    ("man + man", "nothing changes"),
    ("man with glasses - woman + woman", "nothing changes"),
    ("and - man", "holds no word"),
    ("man + " * 100 + "man", "at most 300"),
])
def test_what_is_no_sum_is_refused_in_a_sentence(text, said):
    with pytest.raises(LabError, match=said):
        parse(text, FACES)


def test_a_dataset_without_attributes_has_no_words():
    with pytest.raises(LabError, match="no attributes"):
        parse("man - woman", Vocabulary(()))


def test_any_attributes_give_words():
    info = (Attribute("Male"), Attribute("No_Beard"), Attribute("5_o_Clock_Shadow"), Attribute("weight (kg)", "continuous", 10, 20),
            Attribute("fruit", "categorical", 0, 2, ("apple", "Passion fruit", "orange")),
            Attribute("colour", "categorical", 0, 1, ("orange", "red")))
    words = Vocabulary(info)
    assert words.find("woman").values == (0.0,) and words.find("beard").values == (0.0,) and words.find("no beard").values == (1.0,)
    assert words.find("5 o'clock shadow".replace("'", " ")).attribute == "5_o_Clock_Shadow"
    assert (words.find("low weight kg").low, words.find("low weight kg").high) == (10, 12) and words.find("weight kg") == words.find("high_weight_kg")
    assert words.find("passion fruit").values == (1.0,) and words.find("not apple").values == (1.0, 2.0)
    with pytest.raises(LabError, match="several things; write fruit_orange or colour_orange"):
        words.find("orange")
    assert words.find("colour_orange").values == (0.0,)
    assert parts("male with no beard - male + female", words) == ["man, no beard", "man, beard", "woman, beard", "woman, no beard"]


def test_a_named_range_beyond_an_attributes_own_is_not_used():
    assert Vocabulary([Attribute("age", "continuous", 0, 1)]).find("age").low == pytest.approx(0.8)


def test_every_word_has_an_opposite_and_its_opposite_is_another_statement():
    for levels in FACES.table.values():
        for level in levels:
            other = FACES.opposite(level)
            assert other.attribute == level.attribute and other != level
            x = level.draw(50, np.random.default_rng(0))
            assert level.holds(x).all() and not other.holds(x).any()
            assert (level.distance(x) == 0).all() and (other.distance(x) > 0).all()


def test_unknown_values_are_examples_of_nothing():
    x = np.array([np.nan, 0, 1])
    assert FACES.find("glasses").holds(x).tolist() == [False, False, True]
    assert FACES.find("old").holds(np.array([np.nan, 70])).tolist() == [False, True]


def test_a_value_meets_a_level_that_it_is_nearer_to_than_to_the_opposite():
    smiling, glasses = FACES.find("smiling"), FACES.find("glasses")
    np.testing.assert_array_equal(FACES.meets(smiling, np.array([[0.9, 0.4], [0.3, np.nan]])), [[True, True], [False, False]])
    assert FACES.meets(glasses, np.array([1.0, 0.0])).tolist() == [True, False]
