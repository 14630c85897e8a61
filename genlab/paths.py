"""Where things live on disk: the one place that says which folder each is, and what to do where one cannot be used.

Every place can be moved by one environment variable. Empty counts as not set, ~ and $NAME are filled in, and a relative path begins
at the working directory.
"""

import errno
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from genlab.errors import LabError

ROOT = Path(__file__).resolve().parent.parent
USER = os.getuid() if hasattr(os, "getuid") else "this"

REASONS = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), f"user {USER} has no permission to use it"),
    errno.EROFS: "it lies on a disk that is read-only",
    errno.ENOTDIR: "there is a file where a folder is needed",
    errno.ENOENT: "there is no such folder",
    errno.ELOOP: "its links go in a circle",
    errno.ENAMETOOLONG: "its path is too long",
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "the disk is full"),
    **dict.fromkeys((errno.EIO, errno.ESTALE), "the disk does not answer"),
}


@dataclass(frozen=True)
class Place:
    """A folder of the lab: the variable that moves it, its name beside the package, what is kept there, whether the lab writes there."""

    variable: str
    default: str
    what: str
    is_written: bool = True

    def folder(self) -> Path:
        """The folder, which may not be there yet; LabError where the variable names none, or what can never be one."""
        path = _named(self.variable) or ROOT / self.default
        try:
            is_folder = stat.S_ISDIR(path.stat().st_mode)
        except FileNotFoundError:   # it is made as soon as something is kept there
            is_folder = True
        except OSError as error:
            raise self.trouble(path, error.errno) from None
        if not is_folder:
            raise self.trouble(path, errno.ENOTDIR)
        return path

    def fault(self) -> str:
        """Why the folder cannot be used and what to do about it; empty where it can."""
        try:
            path = self.folder()
        except LabError as error:
            return str(error)
        if not self.is_written:
            return "" if path.is_dir() else str(self.trouble(path, errno.ENOENT))
        parent = nearest(path)
        return "" if os.access(parent, os.R_OK | os.W_OK | os.X_OK) else str(self.trouble(parent, _write_errno(parent)))

    def trouble(self, path: Path, code: int | None) -> LabError:
        """What is wrong with a path of this place, by the system's error number, and what to do about it."""
        named = os.environ.get(self.variable, "").strip()
        place = f"{self.variable} = {named}" if named else f"{self.variable} is not set"
        return LabError(f"{path}: {REASONS.get(code, 'it cannot be used')}. {self.what} are kept there ({place}); set {self.variable} to a folder "
                        f"that this user may {'read and write' if self.is_written else 'read'}")


RUNS = Place("GENLAB_RUNS", "runs", "Your runs")
CHECKPOINTS = Place("GENLAB_CHECKPOINTS", "checkpoints", "The shipped runs", is_written=False)
CACHE = Place("GENLAB_CACHE", "data", "Downloads and uploads")
LOCAL = Place("GENLAB_DATA", "data", "Datasets", is_written=False)
PLACES = (RUNS, CHECKPOINTS, CACHE, LOCAL)


def faults() -> list[str]:
    """Why folders of the lab cannot be used and what to do about it, a text for each; the same for as long as nobody does it."""
    return [fault for place in PLACES if (place is not LOCAL or _named(LOCAL.variable)) and (fault := place.fault())]


def runs_dir() -> Path:
    """Folder of local runs, ignored by git: GENLAB_RUNS, or runs/ beside the package."""
    return RUNS.folder()


def checkpoints_dir() -> Path:
    """Folder of shipped runs, read-only: GENLAB_CHECKPOINTS, or checkpoints/ beside the package."""
    return CHECKPOINTS.folder()


def data_dir() -> Path:
    """Folder that datasets are downloaded to and uploads are kept in: GENLAB_CACHE, or data/ beside the package."""
    return CACHE.folder()


def local_data_dirs() -> list[Path]:
    """Folders in which a dataset's files are looked for, in order: GENLAB_DATA (if set), then data_dir()."""
    return ([LOCAL.folder()] if _named(LOCAL.variable) else []) + [data_dir()]


def private_dir(name: str) -> Path:
    """A folder in which this user alone may write, for what can be made again: below data_dir(), else below the system's temporary folder.

    Raises LabError where neither can be written.
    """
    tried = [ROOT / CACHE.default]
    with suppress(LabError):
        tried = [data_dir()]
    with suppress(FileNotFoundError):   # no temporary folder can be written
        tried.append(Path(tempfile.gettempdir()))
    for parent in tried:
        folder = parent / f".genlab-{name}-{USER}"
        with suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _is_private(folder):
                return folder
    raise LabError(f"user {USER} may write neither in {' nor in '.join(map(str, tried))}; "
                   "set GENLAB_CACHE or TMPDIR to a folder that this user may read and write")


def nearest(path: Path) -> Path:
    """The path itself where it is there, else the nearest folder above it that is."""
    return next(p for p in (path, *path.parents) if p.exists())


@contextmanager
def explained() -> Iterator[None]:
    """Inside, a system's error about one of the lab's folders becomes a LabError that says what to do. Works as a decorator, too."""
    try:
        yield
    except OSError as error:
        if place := _place_of(error):
            raise place.trouble(Path(os.fsdecode(error.filename)), error.errno) from error
        raise


def _place_of(error: OSError) -> Place | None:
    """The place that an error is about: the path lies below it, or is the folder itself or one above it. What is missing below it is a bug."""
    if error.errno not in REASONS or not isinstance(error.filename, str | bytes | os.PathLike):
        return None
    path, folders = Path(os.fsdecode(error.filename)).absolute(), {}
    for place in PLACES:
        with suppress(LabError):
            folders[place] = place.folder()
    below = (place for place, folder in folders.items() if path.is_relative_to(folder) and error.errno != errno.ENOENT)
    above = (place for place, folder in folders.items() if folder.is_relative_to(path))
    return next(below, None) or next(above, None)


def _named(variable: str) -> Path | None:
    """The folder that a variable names, None where it is empty or not set. Quotes are what a file of variables leaves around a value."""
    value = os.environ.get(variable, "").strip().strip("\"'").strip()
    if not value:
        return None
    path = os.path.expanduser(os.path.expandvars(value))
    if path.startswith("~"):
        raise LabError(f"{variable} = {value}: no home folder is known for {'this user' if path[1:2] in ('', '/') else path.split('/')[0][1:]}; "
                       "write the folder in full, from / on")
    if unset := re.search(r"\$\w+|\$\{\w+\}", path):
        raise LabError(f"{variable} = {value}: {unset[0]} is not set; write the folder in full, from / on")
    try:
        return Path(path).resolve()
    except FileNotFoundError:
        raise LabError(f"{variable} = {value}: the working directory is gone; write the folder in full, from / on") from None
    except RuntimeError:
        raise LabError(f"{variable} = {value}: {REASONS[errno.ELOOP]}; name another folder") from None


def _write_errno(folder: Path) -> int:
    """Why nothing can be written in a folder."""
    return errno.EROFS if hasattr(os, "statvfs") and os.statvfs(folder).f_flag & os.ST_RDONLY else errno.EACCES


def _is_private(folder: Path) -> bool:
    """True where the folder is no link, this user's own, and nobody else may write in it."""
    about = folder.lstat()
    is_own = not hasattr(os, "getuid") or about.st_uid == os.getuid() and not about.st_mode & 0o022
    return stat.S_ISDIR(about.st_mode) and is_own and os.access(folder, os.W_OK | os.X_OK)
