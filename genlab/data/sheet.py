"""A table of facts about images, as attributes.csv, read into numbers.

Its first row names the columns; one column, the first as a rule, names the files; each other one is an attribute. The kind of an attribute is
seen in its values: two of 0/1, -1/1, yes/no or true/false make it binary; few words, or few whole numbers that repeat, categorical;
other numbers continuous. An empty cell is unknown.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlab.data.base import Attribute
from genlab.data.joining import Pictures, Row, join, names_first
from genlab.errors import DataError

MAX_BYTES = 20_000_000
MAX_ATTRIBUTES = 200
MAX_CHOICES = 50   # distinct words
MAX_LEVELS = 12    # distinct whole numbers
LARGEST = float(np.finfo(np.float32).max)
UNKNOWN = frozenset({"", "na", "n/a", "nan", "null"})
TRUTH = {"0": 0.0, "1": 1.0, "-1": 0.0, "no": 0.0, "yes": 1.0, "false": 0.0, "true": 1.0}
PAIRS = ({"0", "1"}, {"-1", "1"}, {"no", "yes"}, {"false", "true"})


@dataclass(frozen=True)
class Sheet:
    """What a table says of some images: attributes float32 (N, K) with NaN where unknown, their info, and what was left out and why."""

    attributes: np.ndarray
    attribute_info: tuple[Attribute, ...]
    faults: tuple[str, ...]


def no_sheet(n: int) -> Sheet:
    """Nothing known about n images."""
    return Sheet(np.empty((n, 0), np.float32), (), ())


def read_sheet(data: bytes, pictures: Pictures | Sequence[str], beside: str = "") -> Sheet:
    """The attributes of these pictures, or pictures of these names, in their order; what can't be used is left out and told.

    beside : the folder of the table, in which its names are looked for first. DataError if it is no table at all.
    """
    pictures = pictures if isinstance(pictures, Pictures) else Pictures(pictures)
    header, rows = names_first(*_parse(data), pictures, beside)
    cells, faults = _match(header, rows, pictures, beside)
    columns, info = [], []
    for k, name in enumerate(header[1:], start=1):
        if not name:   # the rows' numbers, which stood before the names of the files
            continue
        try:
            attribute, values = _column(name, [row[k].strip() if row else "" for row in cells])
        except DataError as error:
            faults.append(f"column {name!r} {error}")
            continue
        info.append(attribute)
        columns.append(values)
    attributes = np.stack(columns, axis=1).astype(np.float32) if columns else no_sheet(len(pictures)).attributes
    return Sheet(attributes, tuple(info), tuple(faults))


def _parse(data: bytes) -> tuple[list[str], list[Row]]:
    """The header, and the rows that are not blank with their line numbers."""
    if len(data) > MAX_BYTES:
        raise DataError(f"has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES // 1_000_000} MB are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 text (byte {error.start}); save it as CSV UTF-8") from error
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    try:
        rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(f"line {reader.line_num} can't be read as CSV ({error})") from error
    if not rows:
        raise DataError("is empty; a header and one row for each image are needed")
    return _checked_header([cell.strip() for cell in rows[0][1]]), rows[1:]


def _checked_header(header: list[str]) -> list[str]:
    if len(header) < 2:
        raise DataError(f"its header is {header[0][:60]!r} alone; a column of file names and at least one attribute are needed")
    if len(header) - 1 > MAX_ATTRIBUTES:
        raise DataError(f"has {len(header) - 1} attributes; at most {MAX_ATTRIBUTES} are taken")
    if "" in header[1:]:
        raise DataError("has a column without a name")
    if twice := sorted({name for name in header[1:] if header[1:].count(name) > 1}):
        raise DataError(f"names a column twice: {twice[0][:60]!r}")
    return header


def _match(header: list[str], rows: list[Row], pictures: Pictures, beside: str) -> tuple[list[list[str] | None], list[str]]:
    """For each image its row of cells, or None; and the rows that fit no image, with the reason."""
    faults = [(line, f"has {len(row)} cells; {len(header)} are needed") for line, row in rows if len(row) != len(header)]
    cells, unjoined = join([(line, row) for line, row in rows if len(row) == len(header)], pictures, beside)
    return cells, [f"line {line} {reason}" for line, reason in sorted(faults + unjoined)]


def _column(name: str, texts: list[str]) -> tuple[Attribute, np.ndarray]:
    """One attribute and its values (N,), NaN where unknown; a DataError says why it can't be one."""
    seen = {text.lower(): text for text in reversed(texts) if text.lower() not in UNKNOWN}
    if len(seen) < 2:
        raise DataError("holds the same value for every image" if seen else "holds no value for any image")
    if set(seen) in PAIRS:
        return Attribute(name), _looked_up(texts, TRUTH)
    numbers = {key: _number(key) for key in seen}
    words = sorted(key for key, number in numbers.items() if number is None)
    if not words:
        return _of_numbers(name, texts, numbers)
    if len(words) < len(seen):
        raise DataError(f"mixes numbers with words such as {seen[words[0]][:60]!r}; all numbers, or all words, are needed")
    if len(words) > MAX_CHOICES:
        raise DataError(f"holds {len(words)} different words; numbers, or at most {MAX_CHOICES} different words, are needed")
    return _categorical(name, texts, {key: seen[key] for key in words})


def _of_numbers(name: str, texts: list[str], numbers: dict[str, float]) -> tuple[Attribute, np.ndarray]:
    levels = sorted(set(numbers.values()))
    if not all(abs(level) <= LARGEST for level in levels):   # not so for a NaN either
        raise DataError("holds a number that is infinite or too large")
    n_known = sum(text.lower() in numbers for text in texts)
    if len(levels) <= MAX_LEVELS and n_known >= 2 * len(levels) and all(level.is_integer() for level in levels):
        return _categorical(name, texts, {key: f"{number:.0f}" for key, number in sorted(numbers.items(), key=lambda item: item[1])})
    return Attribute(name, "continuous", levels[0], levels[-1]), _looked_up(texts, numbers)


def _categorical(name: str, texts: list[str], shown: dict[str, str]) -> tuple[Attribute, np.ndarray]:
    """Choices in the order of `shown`, which maps a cell's text to the choice it stands for."""
    choices = tuple(dict.fromkeys(shown.values()))
    indices = {key: float(choices.index(choice)) for key, choice in shown.items()}
    return Attribute(name, "categorical", 0, len(choices) - 1, choices), _looked_up(texts, indices)


def _looked_up(texts: list[str], values: dict[str, float]) -> np.ndarray:
    return np.array([values.get(text.lower(), np.nan) for text in texts], np.float32)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
