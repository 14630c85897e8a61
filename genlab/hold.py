"""Who holds something of the lab: a lock that the system lets go of when its holder dies, and a look at it that does not take it.

The lock is flock's, as ever. On Linux nobody can ask after that one, so its holder puts a lock of the open file description beside it,
which others see through F_OFD_GETLK: threads of one process, other containers, other machines where the disk passes locks on. On macOS
F_GETLK sees flock's own.
"""

import contextlib
import fcntl
import os
import struct
import sys
from pathlib import Path

import filelock

IS_LINUX = sys.platform == "linux"
FLOCK = "hhqqi4x" if IS_LINUX else "qqihh"   # struct flock: type and whence come first, on macOS last
LISTED = Path("/proc/locks")


def lock_file(path: Path) -> filelock.BaseFileLock:
    """A lock file that one holder at a time can have, each call a holder of its own, threads of one process too."""
    return filelock.FileLock(path, is_singleton=False, on_acquired=_show)


def is_locked(path: Path) -> bool:
    """Whether somebody holds the lock, found out without keeping anybody from taking it."""
    try:
        fd = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        if IS_LINUX:
            return _answer(fd, fcntl.F_OFD_GETLK) or _is_listed(fd)
        return _answer(fd, fcntl.F_GETLK)
    finally:
        os.close(fd)


def _show(fd: int) -> None:
    """Make a lock that was just taken visible to those who look."""
    if IS_LINUX:
        with contextlib.suppress(OSError):   # a disk that knows no such locks: flock's are listed all the same
            fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _whole_file())


def _answer(fd: int, question: int) -> bool:
    """Whether a lock is in the way of a new one."""
    try:
        found = struct.unpack(FLOCK, fcntl.fcntl(fd, question, _whole_file()))
    except OSError:
        return False
    return found[0 if IS_LINUX else 3] != fcntl.F_UNLCK


def _whole_file() -> bytes:
    return struct.pack(FLOCK, *((fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0) if IS_LINUX else (0, 0, 0, fcntl.F_WRLCK, os.SEEK_SET)))


def _is_listed(fd: int) -> bool:
    """Whether the system lists a flock on this file: of a holder that shows none beside it, such as an older version of the lab."""
    stat = os.fstat(fd)
    file = f"{os.major(stat.st_dev):02x}:{os.minor(stat.st_dev):02x}:{stat.st_ino}"
    try:
        lines = LISTED.read_text().splitlines()
    except OSError:
        return False
    return any(" FLOCK " in line and "->" not in line and file in line.split() for line in lines)
