"""CelebA: 202 599 photographs of faces with 40 binary attributes each, read from its own layout on disk.

Source: Z. Liu, P. Luo, X. Wang, X. Tang, Deep Learning Face Attributes in the Wild, 2015, arXiv:1411.7766. Its terms allow no copies,
so it is downloaded by hand, from mmlab.ie.cuhk.edu.hk/projects/CelebA.html.
list_attr_celeba.txt: the number of images; the names of the attributes; then a file name and one -1 or 1 for each attribute.
list_attr_celeba.csv: "image_id" and the names of the attributes; then the same with commas.
"""

import logging
import os
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import numpy as np

from genlab.data.base import Attribute, DataSpec, LazySet, Progress
from genlab.data.here import candidates, first_that_reads, not_here
from genlab.data.names import bare
from genlab.data.picture import SUFFIXES, decode
from genlab.data.reading import read_stack
from genlab.data.resize import fit
from genlab.errors import DataError

log = logging.getLogger(__name__)
PLACES = ("celeba", "", "archive")
LIST = "list_attr_celeba.txt"
LISTS = (LIST, f"Anno/{LIST}", "list_attr_celeba.csv", "Anno/list_attr_celeba.csv")
IMAGES = ("img_align_celeba", "Img/img_align_celeba", "img_align_celeba_png", "Img/img_align_celeba_png")   # some unpackers put one into another
NUMBERED = re.compile(r"\d{6}\.(jpe?g|png)", re.IGNORECASE)   # what its files are called


def load(spec: DataSpec, progress: Progress) -> LazySet:
    """The listed images whose files are here, each made square as the spec says; a file is opened when its image is taken."""
    folders, lists = _folders(), _lists()
    if not folders or not lists:
        raise not_here("celeba", f"{LIST} and the folder {IMAGES[0]}/", "celeba", can_fetch=False)
    folder = folders[0]
    progress(0.0, f"reading {lists[0].name}")
    names, attributes, info = first_that_reads(read_list, lists)
    files = _files_of(names, folder)
    rows = np.array([i for i, file in enumerate(files) if file], dtype=np.int64)
    if len(rows) == 0:
        raise DataError(f"celeba: none of the {len(names)} files that {lists[0]} names is in {folder}; unpack img_align_celeba.zip there")
    if len(rows) < len(names):
        log.warning("celeba: %d of the %d files that its list names are in %s", len(rows), len(names), folder)

    def read(index: np.ndarray) -> np.ndarray:
        return read_stack("celeba", lambda i: _read_one(folder / files[rows[index[i]]], spec), len(index), progress)

    return LazySet("celeba", read, attributes[rows], info)


def is_local() -> bool:
    """Whether the folder of images and the list of attributes are here."""
    return bool(_folders() and _lists())


def count() -> int | None:
    """How many images the list states, or names; None where it is not here or states none."""
    if not is_local():
        return None
    with open(_lists()[0], encoding="ascii", errors="replace") as file:
        first = file.readline().strip()
        return int(first) if first.isdecimal() else sum(1 for line in file if line.strip()) if "," in first else None


def read_list(path: Path) -> tuple[list[str], np.ndarray, tuple[Attribute, ...]]:
    """File names, float32 attributes (N, K) of 0 and 1, and what they are called. DataError names the line that is wrong."""
    try:
        lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise DataError(f"{path}: can't be read ({error.strerror})") from error
    return _read_commas(path, lines) if lines and "," in lines[0] else _read_spaces(path, lines)


def _read_spaces(path: Path, lines: list[str]) -> tuple[list[str], np.ndarray, tuple[Attribute, ...]]:
    rows = [line for line in lines[2:] if line.strip()]
    stated = lines[0].strip() if lines else ""
    if not rows or stated != str(len(rows)):
        raise DataError(f"{path}: its first line states {stated[:40]!r} images and {len(rows)} follow; put a whole copy in its place")
    names, info = [row.split(None, 1)[0] for row in rows], tuple(Attribute(name) for name in lines[1].split())
    return names, _signs(path, rows, None, len(info), first=3), info


def _read_commas(path: Path, lines: list[str]) -> tuple[list[str], np.ndarray, tuple[Attribute, ...]]:
    rows = [line for line in lines[1:] if line.strip()]
    if not rows:
        raise DataError(f"{path}: names no image; put a whole copy in its place")
    names = [row.split(",", 1)[0].strip(' "') for row in rows]
    info = tuple(Attribute(name.strip(' "')) for name in lines[0].split(",")[1:])
    return names, _signs(path, rows, ",", len(info), first=2), info


def _signs(path: Path, rows: list[str], delimiter: str | None, n: int, first: int) -> np.ndarray:
    """The attributes as 0 and 1 from -1 and 1, or from 0 and 1 in a table that holds no -1. `first` is the first row's line."""
    try:
        signs = np.loadtxt(rows, usecols=range(1, 1 + n), dtype=np.float32, ndmin=2, delimiter=delimiter, quotechar='"', comments=None)
    except ValueError as error:
        raise DataError(f"{path}: can't be read ({error}); put a whole copy in its place") from error
    allowed = (0, 1) if delimiter and not (signs == -1).any() else (-1, 1)
    if wrong := np.flatnonzero(~np.isin(signs, allowed).all(axis=1)).tolist():
        raise DataError(f"{path}: line {wrong[0] + first} holds a value other than {allowed[0]} and 1")
    return (signs > 0).astype(np.float32)


def _files_of(names: list[str], folder: Path) -> list[str]:
    """The file of each name, "" where there is none: that of the same name, else of the same name with another suffix."""
    here = set(os.listdir(folder))
    others = {bare(file): file for file in here.difference(names)}
    return [name if name in here else others.get(bare(name), "") if others else "" for name in names]


def _lists() -> list[Path]:
    """The lists that are here, the likelier first."""
    return [path for path in candidates(PLACES, LISTS) if path.is_file()]


def _folders() -> list[Path]:
    """The folders that hold photographs, the likelier first; where there is none, those that are called so, so that it is said what they lack."""
    called = [path for path in candidates(PLACES, IMAGES) if path.is_dir()]
    loose = [path for path in candidates(PLACES, ("",)) if _holds(path, NUMBERED.fullmatch)]
    return [path for path in called if _holds(path, _is_picture)] + loose or called


def _is_picture(name: str) -> bool:
    return os.path.splitext(name)[1].lower() in SUFFIXES


def _holds(folder: Path, is_one: Callable[[str], object]) -> bool:
    try:
        return _holds_since(str(folder), folder.stat().st_mtime_ns, is_one)
    except OSError:
        return False


@lru_cache(maxsize=64)
def _holds_since(folder: str, changed: int, is_one: Callable[[str], object]) -> bool:
    """Whether a folder holds such a file; `changed` is when something was last put in or taken out."""
    with os.scandir(folder) as items:
        return any(is_one(item.name) and item.is_file() for item in items)


def _read_one(path: Path, spec: DataSpec) -> np.ndarray:
    try:
        return fit(decode(path), spec.size, spec.channels, spec.fit)
    except DataError as error:
        raise DataError(f"{path.name} {error}") from error
