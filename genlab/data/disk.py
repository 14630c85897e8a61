"""Files and folders that are there whole or not at all."""

import errno
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from genlab.errors import DataError

FULL = (errno.ENOSPC, errno.EDQUOT)
DAY_S = 86_400


@contextmanager
def full_disk_told(folder: Path) -> Iterator[None]:
    """A full disk becomes a DataError that says where; every other fault passes."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise DataError(f"{folder}: the disk is full, so nothing was written; make room, or name another place with GENLAB_CACHE") from error


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path to write to, which becomes `path` at the end of the block; an error leaves nothing behind."""
    with full_disk_told(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)
        os.close(handle)
        try:
            yield Path(name)
            os.replace(name, path)
        finally:
            Path(name).unlink(missing_ok=True)


@contextmanager
def scratch_folder(parent: Path) -> Iterator[Path]:
    """A temporary folder inside `parent`, to be moved out with os.replace; whatever is left of it goes at the end of the block."""
    with full_disk_told(parent):
        parent.mkdir(parents=True, exist_ok=True)
        for left in parent.glob(".part-*"):   # by a process that was killed
            if time.time() - left.stat().st_mtime > DAY_S:
                shutil.rmtree(left, ignore_errors=True)
        folder = Path(tempfile.mkdtemp(prefix=".part-", dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
