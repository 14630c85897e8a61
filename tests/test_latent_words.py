"""What the arithmetic page offers, the parser reads: every famous sum, word and class of every dataset, and of tables with odd names."""

import pytest

from genlab.data.base import Attribute
from genlab.data.celeba import read_list
from genlab.data.cifar import LABEL
from genlab.data.digits import DIGIT
from genlab.data.faces import FACTORS
from genlab.data.mnist import FASHION, KUZUSHIJI, MNIST
from genlab.data.scenes.factors import FACTORS as SCENES
from genlab.data.sheet import read_sheet
from genlab.errors import LabError
from genlab.sums.expression import parse
from genlab.sums.naming import MOST_SHOWN
from genlab.sums.vocabulary import Vocabulary
from genlab.ui.sums.sumpick import FAMOUS, usual_sum

CELEBA = """5_o_Clock_Shadow Arched_Eyebrows Attractive Bags_Under_Eyes Bald Bangs Big_Lips Big_Nose Black_Hair Blond_Hair Blurry Brown_Hair
 Bushy_Eyebrows Chubby Double_Chin Eyeglasses Goatee Gray_Hair Heavy_Makeup High_Cheekbones Male Mouth_Slightly_Open Mustache Narrow_Eyes No_Beard
 Oval_Face Pale_Skin Pointy_Nose Receding_Hairline Rosy_Cheeks Sideburns Smiling Straight_Hair Wavy_Hair Wearing_Earrings Wearing_Hat
 Wearing_Lipstick Wearing_Necklace Wearing_Necktie Young""".replace("\n", "")


def classes(name, *choices):
    return Attribute(name, "categorical", 0, len(choices) - 1, choices)


DATASETS = {
    "faces": FACTORS, "scenes": SCENES, "digits": (DIGIT,), "cifar10": (LABEL,), "celeba": tuple(map(Attribute, CELEBA.split())),
    **{s.name: (classes(s.attribute, *s.classes),) for s in (MNIST, FASHION, KUZUSHIJI)},
}
ODD = {
    "signs": (classes("glasses", "-1", "1"),), "grades": (classes("grade", "A", "A-", "A+", "B", "C++", "C#", "C", "B-"), Attribute("man")),
    "ranges": (classes("size", "<5", "5-10", "10+", ">10"),), "question": (classes("mood", "?", "good", "bad"),),
    "emoji": (classes("mood", "\U0001f600", "\U0001f622"),),
    "answers": (classes("smiles", "maybe", "no", "yes"), Attribute("man")), "letters": (classes("letter", *"abcdefghijklmnopqrstuvwxyz"),),
    "hats": (classes("head", "with hat", "without hat"), Attribute("man")),
    "joined": (classes("taste", "salt and pepper", "sugar & spice", "Doe, John", "R&D"),),
    "long": (classes("a", "word " * 20, "word " * 20 + "more"), Attribute("y" * 90)),
    "brackets": (classes("pet", "cat (small)", "cat (big)", "T-shirt/top"),),
    "other scripts": (classes("\u8868\u60c5", "\u7b11\u9854", "\u771f\u9854"),
    classes("\u092d\u093e\u0937\u093e", "\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0942")),
    "accents": (classes("Gr\u00f6\u00dfe", "gro\u00df", "klein"), Attribute("Zoe\u0308")),
    "dots": (classes("title", "Dr.", "Dr", "c", "c.", "a b", "a-b"),),
}
CLASHING = {
    "two columns of signs": (classes("glasses", "-1", "1"), classes("hat", "-1", "1"), classes("n", "-1", "0", "1")),
    "two columns of answers": (classes("smiles", "maybe", "no", "yes"), classes("hat", "maybe", "no", "yes")),
    "plus and minus": (classes("test", "+", "-"),),
    "a class that joins words": (classes("who", "man", "hat", "man with hat", "man, hat", "old man"), classes("age", "old", "young"),
    Attribute("glasses")),
    "a class called as a column": (classes("head", "with hat", "without hat", "no hat"), Attribute("hat")),
    "one name thrice": (Attribute("Glasses"), Attribute("glasses "), Attribute("glasses!"), classes("x", "glasses", "no glasses", "Glasses.")),
    "two customs": (Attribute("man"), Attribute("male"), Attribute("woman"), Attribute("smiling"), Attribute("smile", "continuous", -0.5, 1)),
    "words of sums": (Attribute("and"), Attribute("no"), Attribute("with"), Attribute("a"), Attribute("not", "continuous", 0, 3)),
    "no words": (Attribute("+"), Attribute("???"), classes("!", "...", "--"), Attribute("#", "continuous", 0, 5)),
    "with and without no": (Attribute("No_Beard"), Attribute("beard")), "age": (Attribute("age", "continuous", 0, 100),
    classes("old", "old", "young")),
    "a column called as a class": (classes("fruit", "apple", "orange"), classes("colour", "orange", "red"), Attribute("fruit orange")),
}
ALL = DATASETS | ODD | CLASHING


def is_read(text, vocabulary, attribute, level):
    """Whether a sum is read with this level in B, and reads the same when it is written out."""
    found = parse(text, vocabulary)
    return found.b[attribute.name] == level and parse(found.text, vocabulary) == found


@pytest.mark.parametrize("name", FAMOUS)
def test_every_famous_sum_is_read(name):
    assert parse(FAMOUS[name], Vocabulary(FACTORS))


@pytest.mark.parametrize("case", ALL)
def test_the_first_sum_that_is_offered_is_read(case):
    vocabulary = Vocabulary(ALL[case])
    assert parse(usual_sum(vocabulary), vocabulary)


@pytest.mark.parametrize("case", ALL)
def test_every_word_means_one_thing_alone_and_beside_any_other(case):
    vocabulary = Vocabulary(ALL[case])
    words = [(attribute, level) for attribute in ALL[case] for level in vocabulary.table[attribute.name]]
    for attribute, level in words:
        first = next(other for other in vocabulary.table[attribute.name] if other != level)
        opposite = vocabulary.opposite(level)
        assert len(level.shown) <= MOST_SHOWN
        assert is_read(f"{level.shown} - {level.shown} + {first.shown}", vocabulary, attribute, level)
        assert is_read(f"{opposite.shown} - {opposite.shown} + {level.shown}", vocabulary, attribute, opposite)
        for besides, other in words[:40]:
            if besides != attribute:
                assert is_read(f"{level.shown} with {other.shown} - {level.shown} + {first.shown}", vocabulary, attribute, level)


@pytest.mark.parametrize("case", DATASETS | ODD)
def test_every_class_is_read_as_its_table_writes_it(case):
    vocabulary = Vocabulary(ALL[case])
    for attribute in ALL[case]:
        for i, name in enumerate(attribute.choices):
            level, other = vocabulary.table[attribute.name][i], vocabulary.table[attribute.name][i - 1]
            assert is_read(f"{name} - {name} + {other.shown}", vocabulary, attribute, level)
            assert parse(f"{other.shown} - {other.shown} + {name.capitalize()}", vocabulary).c[attribute.name] == level


def test_a_class_with_a_minus_in_its_name_is_no_sum():
    clothes = Vocabulary(DATASETS["fashion-mnist"])
    assert parse("T-shirt/top-T-shirt/top+Coat", clothes) == parse("t shirt top - t shirt top + coat", clothes)
    with pytest.raises(LabError, match="'t' is not a word"):
        parse("t - t + coat", clothes)


@pytest.mark.parametrize("cells", [("0.0", "1.0"), ("-1.0", "1.0"), ("-1", "1"), ("no", "yes"), ("False", "True"), ("0,0", "1,0"),
("FALSCH", "WAHR")])
def test_people_with_glasses_are_found_however_the_table_writes_them(cells):
    names = [f"{i}.png" for i in range(4)]
    rows = "".join(f"{name};{cells[i % 2]};{cells[i // 2]}\n" for i, name in enumerate(names))
    vocabulary = Vocabulary(read_sheet(f"file;man;glasses\n{rows}".encode(), names).attribute_info)
    assert [level.shown for level in parse("man with glasses - man + woman", vocabulary).target.values()] == ["woman", "glasses"]
    assert parse(usual_sum(vocabulary), vocabulary)


def test_a_word_of_two_columns_is_refused_with_what_to_write():
    with pytest.raises(LabError, match="'1' means several things; write glasses_1 or hat_1 or n_1"):
        parse("1 - -1 + 0", Vocabulary(CLASHING["two columns of signs"]))


def test_an_article_may_follow_a_negation():
    faces = Vocabulary(FACTORS)
    assert parse("man without a hat - a man + a woman", faces) == parse("man, no hat - man + woman", faces)


def test_the_list_of_celeba_is_read_as_these_names(tmp_path):
    (tmp_path / "list.txt").write_text(f"1\n{CELEBA}\n000001.jpg{' 1' * 40}\n")
    assert read_list(tmp_path / "list.txt")[2] == DATASETS["celeba"]
