"""What kind of attribute a column of cells holds, judged by what the cells mean and not by how they are written.

Two of 0/1, -1/1 or a word for yes and one for no make it binary, in any spelling: 1, 1.0 and 1,0 are one number, yes, ja and TRUE one
answer. Few words, or few whole numbers that repeat, make it categorical, other numbers continuous. An empty cell is unknown.
"""

import re
import unicodedata
from collections.abc import Callable, Collection

import numpy as np

from genlab.data.base import Attribute
from genlab.errors import DataError

MAX_CHOICES = 50   # distinct words
MAX_LEVELS = 12    # distinct whole numbers
LARGEST = float(np.finfo(np.float32).max)
UNKNOWN = frozenset({"", "na", "n/a", "n.a.", "#n/a", "<na>", "nan", "null"})

ANSWERS = (
    ("no", "yes"), ("false", "true"), ("without", "with"), ("absent", "present"), ("off", "on"),
    ("nein", "ja"), ("falsch", "wahr"), ("ohne", "mit"), ("non", "oui"), ("faux", "vrai"), ("no", "sí"), ("no", "si"), ("no", "sì"),
    ("falso", "verdadero"), ("falso", "vero"), ("não", "sim"), ("nao", "sim"), ("falso", "verdadeiro"), ("nee", "ja"), ("onwaar", "waar"),
    ("nej", "ja"), ("falsk", "sand"), ("falskt", "sant"), ("nei", "ja"), ("falsk", "sann"), ("ei", "kyllä"), ("epätosi", "tosi"),
    ("nie", "tak"), ("fałsz", "prawda"), ("ne", "ano"), ("ne", "da"), ("nem", "igen"), ("hayır", "evet"), ("нет", "да"), ("ложь", "истина"),
    ("όχι", "ναι"), ("לא", "כן"), ("لا", "نعم"), ("नहीं", "हाँ"), ("否", "是"), ("いいえ", "はい"), ("아니요", "예"),
    ("✗", "✓"), ("✘", "✔"), ("☐", "☑"),
)
"""What people and spreadsheets write for no and yes."""
TRUTH = {no: 0.0 for no, _ in ANSWERS} | {yes: 1.0 for _, yes in ANSWERS}
LETTERS = (("n", "y"), ("n", "j"), ("f", "t"), ("-", "+"))
"""No and yes in one letter: read so where nothing else stands in the column, since a letter may be any class."""

ENGLISH = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?(e[+-]?\d+)?")
COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)?(,\d*)?(e[+-]?\d+)?")
SAID_OTHERWISE = frozenset({"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity", "+nan", "-nan"})


def column(name: str, texts: list[str], *, has_commas: bool = False) -> tuple[Attribute, np.ndarray]:
    """One attribute and its values (N,), NaN where unknown; a DataError says why it can't be one.

    has_commas : a comma parts the table's cells, so that one within a number more likely groups thousands than marks decimals
    """
    keys = [key_of(text) for text in texts]
    seen = {key: " ".join(text.split()) for key, text in zip(reversed(keys), reversed(texts), strict=True) if key not in UNKNOWN}
    if not seen:
        raise DataError("holds no value for any image")
    numbers = _numbers(seen, has_commas)
    truth = _truth(seen, numbers)
    values = truth or numbers
    if len(seen) < 2 or len(values) == len(seen) and len(set(values.values())) < 2:
        if any(key in UNKNOWN for key in keys):
            raise DataError(f"holds {next(iter(seen.values()))[:40]!r} or nothing; write what it is for the others, too, such as no")
        raise DataError("holds the same value for every image")
    if truth:
        return Attribute(name), _looked_up(keys, truth)
    words = sorted(seen.keys() - numbers.keys())
    if not words:
        return _of_numbers(name, keys, numbers)
    if numbers:
        raise DataError(f"mixes numbers with words such as {seen[words[0]][:60]!r}; all numbers, or all words, are needed")
    if len(words) > MAX_CHOICES:
        raise DataError(f"holds {len(words)} different words; numbers, or at most {MAX_CHOICES} different words, are needed")
    return _categorical(name, keys, {key: seen[key] for key in words})


def key_of(text: str) -> str:
    """A cell as it is compared: without its case, accents in one form, any space as one, any minus as one."""
    return re.sub("[\u2212\u2013]", "-", " ".join(unicodedata.normalize("NFC", text).split()).lower())


def _truth(seen: Collection[str], numbers: dict[str, float]) -> dict[str, float]:
    """0 and 1 for cells that all say no or yes; empty where one says anything else."""
    for no, yes in LETTERS:
        if set(seen) == {no, yes}:
            return {no: 0.0, yes: 1.0}
    signs = {-1.0: 0.0, 1.0: 1.0} if len(numbers) == len(seen) and set(numbers.values()) == {-1.0, 1.0} else {0.0: 0.0, 1.0: 1.0}
    truth = {key: signs.get(numbers[key]) if key in numbers else TRUTH.get(key) for key in seen}
    return {} if None in truth.values() else truth


def _numbers(keys: Collection[str], has_commas: bool) -> dict[str, float]:
    """The cells that are numbers: all as one language writes them where that can be, else each as it can be read."""
    english, comma = ({key: n for key in keys if (n := read(key)) is not None} for read in (_english, _comma))
    first, second = (english, comma) if has_commas or not any("," in key for key in keys) else (comma, english)
    return first if first.keys() >= second.keys() else second if second.keys() > first.keys() else second | first


def _english(key: str) -> float | None:
    return _number(key, ENGLISH, lambda text: text.replace(",", ""))


def _comma(key: str) -> float | None:
    return _number(key, COMMA, lambda text: text.replace(".", "").replace(",", "."))


def _number(key: str, pattern: re.Pattern, plain: Callable[[str], str]) -> float | None:
    """23.5, 1 234, 45 % as a number, percent as they stand; None for anything else."""
    if key in SAID_OTHERWISE:
        return float(key)
    text = re.sub(r"(?<=\d)[ '\u2019](?=\d{3}(?!\d))", "", key).removesuffix("%").rstrip()
    if not pattern.fullmatch(text) or not re.search(r"\d", text.split("e")[0]):
        return None
    return float(plain(text)) + 0.0   # no -0


def _of_numbers(name: str, keys: list[str], numbers: dict[str, float]) -> tuple[Attribute, np.ndarray]:
    levels = sorted(set(numbers.values()))
    if not all(abs(level) <= LARGEST for level in levels):   # not so for a NaN either
        raise DataError("holds a number that is infinite or too large")
    n_known = sum(key in numbers for key in keys)
    if len(levels) <= MAX_LEVELS and n_known >= 2 * len(levels) and all(level.is_integer() for level in levels):
        return _categorical(name, keys, {key: f"{number:.0f}" for key, number in sorted(numbers.items(), key=lambda item: item[1])})
    return Attribute(name, "continuous", levels[0], levels[-1]), _looked_up(keys, numbers)


def _categorical(name: str, keys: list[str], shown: dict[str, str]) -> tuple[Attribute, np.ndarray]:
    """Choices in the order of `shown`, which maps a cell's key to the choice it stands for."""
    choices = tuple(dict.fromkeys(shown.values()))
    indices = {key: float(choices.index(choice)) for key, choice in shown.items()}
    return Attribute(name, "categorical", 0, len(choices) - 1, choices), _looked_up(keys, indices)


def _looked_up(keys: list[str], values: dict[str, float]) -> np.ndarray:
    return np.array([values.get(key, np.nan) for key in keys], np.float32)
