"""Words for statements about attributes: each gets one that means nothing else and can be typed, whatever attributes and classes are called."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

NEGATIONS = ("no", "not", "without")
JOINS = frozenset({",", "&", "and", "with", "a", "an", "the"})
SIGNS = "-+(),&"   # what sums are written with
LONGEST_WORD, MOST_SHOWN = 40, 50   # letters of a name, and of the word that is shown for it

OWN, GIVEN = 0, 1
"""How near a word is to what it names: an attribute's own name wins over what a choice or a custom calls it."""


@dataclass(frozen=True)
class Named:
    """A statement about one attribute and what it may be called: words with how near each is, the best to show first; raw is what its table says."""

    attribute: str
    aliases: tuple[tuple[int, str], ...]
    qualified: str
    raw: str = ""


def plain(word: str) -> str:
    """A word as it is looked up: lower case, with an underscore for everything but letters, digits, their accents and symbols such as emoji."""
    return "_".join("".join(c if _is_kept(c) else " " for c in normal(word)).split())


def normal(text: str) -> str:
    """A text in lower case, accents in one form, any space as one, any dash as a minus."""
    text = re.sub("[\u2010-\u2015\u2212]", "-", unicodedata.normalize("NFC", text))
    return " ".join(text.lower().split())


def spelled(name: str) -> str:
    """The word for a name in which signs may tell it from another: -1 is minus_1, C+ is c_plus."""
    text = re.sub(r"(?<![\w.])-(?=[\d.])|-(?!\S)", " minus ", normal(name))
    for sign, word in (("+", "plus"), ("<", "less_than"), (">", "more_than"), ("#", "sharp")):
        text = text.replace(sign, f" {word} ")
    return plain(text)


def unique(names: Sequence[str], otherwise: str) -> list[str]:
    """The names, a later one of the same with a number behind it; an empty one is `otherwise` and its place."""
    taken: list[str] = []
    for i, name in enumerate(names, start=1):
        taken.append(_free(name or f"{otherwise}_{i}", set(taken)))
    return taken


def words_for(named: Sequence[Named]) -> tuple[list[str], dict[str, list[int]]]:
    """For each statement the word that is shown and means it alone; and for every word the positions of all that it may mean."""
    meanings: dict[str, dict[int, list[int]]] = {}
    for i, one in enumerate(named):
        for tier, alias in dict.fromkeys((tier, alias) for tier, alias in one.aliases if alias):
            meanings.setdefault(alias, {}).setdefault(tier, []).append(i)
    words = {alias: list(dict.fromkeys(by_tier[min(by_tier)])) for alias, by_tier in meanings.items()}
    words = {word: found for word, found in words.items() if not _is_composed(word.split("_"), words)}
    shown = []
    for i, one in enumerate(named):
        word = next((alias for _, alias in one.aliases if words.get(alias) == [i] and len(alias) <= MOST_SHOWN), "")
        if not word:
            word = _free(cut(one.qualified), words)
            words[word] = [i]
        shown.append(word)
    return shown, words


def cut(word: str) -> str:
    """At most LONGEST_WORD letters of a word."""
    return word[:LONGEST_WORD].strip("_")


class Spelling:
    """Names as a table has them, found in a text although they hold signs, and put into words there: "t-shirt/top - bag" -> "t_shirt_top - bag"."""

    def __init__(self, named: Sequence[Named], shown: Sequence[str], words: dict[str, list[int]]):
        raws = [normal(one.raw) for one in named]
        self.to_word = {raw: _word_of(raw, i, raws, shown, words) for i, raw in enumerate(raws) if raw and _needs_spelling(raw, i, named, words)}
        several = {word.replace("_", " "): word for word in words if "_" in word and word.split("_")[0] not in JOINS}
        ordered = sorted((several | self.to_word) if self.to_word else (), key=len, reverse=True)
        self._pattern = re.compile("|".join(rf"(?<![\w]){re.escape(text)}(?!\w)" for text in ordered)) if ordered else None
        self._known = several | self.to_word

    def put_in(self, text: str) -> str:
        """A text, normalized, with such names as words."""
        text = normal(text)
        return self._pattern.sub(lambda found: self._known[found[0]], text) if self._pattern else text


def _needs_spelling(raw: str, i: int, named: Sequence[Named], words: dict[str, list[int]]) -> bool:
    """Whether a name can't be read by splitting it at spaces and signs; not so where that gives words, since it is then a sum of them."""
    key, has_signs = plain(raw), any(sign in raw for sign in SIGNS)
    pieces = [plain(piece) for piece in re.split(r"[-+(),&]", raw) if plain(piece)]
    if has_signs and not pieces or raw[0] == "(" and raw[-1] == ")" or len(pieces) > 1 and all(piece in words for piece in pieces):
        return False
    has_lost = raw.replace("_", " ") != key.replace("_", " ")
    is_shared = any(k != i and named[k].attribute == named[i].attribute for k in words.get(key, []))
    return has_signs or is_shared or has_lost and words.get(key) != [i]


def _word_of(raw: str, i: int, raws: Sequence[str], shown: Sequence[str], words: dict[str, list[int]]) -> str:
    """What a name is written as: the word that it makes where that means it alone, or where several have this name; else the one that is shown."""
    if words.get(plain(raw)) == [i]:
        return plain(raw)
    return spelled(raw) if raws.count(raw) > 1 and spelled(raw) in words else shown[i]


def _is_composed(tokens: list[str], words: dict[str, list[int]]) -> bool:
    """Whether a word joins others, as man_with_hat or with_hat do where there are man and hat: it would be read as these."""
    pieces: list[list[str]] = [[]]
    for token in tokens:
        pieces.append([]) if token in JOINS else pieces[-1].append(token)
    pieces = [piece for piece in pieces if piece]
    return sum(map(len, pieces)) < len(tokens) and bool(pieces) and all("_".join(piece) in words for piece in pieces)


def _free(word: str, taken: dict | set) -> str:
    """The word, or with the first number behind it that makes it new."""
    return next(w for w in (word, *(f"{word}_{k}" for k in range(2, len(taken) + 3))) if w not in taken)


def _is_kept(c: str) -> bool:
    return c.isalnum() or unicodedata.category(c)[0] == "M" or ord(c) > 127 and unicodedata.category(c)[0] == "S"
