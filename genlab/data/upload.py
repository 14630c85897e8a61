"""Images that a person sent, kept for training: checked once, stored once, named by their content.

data_dir()/uploads/<id>/ holds images.npy (uint8 (N, C, S, S), read by memory map), attributes.npy (float32 (N, K)) and upload.json; the id
is a hash of all three. A folder gets its name when it is whole, so a half-written one is never listed.
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pydantic import BaseModel, ConfigDict

from genlab import paths
from genlab.data.archive import unpack
from genlab.data.base import Attribute, Progress
from genlab.data.disk import scratch_folder
from genlab.data.entries import Entry, Rejected, inspect_all, printable, read_one
from genlab.data.picture import DAMAGE, KEPT_SIDE, Header
from genlab.data.reading import BLOCK, in_order, named
from genlab.data.sheet import Sheet, is_sheet, no_sheet, read_sheet
from genlab.errors import DataError

ID = re.compile(r"[0-9a-f]{16}")
MAX_TITLE = 80
MAX_STORED_BYTES = 1_000_000_000   # 5 086 pictures in colour at 256 pixels, four times as many at 128
MAX_FAULTS = 20   # of one table, told one by one
IMAGES, ATTRIBUTES, RECORD = "images.npy", "attributes.npy", "upload.json"
TRASH = ".trash"   # of deleted ones (genlab.data.shelf)


class UploadReport(BaseModel):
    """What became of the files that were sent: how many are kept, and each one left out with the reason."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    accepted: int
    rejected: tuple[Rejected, ...] = ()

    def sentence(self) -> str:
        """The report in one sentence, with the first few reasons."""
        kept = f"{self.accepted} image{'' if self.accepted == 1 else 's'} kept"
        return f"{kept}; left out: {named([f'{name} {reason}' for name, reason in self.rejected])}" if self.rejected else kept


class Upload(BaseModel):
    """A stored set of images, without their pixels."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    title: str
    names: tuple[str, ...]
    attribute_info: tuple[Attribute, ...]
    report: UploadReport
    size: int
    channels: int


def uploads_dir() -> Path:
    """Folder that holds one folder for each upload."""
    return paths.data_dir() / "uploads"


def store_upload(files: Iterable[tuple[str, bytes]], title: str, progress: Progress = lambda share, what: None) -> str:
    """The id of the stored images of these files: pictures, zips of pictures, and attributes.csv where there is one.

    Pictures are cropped to their middle square and kept at up to 256 pixels (128 where there are many). What can't be used is left
    out and told in the upload's report. Raises DataError where no picture can be used, there are too many files, or the disk is
    full; nothing is kept then.
    """
    title = printable(title.strip())[:MAX_TITLE] or "Images"
    entries, rejected = unpack(files)
    sheets = [entry for entry in entries if is_sheet(entry.name)]
    pictures, headers, faults = inspect_all([entry for entry in entries if not is_sheet(entry.name)])
    rejected += faults
    if not pictures:
        raise _none_usable(title, rejected)
    size, channels = _stored_shape(headers)
    with scratch_folder(uploads_dir()) as folder:
        names, faults = _write_images(folder / IMAGES, pictures, size, channels, progress)
        rejected += faults
        if not names:
            raise _none_usable(title, rejected)
        sheet, faults = _read_sheets(sheets, names)
        rejected += faults
        np.save(folder / ATTRIBUTES, sheet.attributes, allow_pickle=False)
        report = UploadReport(accepted=len(names), rejected=tuple(rejected))
        upload = Upload(title=title, names=tuple(names), attribute_info=sheet.attribute_info, report=report, size=size, channels=channels)
        (folder / RECORD).write_text(upload.model_dump_json(exclude={"id"}), encoding="utf-8")
        return _named_by_content(folder)


def read_upload(upload_id: str, parent: Path | None = None) -> Upload:
    """What is known about a stored upload; DataError if there is none of this id, or it is damaged. parent: uploads_dir() or its trash"""
    return open_upload(upload_id, parent)[0]


def open_upload(upload_id: str, parent: Path | None = None) -> tuple[Upload, np.ndarray, np.ndarray]:
    """The upload, its images (uint8 (N, C, S, S), mapped from disk) and its attributes (float32 (N, K))."""
    folder = _folder(upload_id, parent)
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        upload = Upload.model_validate(record | {"id": upload_id})
        x = np.load(folder / IMAGES, mmap_mode="r", allow_pickle=False)
        attributes = np.load(folder / ATTRIBUTES, allow_pickle=False)
    except (OSError, ValueError, TypeError) as error:   # pydantic's and json's errors are ValueErrors
        raise DataError(f"upload {upload_id}: is damaged ({str(error).splitlines()[0]}); send the images again") from error
    n = len(upload.names)
    if x.shape != (n, upload.channels, upload.size, upload.size) or attributes.shape != (n, len(upload.attribute_info)):
        raise DataError(f"upload {upload_id}: is damaged (images {x.shape}, attributes {attributes.shape}); send the images again")
    return upload, x, attributes


def list_uploads() -> list[Upload]:
    """All whole uploads, the newest first."""
    folders = [path for path in uploads_dir().glob("*") if ID.fullmatch(path.name)]
    uploads = []
    for folder in sorted(folders, key=lambda path: path.stat().st_mtime, reverse=True):
        with contextlib.suppress(DataError):   # a damaged one is no upload; asked for by name, it says what is wrong
            uploads.append(read_upload(folder.name))
    return uploads


def delete_upload(upload_id: str) -> None:
    """Remove a stored upload, all of it at once; DataError if there is none of this id."""
    folder = _folder(upload_id)
    with scratch_folder(uploads_dir()) as scratch:
        os.replace(folder, scratch / upload_id)


def _stored_shape(headers: Sequence[Header]) -> tuple[int, int]:
    """The size and channels that lose nothing of these pictures up to KEPT_SIDE pixels; half the size where they are too many."""
    channels = 1 if all(header.is_grey for header in headers) else 3
    size = min(max(header.side for header in headers), KEPT_SIDE)
    while len(headers) * channels * size**2 > MAX_STORED_BYTES:
        size //= 2
    return size, channels


def _write_images(path: Path, pictures: Sequence[Entry], size: int, channels: int, progress: Progress) -> tuple[list[str], list[Rejected]]:
    """Write the pictures one after another, so that memory holds a few at a time; the count in the header comes last."""
    names, rejected = [], []
    with open(path, "wb") as file:
        _write_header(file, (0, channels, size, size))
        for i, image in enumerate(in_order(lambda i: read_one(pictures[i], size, channels), len(pictures))):
            if isinstance(image, DataError):
                rejected.append((pictures[i].name, str(image)))
            else:
                file.write(image.tobytes())
                names.append(pictures[i].name)
            if i % BLOCK == 0:
                progress(i / len(pictures), f"picture {i} of {len(pictures)}")
        file.seek(0)
        _write_header(file, (len(names), channels, size, size))
    progress(1.0, f"{len(names)} pictures read")
    return names, rejected


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    """A .npy header; NumPy pads it so that the first axis may grow without moving what follows."""
    np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})


def _read_sheets(sheets: Sequence[Entry], names: Sequence[str]) -> tuple[Sheet, list[Rejected]]:
    """The first table's attributes, if it can be read, and everything in it that can't be used."""
    if not sheets:
        return no_sheet(len(names)), []
    first, *others = sheets
    rejected = [(entry.name, f"is a second table; only {first.name} is read") for entry in others]
    try:
        with first.open() as file:
            sheet = read_sheet(file.read(), names)
    except (DataError, *DAMAGE) as error:
        return no_sheet(len(names)), [(first.name, str(error)), *rejected]
    told = [(first.name, fault) for fault in sheet.faults[:MAX_FAULTS]]
    if more := len(sheet.faults) - len(told):
        told.append((first.name, f"has {more} more faults like these"))
    return sheet, told + rejected


def _named_by_content(folder: Path) -> str:
    """Move a whole folder to the name that its content gives; the same content twice is kept once."""
    digest = hashlib.sha256()
    for name in (IMAGES, ATTRIBUTES, RECORD):
        with open(folder / name, "rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    upload_id = digest.hexdigest()[:16]
    target = uploads_dir() / upload_id
    try:
        os.replace(folder, target)
    except OSError:   # a folder that holds files can't be replaced
        if not target.is_dir():
            raise
    return upload_id


def _folder(upload_id: str, parent: Path | None = None) -> Path:
    folder = (parent or uploads_dir()) / upload_id
    if ID.fullmatch(upload_id) and not folder.is_dir() and (uploads_dir() / TRASH / upload_id).is_dir():
        raise DataError(f"upload {upload_id}: was deleted; whoever sent it can bring it back under \u201cYour own images\u201d, "
                        f"or `python -m genlab data restore {upload_id}` does")
    if not ID.fullmatch(upload_id) or not folder.is_dir():
        raise DataError(f"upload {upload_id[:40]!r} is not here: it was deleted, or sent to another server; send the images again")
    return folder


def _none_usable(title: str, rejected: Sequence[Rejected]) -> DataError:
    reasons = named([f"{name} {reason}" for name, reason in rejected]) or "no file was sent"
    return DataError(f"{title}: holds no picture that can be used ({reasons})")
