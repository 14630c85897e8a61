"""What became of files that were read as pictures: one report for an upload and for a folder."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from genlab.data.entries import Rejected
from genlab.data.reading import named
from genlab.errors import DataError


class Report(BaseModel):
    """How many pictures are used, each file and each part of a table that is left out with the reason, and what is known of the pictures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: int
    rejected: tuple[Rejected, ...] = ()

    def sentence(self) -> str:
        """The report in one sentence, with the first few reasons."""
        kept = f"{self.accepted} image{'' if self.accepted == 1 else 's'} kept"
        return f"{kept}; left out: {in_words(self.rejected)}" if self.rejected else kept


def in_words(rejected: Sequence[Rejected]) -> str:
    """What was left out, each reason once, with the first file that it holds for and how many more there are; the first few reasons."""
    files: dict[str, list[str]] = {}
    for name, reason in rejected:
        files.setdefault(reason, []).append(name)
    return named([f"{names[0]} {reason}" + (f" ({len(names) - 1} more like it)" if len(names) > 1 else "") for reason, names in files.items()])


def none_usable(where: str, rejected: Sequence[Rejected], otherwise: str) -> DataError:
    """What to raise where there is no picture at all."""
    return DataError(f"{where}: holds no picture that can be used ({in_words(rejected) or otherwise})")
