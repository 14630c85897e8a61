"""Your own images: an upload named by its id, or a folder of pictures on this machine.

Both are read alike: a file is a picture if its bytes are, a table or folders of classes give attributes, and what can't be used is left out
and told. A folder's pictures come in the order of their paths.
"""

import logging
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from genlab.data.base import DataSpec, LazySet, Progress
from genlab.data.checked import whole_ones
from genlab.data.entries import Entry, read_one
from genlab.data.folder import list_folder
from genlab.data.labels import is_table, read_labels
from genlab.data.reading import read_stack
from genlab.data.report import Report, assumed, bits_in_use, none_usable
from genlab.data.resize import as_image, fit
from genlab.data.sheet import Sheet
from genlab.data.upload import ID, open_upload, open_whole, read_upload
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
    if not os.path.isdir(folder):
        raise DataError(f"own: {path!r} is neither a folder on this machine nor the id of an upload")
    return folder


def report_on(path: str, progress: Progress = lambda share, what: None) -> tuple[Report, Sheet]:
    """What becomes of the files of an upload or a folder, and what is known of its pictures; DataError where there are none."""
    if folder := find(path):
        _, _, sheet, report = _read_folder(folder, progress)
        return report, sheet
    upload, _, attributes = open_upload(path)
    return upload.report, Sheet(attributes, upload.attribute_info, ())


def _load_upload(spec: DataSpec, progress: Progress) -> LazySet:
    upload, x, attributes = open_upload(spec.path)
    shapes = None
    if spec.fit != "crop":
        x, shapes = open_whole(upload, x)

    def read_at(position: int) -> np.ndarray:
        shape = shapes[position] if shapes else None
        return fit(as_image(x[position]), spec.size, spec.channels, spec.fit, shape)

    def read(index: np.ndarray) -> np.ndarray:
        return read_stack(upload.title, lambda i: read_at(index[i]), len(index), progress)

    return LazySet("own", read, attributes, upload.attribute_info)


def _load_folder(folder: Path, spec: DataSpec, progress: Progress) -> LazySet:
    pictures, bits, sheet, report = _read_folder(folder, progress)
    if report.rejected or report.notes:
        log.warning("%s: %d images%s", folder, report.accepted, report.besides)

    def read_at(position: int) -> np.ndarray:
        try:
            return read_one(pictures[position], spec.size, spec.channels, spec.fit, bits)
        except DataError as error:
            raise DataError(f"{pictures[position].name} {error}") from error

    def read(index: np.ndarray) -> np.ndarray:
        return read_stack(str(folder), lambda i: read_at(index[i]), len(index), progress)

    return LazySet("own", read, sheet.attributes, sheet.attribute_info, tuple(entry.name for entry in pictures))


def _read_folder(folder: Path, progress: Progress) -> tuple[Sequence[Entry], int, Sheet, Report]:
    """The pictures of a folder, the bits that they use, what is known of them, and what became of every file."""
    progress(0.0, f"looking through {folder}")
    entries, rejected = list_folder(folder)
    tables = [entry for entry in entries if is_table(entry.path)]
    pictures, headers, faults = whole_ones(folder, [entry for entry in entries if not is_table(entry.path)], progress)
    rejected += faults
    if not pictures:
        raise none_usable(str(folder), rejected, "it holds no file")
    sheet, faults = read_labels(tables, pictures, [name for name, _ in rejected])
    report = Report(accepted=len(pictures), rejected=tuple(rejected + faults), notes=assumed(headers))
    return pictures, bits_in_use(headers), sheet, report
