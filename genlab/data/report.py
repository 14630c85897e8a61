"""What became of files that were read as pictures: one report for an upload and for a folder."""

from collections import Counter
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict, Field

from genlab.data.entries import Rejected
from genlab.data.picture import Header
from genlab.data.reading import named
from genlab.errors import DataError

MOST_NOTES = 5
DARK = 12   # bits that a picture of 16 uses at most where it may be of another source than the rest


class Report(BaseModel):
    """How many pictures are used, each file and each part of a table that is left out with the reason, and what was assumed of colours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: int
    rejected: tuple[Rejected, ...] = ()
    notes: tuple[str, ...] = Field(default=(), exclude_if=lambda notes: not notes)

    @property
    def besides(self) -> str:
        """What is to be said after the number of images, with the first few reasons; empty where nothing is."""
        return "".join(f"; {note}" for note in self.notes) + (f"; left out: {in_words(self.rejected)}" if self.rejected else "")

    def sentence(self) -> str:
        """The report in one sentence."""
        return f"{self.accepted} image{'' if self.accepted == 1 else 's'} kept{self.besides}"


def bits_in_use(headers: Iterable[Header]) -> int:
    """How many of 16 bits the pictures of a set use together; 0 where none has room for 16. One that is dark is so beside the others."""
    return max((header.bits for header in headers), default=0)


def assumed(headers: Sequence[Header]) -> tuple[str, ...]:
    """What was assumed of the colours of pictures or done to them, in sentences that begin with how many they are."""
    told = Counter(header.told for header in headers if header.told)
    notes = [f"the colours of {count} picture{'' if count == 1 else 's'} {what}" for what, count in told.items()]
    deep, bits = sum(header.bits > 0 for header in headers), bits_in_use(headers)
    if deep and bits < 16:
        notes.append(f"{deep} picture{' has' if deep == 1 else 's have'} room for 16 bits in each value and use{'s' if deep == 1 else ''} {bits}, so "
                     f"{(1 << bits) - 1} was taken for white")
    elif dark := sum(0 < header.bits <= DARK for header in headers):
        notes.append(f"{dark} of {deep} pictures of 16 bits use {DARK} or fewer, and are as dark beside the others as their values say")
    return tuple(notes[:MOST_NOTES])


def in_words(rejected: Sequence[Rejected]) -> str:
    """What was left out, each reason once, with the first file that it holds for and how many more there are; the first few reasons."""
    files: dict[str, list[str]] = {}
    for name, reason in rejected:
        files.setdefault(reason, []).append(name)
    return named([f"{names[0]} {reason}" + (f" ({len(names) - 1} more like it)" if len(names) > 1 else "") for reason, names in files.items()])


def none_usable(where: str, rejected: Sequence[Rejected], otherwise: str) -> DataError:
    """What to raise where there is no picture at all."""
    return DataError(f"{where}: holds no picture that can be used ({in_words(rejected) or otherwise})")
