"""Files that are either whole or not there, and folders that are something of the lab."""

import errno
import os
import unicodedata
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genlab.errors import LabError

MAX_ID_BYTES = 100


def is_id(name: str) -> bool:
    """Whether a folder of this name is something of the lab: letters of any script, digits, spaces and . _ - ( ) [ ], a letter, a digit or _ first.

    The id is the name of one folder, never a path, and goes into addresses as it is.
    """
    fits = all(unicodedata.category(c)[0] in "LMN" or c in " ._-()[]" for c in name)
    return fits and 0 < len(name.encode(errors="replace")) <= MAX_ID_BYTES and (name[0].isalnum() or name[0] == "_") and not name.endswith((" ", "."))


class Folder:
    """Something of the lab that is a folder on disk: two of the same path are equal."""

    def __init__(self, path: Path):
        self.path = Path(path)

    @property
    def id(self) -> str:
        return self.path.name

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.path == self.path

    def __hash__(self) -> int:
        return hash(self.path)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place when the block ends well, and is removed when it does not.

    A full disk becomes a LabError that names the file; what was there before stays as it was.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.tmp")
    try:
        yield temporary
        os.replace(temporary, path)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise LabError(f"{path}: the disk is full; nothing was changed. Free some space and try again") from None
    finally:
        temporary.unlink(missing_ok=True)


def write_atomic(path: Path, data: bytes | str) -> None:
    """Write a whole file or leave the old one; LabError where the disk is full."""
    with replacing(path) as temporary:
        temporary.write_bytes(data.encode() if isinstance(data, str) else data)


def keep_newest(folder: Path, pattern: str, count: int) -> None:
    """Remove all but the last written `count` of a folder's files that match: what they hold can be made again."""
    files = sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)
    for path in files[:-count]:
        path.unlink(missing_ok=True)
