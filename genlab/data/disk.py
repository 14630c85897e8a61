"""Folders that are there whole or not at all; for files see genlab.files."""

import errno
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genlab.errors import DataError
from genlab.trash import DAY_S

PART = ".part-"   # what a folder is called while it is being made


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A temporary folder inside `parent`, to be moved out with os.replace; whatever is left of it goes at the end of the block.

    A full disk becomes a DataError that says where.
    """
    folder = None
    try:
        parent.mkdir(parents=True, exist_ok=True)
        clear_parts(parent)
        folder = Path(tempfile.mkdtemp(prefix=PART, dir=parent))
        folder.chmod(0o755)   # mkdtemp made it private, and a worker may run as somebody else
        yield folder
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise DataError(f"{parent}: the disk is full; nothing was kept. Free some space and try again") from error
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def clear_parts(parent: Path) -> None:
    """Remove what processes that were killed left here a day ago or more."""
    for left in parent.glob(f"{PART}*"):
        if time.time() - left.stat().st_mtime > DAY_S:
            shutil.rmtree(left, ignore_errors=True)
