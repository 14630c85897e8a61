"""What is known about pictures from the files around them: the rows of a table, and the folders that they lie in."""

from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import PurePosixPath

import numpy as np

from genlab.data.base import Attribute
from genlab.data.entries import Entry, Rejected, open_entry
from genlab.data.joining import Pictures
from genlab.data.kinds import MAX_CHOICES
from genlab.data.names import MAX_PARTS, plain
from genlab.data.picture import DAMAGE
from genlab.data.sheet import Sheet, no_sheet, read_sheet
from genlab.errors import DataError

TABLES = frozenset({".csv", ".tsv"})
USUAL = ("attributes", "labels")   # what a table is called, the likelier first
MAX_TABLES = 10   # that are tried
MAX_FAULTS = 20   # of one table, told one by one
MAX_LEVELS = 2    # of folders that become attributes
PARTS = frozenset({"train", "training", "test", "testing", "val", "valid", "validation", "dev", "eval"})   # of a set: no classes


def is_table(path: str) -> bool:
    """Whether a file of this name is a table of attributes rather than a picture."""
    return PurePosixPath(path).suffix.lower() in TABLES


def read_labels(tables: Sequence[Entry], pictures: Sequence[Entry], left_out: Sequence[str]) -> tuple[Sheet, list[Rejected]]:
    """What tables and folders say of the pictures, in their order, and everything in a table that can't be used.

    left_out : files that are not used, so that a row about one of them is not taken for another's
    """
    known = Pictures([entry.path for entry in pictures], [entry.readings for entry in pictures], left_out)
    sheet, rejected = _read_tables(sorted(tables, key=_likelihood), known)
    classes, faults = class_folders(known.names, {attribute.name.lower() for attribute in sheet.attribute_info})
    return _beside(sheet, classes), rejected + faults


def _likelihood(table: Entry) -> tuple[int, int]:
    path = PurePosixPath(table.path)
    stem = path.stem.lower()
    return USUAL.index(stem) if stem in USUAL else len(USUAL), len(path.parts)


def _read_tables(tables: Sequence[Entry], pictures: Pictures) -> tuple[Sheet, list[Rejected]]:
    """The first table that says something of these pictures, and what is left out of all of them."""
    rejected = []
    for at, table in enumerate(tables[:MAX_TABLES]):
        sheet, faults = _read_table(table, pictures)
        rejected += faults
        if sheet.attribute_info:
            return sheet, rejected + [(other.name, f"is a second table; only {table.name} is read") for other in tables[at + 1 :]]
    return no_sheet(len(pictures)), rejected + [(other.name, f"is one table more than {MAX_TABLES}") for other in tables[MAX_TABLES:]]


def _read_table(table: Entry, pictures: Pictures) -> tuple[Sheet, list[Rejected]]:
    try:
        with open_entry(table) as file:
            folder, _, _ = table.path.rpartition("/")
            sheet = read_sheet(file.read(), pictures, folder)
    except (DataError, *DAMAGE) as error:
        return no_sheet(len(pictures)), [(table.name, str(error))]
    told = [(table.name, fault) for fault in sheet.faults[:MAX_FAULTS]]
    if more := len(sheet.faults) - len(told):
        told.append((table.name, f"has {more} more faults like these"))
    return sheet, told


def class_folders(names: Sequence[str], taken: set[str]) -> tuple[Sheet, list[Rejected]]:
    """An attribute for each of the first two levels of folders that tell pictures apart: "class", then "class_2".

    A folder that holds all pictures says nothing, nor do those that are parts of a set, as train and test. Unknown for pictures above a level.
    taken : names of attributes, in lower case, that there are already
    """
    columns, info, faults = [], [], []
    for level, choices in _levels([plain(name).split("/")[:-1] for name in names]):
        if len(choices) > MAX_CHOICES:
            faults.append((next(iter(choices.values())), f"is one of {len(choices)} folders beside each other; up to {MAX_CHOICES} become classes"))
        elif len(info) < MAX_LEVELS:
            title = _free_name(taken | {attribute.name for attribute in info})
            keys = list(choices)
            columns.append([keys.index(folder.casefold()) if folder else np.nan for folder in level])
            info.append(Attribute(title, "categorical", 0, len(keys) - 1, tuple(choices.values())))
    if not columns:
        return no_sheet(len(names)), faults
    return Sheet(np.array(columns, np.float32).T, tuple(info), ()), faults


def _levels(folders: list[list[str]]) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Each level at which folders differ: every picture's folder there, "" where it lies above it, and the different ones as _choices."""
    for depth in range(min(max(map(len, folders), default=0), MAX_PARTS)):
        level = [parts[depth] if depth < len(parts) else "" for parts in folders]
        choices = _choices(level)
        if len(choices) > 1 and not choices.keys() <= PARTS:
            yield level, choices


def _free_name(taken: set[str]) -> str:
    return next(name for k in count(1) if (name := "class" if k == 1 else f"class_{k}") not in taken)


def _choices(level: list[str]) -> dict[str, str]:
    """The folders of a level as they are shown, by what they are whatever their capitals; numbers in their order."""
    shown: dict[str, str] = {}
    for folder in level:
        if folder:
            shown.setdefault(folder.casefold(), folder)
    is_number = all(key.isdecimal() for key in shown)
    return dict(sorted(shown.items(), key=lambda item: (int(item[0]), item[0]) if is_number else (0, item[0])))


def _beside(one: Sheet, other: Sheet) -> Sheet:
    return Sheet(np.concatenate([one.attributes, other.attributes], axis=1), one.attribute_info + other.attribute_info, one.faults + other.faults)
