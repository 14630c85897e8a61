"""Sums of concepts as a person types them: "man with glasses - man + woman", "(man, glasses) - man + woman", "man + glasses - beard".

    sum  = term { ("+" | "-") term }
    term = word { ["," | "&" | "and" | "with"] word }, in parentheses or not        one concept: all its words are true of it
    word = ["no" | "not" | "without"] a word of the vocabulary, spaces or underscores within

What stands before the first minus is A, what is taken away is B, what is added after it is C, and the sum is A - B + C. Without a
minus the first term is A and the others are C. What is left out follows, attribute by attribute:

    B or C left out                 its opposite: "- beard" is followed by "+ no beard", "+ hat" is preceded by "- no hat"
    A left out                      as in B: a beard can be taken from nobody who has none
    said of A alone                 where B repeats part of A ("man with glasses - man"), B and C lack the rest (glasses); else they
                                    share it, so that B and C differ from A in nothing but what is changed

A sum has an answer where for each attribute B agrees with A (and C stands in the answer) or with C (and A does).
"""

import re
from dataclasses import dataclass

from genlab.errors import LabError
from genlab.sums.naming import JOINS, NEGATIONS
from genlab.sums.vocabulary import Level, Vocabulary

LONGEST = 300      # letters
SEPARATORS, ARTICLES = frozenset({",", "&"}), frozenset({"a", "an", "the"})

Concept = dict[str, Level]
"""For each attribute that is named what is said of it."""


@dataclass(frozen=True)
class Sum:
    """A - B + C with nothing left out: each part says something of every attribute of the sum; target is the answer."""

    a: Concept
    b: Concept
    c: Concept
    target: Concept

    @property
    def parts(self) -> tuple[Concept, Concept, Concept]:
        return self.a, self.b, self.c

    @property
    def text(self) -> str:
        """The sum written out; parsing it gives the same sum."""
        return "({}) - ({}) + ({})".format(*(in_words(part) for part in self.parts))


def in_words(concept: Concept) -> str:
    """A concept's words: "man, no glasses"."""
    return ", ".join(level.shown for level in concept.values())


def parse(text: str, vocabulary: Vocabulary) -> Sum:
    """The sum that a text means. Raises LabError for an unknown word (with the nearest), a text that is no sum, or one without an answer."""
    if len(text) > LONGEST:
        raise LabError(f"the sum has {len(text)} letters; at most {LONGEST} are read")
    if not len(vocabulary):
        raise LabError("this run's dataset has no attributes, so no words; choose a run on faces")
    terms = [(sign, _concept(words, vocabulary)) for sign, words in _terms(_tokens(text, vocabulary))]
    signs = "".join(sign for sign, _ in terms)
    if len(terms) < 2:
        raise LabError(f"{text.strip()[:60]!r} is no sum; try: man with glasses - man + woman")
    first = signs.index("-") if "-" in signs else 1
    a = _join([concept for _, concept in terms[:first]])
    b = _join([concept for sign, concept in terms[first:] if sign == "-"])
    c = _join([concept for sign, concept in terms[first:] if sign == "+"])
    return _complete(a, b, c, vocabulary)


def _tokens(text: str, vocabulary: Vocabulary) -> list[str]:
    return re.findall(r"[-+(),&]|[^\s\-+(),&]+", vocabulary.spell(text))


def _terms(tokens: list[str]) -> list[tuple[str, list[str]]]:
    """Signs and the words of each term; LabError where signs or parentheses are out of place."""
    terms, sign, words, is_open = [], "+", [], False
    for i, token in enumerate(tokens):
        if token in ("(", ")"):
            if is_open == (token == "(") or is_open == (not words):
                raise LabError("the parentheses of the sum do not match; write (man, glasses) - man + woman")
            is_open = not is_open
        elif token == "-" and is_open:
            raise LabError("there is a minus within parentheses; write (man, no glasses) for what is not there")
        elif token not in ("+", "-"):
            words.append(token)
        elif is_open:   # a plus, which joins words here
            words.append(",")
        else:
            if not words and i:
                raise LabError(f"a word is missing before {token!r}; try: man with glasses - man + woman")
            terms += [(sign, words)] if words else []
            sign, words = token, []
    if is_open or not words:
        raise LabError("a parenthesis of the sum is not closed" if is_open else "a word is missing at the end of the sum")
    return [*terms, (sign, words)]


def _concept(tokens: list[str], vocabulary: Vocabulary) -> Concept:
    """The levels that a term's tokens name, the longest words first."""
    concept: Concept = {}
    begins = True   # a word has to come: "with" may be one here, and joins two elsewhere
    while tokens:
        found = max(_word(tokens, vocabulary, begins), _negated(tokens, vocabulary), key=lambda found: found[0])
        if not found[0] and tokens[0] in JOINS:
            begins, tokens = True, tokens[1:]
            continue
        if not found[0]:
            raise _unknown(tokens, vocabulary)
        taken, level = found
        if concept.get(level.attribute, level) != level:
            raise LabError(f"{concept[level.attribute].shown} and {level.shown} are not true of one image; put a plus or a minus between them")
        concept[level.attribute] = level
        begins, tokens = False, tokens[taken:]
    if not concept:
        raise LabError("a term of the sum holds no word")
    return concept


Found = tuple[int, Level | None]
"""How many tokens make a word, and what it means; 0 and None where there is none."""


def _word(tokens: list[str], vocabulary: Vocabulary, begins: bool) -> Found:
    """The longest word at the beginning of the tokens.

    A join is a word only where one `begins`, a negation alone only where nothing follows that it could negate.
    """
    if not tokens or tokens[0] in SEPARATORS or tokens[0] in JOINS and not begins:
        return 0, None
    for taken in range(min(vocabulary.most_tokens, len(tokens)), 0, -1):
        negates = taken == 1 and tokens[0] in NEGATIONS and len(tokens) > 1 and tokens[1] not in JOINS
        word = "_".join(tokens[:taken])
        if not negates and SEPARATORS.isdisjoint(tokens[:taken]) and word in vocabulary:
            return taken, vocabulary.find(word)
    return 0, None


def _negated(tokens: list[str], vocabulary: Vocabulary) -> Found:
    """The opposite of a word after a negation, with an article between them or not: no hat, without a hat."""
    if tokens[0] not in NEGATIONS:
        return 0, None
    for skipped in (1, 2) if tokens[1:] and tokens[1] in ARTICLES else (1,):
        taken, level = _word(tokens[skipped:], vocabulary, begins=True)
        if taken:
            return skipped + taken, vocabulary.opposite(level)
    return 0, None


def _unknown(tokens: list[str], vocabulary: Vocabulary) -> LabError:
    """What is wrong with the first word, or with the one that it negates."""
    token = tokens[1] if tokens[0] in NEGATIONS and len(tokens) > 1 else tokens[0]
    try:
        vocabulary.find(token)
    except LabError as error:
        return error
    return LabError(f"{token!r} can't stand here; put a comma between two words that are true of one image")


def _join(concepts: list[Concept]) -> Concept:
    joined: Concept = {}
    for concept in concepts:
        for attribute, level in concept.items():
            if joined.get(attribute, level) != level:
                raise LabError(f"{joined[attribute].shown} and {level.shown} are on the same side of the sum; they are not true of one image")
            joined[attribute] = level
    return joined


def _complete(a: Concept, b: Concept, c: Concept, vocabulary: Vocabulary) -> Sum:
    repeats = any(name in a for name in b)
    whole: list[Concept] = [{}, {}, {}]
    target: Concept = {}
    for name in dict.fromkeys([*a, *b, *c]):
        levels = _fill(a.get(name), b.get(name), c.get(name), repeats, vocabulary)
        if levels[1] not in (levels[0], levels[2]):
            raise LabError("{} - {} + {} has no answer; take away what A has, or what C has".format(*(level.shown for level in levels)))
        for part, level in zip(whole, levels, strict=True):
            part[name] = level
        target[name] = levels[2] if levels[0] == levels[1] else levels[0]
    if target == whole[0]:
        raise LabError(f"nothing changes: the answer is {in_words(target)} again; take away what it has, or add what it lacks")
    return Sum(*whole, target)


def _fill(a: Level | None, b: Level | None, c: Level | None, repeats: bool, vocabulary: Vocabulary) -> tuple[Level, Level, Level]:
    """One attribute's levels in A, B and C, those left out included."""
    if b is None and c is None:
        b = c = vocabulary.opposite(a) if repeats else a
    elif b is None:
        b = a or vocabulary.opposite(c)
    elif c is None:
        c = vocabulary.opposite(b) if a in (None, b) else b
    return a or b, b, c
