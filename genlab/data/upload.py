"""Images that a person sent, kept for training: checked once, stored once, named by their content.

data_dir()/uploads/<id>/ holds images.npy (uint8 (N, C, S, S), the middle squares, read by memory map), attributes.npy (float32 (N, K)),
upload.json, and where a picture is not square whole.npy with all of each, stretched; the id is a hash of all of them. A folder gets its name
when it is whole, so a half-written one is never listed.
"""

import contextlib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from genlab import paths
from genlab.data.archive import unpack
from genlab.data.base import Attribute, Progress
from genlab.data.disk import scratch_folder
from genlab.data.entries import Entry, Rejected, inspect_all, open_entry
from genlab.data.labels import is_table, read_labels
from genlab.data.names import printable
from genlab.data.picture import KEPT_SIDE, Header, decode
from genlab.data.reading import BLOCK, in_order
from genlab.data.report import Report, assumed, bits_in_use, none_usable
from genlab.data.resize import fit
from genlab.data.stack import growing
from genlab.errors import DataError

ID = re.compile(r"[0-9a-f]{16}")
MAX_TITLE = 80
MAX_STORED_BYTES = 1_000_000_000   # of middle squares: 5 086 pictures in colour at 256 pixels, four times as many at 128
IMAGES, WHOLE, ATTRIBUTES, RECORD = "images.npy", "whole.npy", "attributes.npy", "upload.json"
TRASH = ".trash"   # of deleted ones (genlab.data.shelf)
Shapes = tuple[tuple[int, int], ...]


class Upload(BaseModel):
    """A stored set of images, without their pixels.

    shapes : width and height of each picture as it was sent, empty where all are square, None where it was kept before that was
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = ""
    title: str
    names: tuple[str, ...]
    attribute_info: tuple[Attribute, ...]
    report: Report
    size: int
    channels: int
    shapes: Shapes | None = None


def uploads_dir() -> Path:
    """Folder that holds one folder for each upload."""
    return paths.data_dir() / "uploads"


def store_upload(files: Iterable[tuple[str, bytes]], title: str, progress: Progress = lambda share, what: None) -> str:
    """The id of the stored images of these files: pictures, zips of pictures, and a table where there is one.

    Pictures are kept at up to 256 pixels (128 where there are many): their middle square, and all of them where one is not square. What
    can't be used is left out and told in the upload's report. Raises DataError where no picture can be used, there are too many files, or
    the disk is full; nothing is kept then.
    """
    title = printable(title.strip())[:MAX_TITLE] or "Images"
    entries, rejected = unpack(files)
    tables = [entry for entry in entries if is_table(entry.path)]
    pictures, headers, faults = inspect_all([entry for entry in entries if not is_table(entry.path)])
    rejected += faults
    if not pictures:
        raise none_usable(title, rejected, "no file was sent")
    size, channels = _stored_shape(headers)
    with scratch_folder(uploads_dir()) as folder:
        kept, shapes, faults = _write_images(folder, pictures, headers, (channels, size, size), progress)
        rejected += faults
        if not kept:
            raise none_usable(title, rejected, "no file was sent")
        sheet, faults = read_labels(tables, kept, [name for name, _ in rejected])
        rejected += faults
        np.save(folder / ATTRIBUTES, sheet.attributes, allow_pickle=False)
        report = Report(accepted=len(kept), rejected=tuple(rejected), notes=assumed(headers))
        names = tuple(entry.name for entry in kept)
        upload = Upload(title=title, names=names, attribute_info=sheet.attribute_info, report=report, size=size, channels=channels, shapes=shapes)
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


def open_whole(upload: Upload, x: np.ndarray) -> tuple[np.ndarray, Shapes | None]:
    """All of each picture of an upload whose middle squares are x, stretched to a square, and their shapes, None where all are square.

    DataError where the middles alone were kept.
    """
    if upload.shapes is None:
        raise DataError(f"upload {upload.id}: its pictures were cut to their middle when they were sent, as older versions of the lab did; "
                        "choose crop, or send them again")
    if not upload.shapes:
        return x, None
    try:
        whole = np.load(_folder(upload.id) / WHOLE, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"upload {upload.id}: is damaged ({error}); send the images again") from error
    if whole.shape != x.shape or len(upload.shapes) != len(x):
        raise DataError(f"upload {upload.id}: is damaged (whole pictures {whole.shape}, images {x.shape}); send the images again")
    return whole, upload.shapes


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


def _write_images(folder: Path, pictures: Sequence[Entry], headers: Sequence[Header], shape: tuple[int, int, int],
                  progress: Progress) -> tuple[list[Entry], Shapes, list[Rejected]]:
    """Write the pictures; which are kept, their shapes where one is not square, and which are not."""
    is_square, bits = all(header.is_square for header in headers), bits_in_use(headers)
    channels, size, _ = shape
    kept, shapes, rejected = [], [], []
    with growing(folder / IMAGES, shape) as middles, nullcontext() if is_square else growing(folder / WHOLE, shape) as wholes:
        for i, found in enumerate(in_order(lambda i: _read(pictures[i], size, channels, bits, is_square), len(pictures))):
            if isinstance(found, DataError):
                rejected.append((pictures[i].name, str(found)))
            else:
                kept.append(pictures[i])
                middles.append(found.middle)
                if wholes:
                    wholes.append(found.whole)
                    shapes.append(found.shape)
            if i % BLOCK == 0:
                progress(i / len(pictures), f"picture {i} of {len(pictures)}")
    progress(1.0, f"{len(kept)} pictures read")
    return kept, tuple(shapes), rejected


class _Read(NamedTuple):
    middle: np.ndarray
    whole: np.ndarray | None
    shape: tuple[int, int]


def _read(entry: Entry, size: int, channels: int, bits: int, is_square: bool) -> _Read:
    with open_entry(entry) as file:
        image = decode(file, bits)
    return _Read(fit(image, size, channels), None if is_square else fit(image, size, channels, "stretch"), image.size)


def _named_by_content(folder: Path) -> str:
    """Move a whole folder to the name that its content gives; the same content twice is kept once."""
    digest = hashlib.sha256()
    for path in (folder / name for name in (IMAGES, WHOLE, ATTRIBUTES, RECORD)):
        if path.exists():
            with open(path, "rb") as file:
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
