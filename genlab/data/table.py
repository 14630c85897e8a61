"""A table as people save it: CSV with commas, semicolons, tabs or bars, with a line sep=; above it or not, with empty columns at its end."""

import csv
import io
import re
from dataclasses import dataclass

from genlab.errors import DataError

MAX_BYTES = 20_000_000
MAX_ATTRIBUTES = 200
SEPARATORS = ",;\t|"
LOOKED_AT = 50   # lines, to see what parts the cells
STATED = re.compile(r'\s*"?sep=([,;\t|])"?[,;\t|\s]*', re.IGNORECASE)   # what Excel writes and reads; the line's other cells are empty


@dataclass(frozen=True)
class Table:
    """Names of the columns, the rows that are not blank with their line numbers, and what parts the cells. No cell ends a row for nothing."""

    header: list[str]
    rows: list[tuple[int, list[str]]]
    separator: str


def parse(data: bytes) -> Table:
    """The table that these bytes are; DataError if they are none, or it has more than MAX_ATTRIBUTES columns of attributes."""
    if len(data) > MAX_BYTES:
        raise DataError(f"has {len(data) / 1e6:.0f} MB; at most {MAX_BYTES // 1_000_000} MB are read")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"is not UTF-8 text (byte {error.start}); save it as CSV UTF-8") from error
    first, *rest = re.split(r"\r\n|\r|\n", text, maxsplit=1)
    stated = STATED.fullmatch(first)
    body = "".join(rest) if stated else text
    separator = stated[1] if stated else _separator(body)
    rows = _rows(body, separator, lines_before=1 if stated else 0)
    if not rows:
        raise DataError("is empty; a header and one row for each image are needed")
    header = _trimmed([cell.strip() for cell in rows[0][1]], 1)
    return Table(_checked(header), [(line, _trimmed(row, len(header))) for line, row in rows[1:]], separator)


def _separator(text: str) -> str:
    """What parts the cells: that with which most rows are as long as the header, and of several the one that makes most columns."""
    head = "\n".join(text.split("\n", LOOKED_AT)[:LOOKED_AT])
    return max(SEPARATORS, key=lambda separator: _evenness(head, separator))


def _evenness(text: str, separator: str) -> tuple[int, int]:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if any(cell.strip() for cell in row)]
    except csv.Error:   # a quotation that the cut left open, say; the whole text is judged later
        return 0, text.split("\n", 1)[0].count(separator)
    width = len(_trimmed(rows[0], 1)) if rows else 1
    return (sum(len(_trimmed(row, width)) == width for row in rows), width) if width > 1 else (0, 0)


def _rows(text: str, separator: str, lines_before: int) -> list[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        return [(reader.line_num + lines_before, row) for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise DataError(f"line {reader.line_num + lines_before} can't be read as CSV ({error})") from error


def _trimmed(row: list[str], least: int) -> list[str]:
    """A row without the empty cells at its end, of which spreadsheets write many; at least so many cells stay."""
    end = len(row)
    while end > least and not row[end - 1].strip():
        end -= 1
    return row[:end]


def _checked(header: list[str]) -> list[str]:
    if len(header) < 2:
        raise DataError(f"its header is {header[0][:60]!r} alone; a column of file names and at least one attribute are needed")
    if len(header) - 1 > MAX_ATTRIBUTES:
        raise DataError(f"has {len(header) - 1} attributes; at most {MAX_ATTRIBUTES} are taken")
    if twice := sorted({name for name in header[1:] if name and header[1:].count(name) > 1}):
        raise DataError(f"names a column twice: {twice[0][:60]!r}")
    return header
