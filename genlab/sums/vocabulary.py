"""The words that a dataset's attributes give: glasses, woman, smiling, blond, each a statement that an image meets or does not."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlab.data.base import Attribute
from genlab.errors import LabError
from genlab.sums.naming import GIVEN, NEGATIONS, OWN, Named, Spelling, cut, plain, spelled, unique, words_for

MOST_MEANINGS = 5   # of one word, named in an error

PAIRS = {
    "man": (("woman", "female"), ("man", "male")),
    "male": (("woman", "female"), ("man", "male")),
    "young": (("old",), ("young",)),
    "smiling": (("neutral",), ("smiling",)),
    "winter": (("summer",), ("winter",)),
    "eyeglasses": (("no_glasses",), ("glasses",)),
    "wearing_hat": (("no_hat",), ("hat",)),
    "wearing_earrings": (("no_earrings",), ("earrings",)),
    "mustache": (("no_moustache",), ("moustache",)),
}
"""For binary attributes what 0 and 1 are called, besides `no_x` and `x`; the first word of each is the one shown."""

RANGES = {
    "smile": (("frowning", -0.5, -0.3), ("neutral", -0.1, 0.1), ("smiling", 0.6, 1.0)),
    "age": (("young", 20.0, 35.0), ("old", 65.0, 80.0)),
    "mouth_open": (("closed_mouth", 0.0, 0.15), ("open_mouth", 0.7, 1.0)),
    "eyes_open": (("closed_eyes", 0.3, 0.42), ("open_eyes", 0.85, 1.0)),
    "skin_tone": (("light_skin", 0.0, 0.25), ("dark_skin", 0.75, 1.0)),
    "yaw": (("turned_left", -25.0, -14.0), ("turned_right", 14.0, 25.0)),
    "tilt": (("tilted_left", -15.0, -8.0), ("tilted_right", 8.0, 15.0)),
    "gaze": (("looking_left", -1.0, -0.6), ("looking_right", 0.6, 1.0)),
    "light": (("lit_from_left", -60.0, -30.0), ("lit_from_right", 30.0, 60.0)),
    "hour": (("morning", 5.0, 8.0), ("evening", 18.0, 21.0)),
}
"""For continuous attributes words with the range that each stands for, in the attribute's units; others are cut into low_x and high_x."""

TAIL = 0.2   # share of a range that low_x and high_x take at its ends


@dataclass(frozen=True)
class Level:
    """A statement about one attribute. values are the allowed ones of a binary or a category; low to high is the range of a continuous one."""

    word: str
    attribute: str
    values: tuple[float, ...] = ()
    low: float = 0.0
    high: float = 0.0

    @property
    def shown(self) -> str:
        """The word as a person writes it."""
        return self.word.replace("_", " ")

    def holds(self, x: np.ndarray) -> np.ndarray:
        """Which images are examples of it, by their attribute's column; unknown ones are not.  (N,) -> bool (N,)"""
        return np.isin(x, self.values) if self.values else (x >= self.low) & (x <= self.high)

    def draw(self, n: int, rng: np.random.Generator) -> np.ndarray:
        """n values of the attribute that meet it, evenly spread.  -> (n,)"""
        return rng.choice(np.array(self.values), n) if self.values else rng.uniform(self.low, self.high, n)

    def distance(self, x: np.ndarray) -> np.ndarray:
        """How far each value is from meeting it, in the attribute's units; 0 or 1 for a binary or a category.  (N,) -> (N,)"""
        return 1.0 - self.holds(x) if self.values else np.maximum(np.maximum(self.low - x, x - self.high), 0.0)


class Vocabulary:
    """Every word of some attributes. table : the words of each attribute, in order, the ones shown first; each means that level alone."""

    def __init__(self, info: Sequence[Attribute]):
        self.info = tuple(info)
        self.table: dict[str, tuple[Level, ...]] = {}
        self._opposites: dict[Level, Level] = {}
        names = unique([cut(spelled(a.name)) for a in self.info], "column")
        drafts = [draft for attribute, name in zip(self.info, names, strict=True) for draft in _drafts(attribute, name)]
        named = [one for one, _ in drafts]
        shown, words = words_for(named)
        levels = [Level(word, one.attribute, *holds) for word, (one, holds) in zip(shown, drafts, strict=True)]
        self._words = {word: [levels[i] for i in found] for word, found in words.items()}
        self._spelling = Spelling(named, shown, words)
        self.most_tokens = max((word.count("_") + 1 for word in words), default=1)
        for attribute in self.info:
            self._arrange(attribute, tuple(level for level in levels if level.attribute == attribute.name))

    def __len__(self) -> int:
        return len(self._words)

    def __contains__(self, word: str) -> bool:
        return plain(word) in self._words

    def spell(self, text: str) -> str:
        """A text in which names that hold signs, such as T-shirt/top, are written as words."""
        return self._spelling.put_in(text)

    def find(self, word: str) -> Level:
        """The level that a word means; LabError with the nearest word where there is none, or with all meanings where there are several."""
        key = spelled(word) if spelled(word) in self._words else plain(word)
        found = self._words.get(key, [])
        for negation in NEGATIONS:
            if not found and key.startswith(f"{negation}_"):
                return self.opposite(self.find(key.removeprefix(f"{negation}_")))
        if len(found) > 1:
            meanings = [level.word for level in found[:MOST_MEANINGS]]
            raise LabError(f"{word!r} means several things; write {' or '.join(meanings)}{' ...' if len(found) > MOST_MEANINGS else ''}")
        if not found:
            raise LabError(f"{word!r} is not a word that this dataset's attributes know; {self._nearest(key)}")
        return found[0]

    def opposite(self, level: Level) -> Level:
        """What is true where a level is not: the other value, the other end, any other choice."""
        return self._opposites[level]

    def meets(self, level: Level, x: np.ndarray) -> np.ndarray:
        """Where a value is nearer to what a level says than to its opposite; of a binary or a category, where it holds.  (...,) -> bool (...,)"""
        return level.distance(x) < self.opposite(level).distance(x)

    def _nearest(self, key: str) -> str:
        if near := difflib.get_close_matches(key, self._words, n=1, cutoff=0.6):
            return f"did you mean {near[0].replace('_', ' ')!r}?"
        shown = [level.shown for levels in self.table.values() for level in levels]
        return f"some that it knows: {', '.join(shown[:12])}" if shown else "there are none"

    def _arrange(self, attribute: Attribute, levels: tuple[Level, ...]) -> None:
        """Put an attribute's levels into the table, and say which are opposites."""
        if attribute.kind == "categorical":
            for level in levels:
                others = tuple(float(i) for i in range(len(levels)) if float(i) not in level.values)
                rest = Level(self._negated(level.word), attribute.name, others or level.values)
                self._opposites |= {level: rest, rest: level}
        elif attribute.kind == "binary":
            self._opposites |= {levels[0]: levels[1], levels[1]: levels[0]}
        else:
            self._opposites |= dict.fromkeys(levels, levels[-1]) | {levels[-1]: levels[-2]}
        self.table[attribute.name] = levels

    def _negated(self, word: str) -> str:
        """A word for what is true where this one is not, which the attributes do not use for anything else."""
        return next((w for negation in NEGATIONS if (w := f"{negation}_{word}") not in self._words), f"no_{word}")


Draft = tuple[Named, tuple]
"""What a level may be called, and what it says: the values, then the low and the high end of its range."""


def _drafts(attribute: Attribute, name: str) -> list[Draft]:
    """The levels of an attribute with this plain name, the ones shown first."""
    return {"binary": _binary, "categorical": _choices, "continuous": _ranges}[attribute.kind](attribute, name)


def _binary(attribute: Attribute, name: str) -> list[Draft]:
    is_negative = name.startswith("no_")   # such as CelebA's No_Beard: its 0 is the beard
    bare = (name.removeprefix("no_"), name) if is_negative else (f"no_{name}", name)
    drafts = []
    for value, named in enumerate(PAIRS.get(name, ((), ()))):
        aliases = (*((GIVEN, word) for word in named), (OWN, bare[value]))
        raw = attribute.name if value else ""
        drafts.append((Named(attribute.name, aliases, f"{name}_{('no', 'yes')[value]}", raw), ((float(value),),)))
    return drafts if is_negative else drafts[::-1]


def _choices(attribute: Attribute, name: str) -> list[Draft]:
    drafts = []
    for i, choice in enumerate(attribute.choices):
        word = spelled(choice)
        aliases = tuple((GIVEN, alias) for alias in (cut(word), word, f"{name}_{word}" if word else ""))
        qualified = cut(f"{name}_{word}") if word else f"{name}_choice_{i + 1}"
        drafts.append((Named(attribute.name, aliases, qualified, choice), ((float(i),),)))
    return drafts


def _ranges(attribute: Attribute, name: str) -> list[Draft]:
    width, named, tier = attribute.high - attribute.low, RANGES.get(name, ()), GIVEN
    if not named or named[0][1] < attribute.low or named[-1][2] > attribute.high:
        tier = OWN
        named = ((f"low_{name}", attribute.low, attribute.low + TAIL * width), (f"high_{name}", attribute.high - TAIL * width, attribute.high))
    drafts = []
    for word, low, high in named:
        is_last = word == named[-1][0]
        aliases = ((tier, word), *(((OWN, name),) if is_last else ()))
        drafts.append((Named(attribute.name, aliases, f"{name}_{word}", attribute.name if is_last else ""), ((), low, high)))
    return drafts
