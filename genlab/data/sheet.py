"""A table of facts about images, as attributes.csv, read into numbers.

Its first row names the columns; one column, the first as a rule, names the files; each other one is an attribute, of the kind that its values
show (see genlab.data.kinds).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from genlab.data.base import Attribute
from genlab.data.joining import Pictures, Row, join, names_first
from genlab.data.kinds import column
from genlab.data.table import parse
from genlab.errors import DataError


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
    table = parse(data)
    header, rows = names_first(table.header, table.rows, pictures, beside)
    cells, faults = _match(header, rows, pictures, beside)
    faults = _of_header(table.header, pictures, beside) + faults
    columns, info = [], []
    for k, name in enumerate(header[1:], start=1):
        if not name:   # the rows' numbers, which stood before the names of the files
            continue
        try:
            attribute, values = column(name, [row[k] if row else "" for row in cells], has_commas=table.separator == ",")
        except DataError as error:
            faults.append(f"column {name!r} {error}")
            continue
        info.append(attribute)
        columns.append(values)
    attributes = np.stack(columns, axis=1).astype(np.float32) if columns else no_sheet(len(pictures)).attributes
    return Sheet(attributes, tuple(info), tuple(faults))


def _of_header(header: list[str], pictures: Pictures, beside: str) -> list[str]:
    """What is wrong with the names of the columns: one that has none, or a first line that is about a picture."""
    faults = [f"column {k} has no name in line 1" for k, name in enumerate(header, start=1) if not name and k > 1]
    if any(join([(1, header)], pictures, beside)[0]):
        faults.append(f"line 1 is about {header[0]!r} and was taken for the names of the columns; put a line with their names above it")
    return faults


def _match(header: list[str], rows: list[Row], pictures: Pictures, beside: str) -> tuple[list[list[str] | None], list[str]]:
    """For each image its row of cells, or None; and the rows that fit no image, with the reason."""
    faults = [(line, f"has {len(row)} cells; {len(header)} are needed") for line, row in rows if len(row) != len(header)]
    cells, unjoined = join([(line, row) for line, row in rows if len(row) == len(header)], pictures, beside)
    return cells, [f"line {line} {reason}" for line, reason in sorted(faults + unjoined)]
