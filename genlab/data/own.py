"""Your own images: an upload named by its id, or a folder of pictures on this machine.

A folder may hold folders, and attributes.csv; pictures are known by their suffix and taken in the order of their paths.
"""

import logging
import os
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from genlab.data.base import DataSpec, LazySet, Progress
from genlab.data.entries import Entry, inspect_all, is_clutter, read_one
from genlab.data.picture import SUFFIXES
from genlab.data.reading import named, read_stack
from genlab.data.resize import fit
from genlab.data.sheet import NAME as SHEET_NAME
from genlab.data.sheet import Sheet, no_sheet, read_sheet
from genlab.data.upload import ID, open_upload, read_upload
from genlab.errors import DataError

log = logging.getLogger(__name__)


def load(spec: DataSpec, progress: Progress) -> LazySet:
    """The images of the upload or folder that spec.path names, each read when it is taken."""
    folder = find(spec.path)
    return _load_folder(folder, spec, progress) if folder else _load_upload(spec, progress)


def absolute(path: str) -> str:
    """The path of a folder as it is called from anywhere; the id of an upload as it is."""
    return path if not path or ID.fullmatch(path) else str(Path(path).expanduser().absolute())


def find(path: str) -> Path | None:
    """The folder that is meant, None where it is an upload that is here; DataError where there is neither. Opens no picture."""
    if not path:
        raise DataError("own: no images are named; path is the id of an upload, or a folder of pictures")
    if ID.fullmatch(path):
        read_upload(path)
        return None
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise DataError(f"own: {path!r} is neither a folder on this machine nor the id of an upload")
    return folder


def _load_upload(spec: DataSpec, progress: Progress) -> LazySet:
    upload, x, attributes = open_upload(spec.path)

    def read_at(position: int) -> np.ndarray:
        image = x[position]
        return fit(Image.fromarray(image[0] if len(image) == 1 else image.transpose(1, 2, 0)), spec.size, spec.channels)

    def read(index: np.ndarray) -> np.ndarray:
        return read_stack(upload.title, lambda i: read_at(index[i]), len(index), progress)

    return LazySet("own", read, attributes, upload.attribute_info)


def _load_folder(folder: Path, spec: DataSpec, progress: Progress) -> LazySet:
    progress(0.0, f"looking through {folder}")
    pictures, _, rejected = inspect_all(list_pictures(folder))
    if rejected:
        log.warning("%s: %d files are left out: %s", folder, len(rejected), named([f"{name} {reason}" for name, reason in rejected]))
    if not pictures:
        reasons = named([f"{name} {reason}" for name, reason in rejected]) or f"files that end in {', '.join(sorted(SUFFIXES))} are looked for"
        raise DataError(f"{folder}: holds no picture that can be used ({reasons})")

    def read_at(position: int) -> np.ndarray:
        try:
            return read_one(pictures[position], spec.size, spec.channels)
        except DataError as error:
            raise DataError(f"{pictures[position].name} {error}") from error

    def read(index: np.ndarray) -> np.ndarray:
        return read_stack(str(folder), lambda i: read_at(index[i]), len(index), progress)

    names = [entry.name for entry in pictures]
    sheet = _read_sheet(folder, names)
    return LazySet("own", read, sheet.attributes, sheet.attribute_info, tuple(names))


def list_pictures(folder: Path) -> list[Entry]:
    """The files below a folder whose suffix is a picture's, by path; hidden ones are passed over."""
    entries = []
    for path in sorted(Path(parent) / name for parent, _, names in os.walk(folder) for name in names):
        name = path.relative_to(folder).as_posix()
        if path.suffix.lower() in SUFFIXES and not is_clutter(name) and path.is_file():
            entries.append(Entry(name, path.stat().st_size, partial(open, path, "rb")))
    return entries


def _read_sheet(folder: Path, names: list[str]) -> Sheet:
    path = folder / SHEET_NAME
    if not path.is_file():
        return no_sheet(len(names))
    try:
        sheet = read_sheet(path.read_bytes(), names)
    except DataError as error:
        raise DataError(f"{path} {error}") from error
    if sheet.faults:
        log.warning("%s: left out: %s", path, named(sheet.faults))
    return sheet
