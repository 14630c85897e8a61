"""Rows of a table joined to pictures by their names: each row to one picture, each picture to the row that names it most surely."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from genlab.data.names import SURE, Names, Rank, printable

SAMPLE = 200   # rows that tell which column holds the names
Row = tuple[int, list[str]]
"""A line number and its cells."""


@dataclass(frozen=True)
class Pictures:
    """The pictures that a table is about.

    names : their paths; readings : of a path whose encoding is not known, what else it may be; left_out : paths of files that are not used
    """

    names: Sequence[str]
    readings: Sequence[tuple[str, ...]] = ()
    left_out: Sequence[str] = ()
    known: Names = field(init=False)
    gone: Names = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "known", Names(self.names, self.readings))
        object.__setattr__(self, "gone", Names(self.left_out))

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class Claim:
    """A row that names one picture, and how surely."""

    rank: Rank
    line: int
    file: str
    row: list[str]


def join(rows: Sequence[Row], pictures: Pictures, beside: str) -> tuple[list[list[str] | None], list[tuple[int, str]]]:
    """For each picture its row, or None; and for each row that is not used its line and the reason. Names stand in the first cell."""
    claims: dict[int, list[Claim]] = {}
    faults: list[tuple[int, str]] = []
    for line, row in rows:
        file = row[0].strip()
        rank, found = pictures.known.find(file, beside)
        gone = pictures.gone.find(file, beside) if len(found) == 1 else None
        if gone and (gone[0] >= rank or not gone[1]):
            claims.setdefault(found[0], []).append(Claim(rank, line, file, row))
        else:
            faults.append((line, f"names {file[:100]!r}, {_why_not(file, found, pictures, beside)}"))
    joined: list[list[str] | None] = [None] * len(pictures)
    for position, several in claims.items():
        chosen = _surest(several)
        joined[position] = chosen.row if chosen else None
        faults += [(claim.line, f"names {claim.file[:100]!r} {_why_second(claim, several, chosen)}") for claim in several if claim is not chosen]
    return joined, sorted(faults)


def names_first(header: list[str], rows: list[Row], pictures: Pictures, beside: str) -> tuple[list[str], list[Row]]:
    """The table with the column in front that names most pictures: a program may have written the rows' numbers before it.

    The first column stays where no other names half of the rows' pictures.
    """
    full = [row for _, row in rows if len(row) == len(header)][:SAMPLE]
    if 2 * _score(full, 0, pictures, beside)[0] >= len(full):
        return header, rows
    scores = [_score(full, k, pictures, beside) for k in range(len(header))]
    at = scores.index(max(scores))
    if at == 0 or 2 * scores[at][1] < len(full):
        return header, rows
    return _moved(header, at), [(line, _moved(row, at) if len(row) == len(header) else row) for line, row in rows]


def _score(rows: list[list[str]], k: int, pictures: Pictures, beside: str) -> tuple[int, int]:
    """How many different pictures these cells name with all letters of their names, and how many they name at all."""
    found = [pictures.known.find(row[k].strip(), beside) for row in rows]
    named = [(rank, positions[0]) for rank, positions in found if len(positions) == 1]
    return len({at for (key, _), at in named if key <= SURE}), len({at for _, at in named})


def _moved(cells: list[str], at: int) -> list[str]:
    return [cells[at], *cells[:at], *cells[at + 1 :]]


def _surest(claims: list[Claim]) -> Claim | None:
    """The claim of the best rank; the first of those that name the picture alike, and none where they do so in different ways."""
    best = min(claim.rank for claim in claims)
    among = [claim for claim in claims if claim.rank == best]
    return among[0] if len({claim.file for claim in among}) == 1 else None


def _why_second(claim: Claim, claims: list[Claim], chosen: Claim | None) -> str:
    if chosen is None:
        other = next(c for c in claims if c.file != claim.file)
        return f"and line {other.line} names {other.file[:100]!r}; which of them is the picture's is not clear"
    return "a second time" if claim.file == chosen.file else f"a second time; line {chosen.line} names it more exactly, as {chosen.file[:100]!r}"


def _why_not(file: str, found: list[int], pictures: Pictures, beside: str) -> str:
    if len(found) > 1:
        return f"which {len(found)} images share"
    if pictures.gone.find(file, beside)[1]:
        return "which was left out"
    near = pictures.known.elsewhere(file)
    return "which is not among the images" + (f"; {printable(pictures.names[near[0]])!r} is in another folder" if near else "")
