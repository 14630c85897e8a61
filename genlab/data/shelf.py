"""Uploads as things that people see, name, use again and delete.

    uploads/<id>/shelf.json      whose it is, what it is called and since when; no part of what the id is a hash of
    uploads/.trash/<id>/         a deleted one, for KEPT_S: it can be brought back until then

An upload without shelf.json, sent before there was one, belongs to nobody: only the command line lists it.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import filelock

from genlab.data.entries import printable
from genlab.data.upload import ID, MAX_TITLE, RECORD, TRASH, Upload, read_upload, uploads_dir
from genlab.errors import DataError
from genlab.files import write_atomic
from genlab.trash import DAY_S

LABEL = "shelf.json"
KEPT_DAYS = 7
KEPT_S = KEPT_DAYS * DAY_S
ANYBODY = ""   # owner of what was sent on the command line


@dataclass(frozen=True)
class Label:
    """title : "" for the upload's own; owners : visitors who sent it; sent, deleted : seconds since 1970, 0 where that is not known or not so"""

    title: str = ""
    owners: tuple[str, ...] = ()
    sent: float = 0.0
    deleted: float = 0.0

    def is_of(self, owner: str) -> bool:
        """Whether this visitor may see, name and delete it."""
        return owner in self.owners or ANYBODY in self.owners


@dataclass(frozen=True)
class Shelved:
    """An upload and its label."""

    upload: Upload
    label: Label

    @property
    def id(self) -> str:
        return self.upload.id

    @property
    def title(self) -> str:
        return self.label.title or self.upload.title

    @property
    def count(self) -> int:
        return len(self.upload.names)


def shelf(owner: str | None = None) -> list[Shelved]:
    """All uploads of a visitor, the newest first; everybody's where none is named."""
    return _all_in(uploads_dir(), owner)


def discarded(owner: str | None = None) -> list[Shelved]:
    """What a visitor deleted and can still bring back, the newest first; everybody's where none is named."""
    with _turn():
        _empty_old()
    return _all_in(_trash(), owner)


def keep(upload_id: str, owner: str) -> None:
    """Put an upload on a visitor's shelf, beside others who sent the same; DataError if there is none of this id."""
    read_upload(upload_id)
    with _turn():
        folder = uploads_dir() / upload_id
        label = _label(folder)
        _write(folder, replace(label, owners=tuple(dict.fromkeys([*label.owners, owner])), sent=time.time()))


def rename(upload_id: str, title: str, owner: str | None = None) -> str:
    """Call an upload something else; the title as it is kept. DataError where nothing is left of it, or the upload is not the visitor's."""
    clean = printable(" ".join(title.split()))
    if not 1 <= len(clean) <= MAX_TITLE:
        raise DataError(f"title {clean[:20]!r}: has {len(clean)} characters; 1 to {MAX_TITLE} are allowed")
    with _turn():
        folder = _own_folder(upload_id, owner)
        _write(folder, replace(_label(folder), title=clean))
    return clean


def discard(upload_id: str, owner: str | None = None) -> bool:
    """Delete an upload: `bring_back` undoes it for KEPT_S. True where it is gone, False where another visitor sent the same and keeps it.

    DataError if there is none of this id, or it is not the visitor's.
    """
    with _turn():
        _empty_old()
        folder = _own_folder(upload_id, owner)
        label = _label(folder)
        if owner is not None and (others := tuple(o for o in label.owners if o not in (owner, ANYBODY))):
            _write(folder, replace(label, owners=others))
            return False
        _write(folder, replace(label, deleted=time.time()))
        target = _trash() / upload_id
        target.parent.mkdir(exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)   # the same pictures, deleted before
        os.replace(folder, target)
        return True


def bring_back(upload_id: str, owner: str | None = None) -> None:
    """Undo `discard`; DataError where it is not there any more."""
    with _turn():
        folder, kept = uploads_dir() / upload_id, _trash() / upload_id
        if not ID.fullmatch(upload_id) or not kept.is_dir() or owner is not None and not _label(kept).is_of(owner):
            raise DataError(f"upload {upload_id[:40]!r} is not among those deleted; they are kept for {KEPT_DAYS} days")
        if folder.is_dir():   # the same pictures were sent again meanwhile
            _write(folder, replace(_label(folder), owners=tuple(dict.fromkeys([*_label(folder).owners, *_label(kept).owners]))))
            shutil.rmtree(kept)
        else:
            _write(kept, replace(_label(kept), deleted=0.0))
            os.replace(kept, folder)


def clear_old() -> None:
    """Remove for good what was deleted longer ago than it is kept."""
    if _trash().is_dir():
        with _turn():
            _empty_old()


def _own_folder(upload_id: str, owner: str | None) -> Path:
    upload_id = read_upload(upload_id).id
    folder = uploads_dir() / upload_id
    if owner is not None and not _label(folder).is_of(owner):
        raise DataError(f"upload {upload_id}: is somebody else's; only who sent it can name or delete it")
    return folder


def _all_in(parent: Path, owner: str | None) -> list[Shelved]:
    found = []
    for folder in parent.glob("*"):
        label = _label(folder)
        if ID.fullmatch(folder.name) and (owner is None or label.is_of(owner)):
            with suppress(DataError):   # a damaged one is no upload; asked for by name, it says what is wrong
                found.append(Shelved(read_upload(folder.name, parent), label))
    return sorted(found, key=lambda item: item.label.deleted or item.label.sent, reverse=True)


def _label(folder: Path) -> Label:
    with suppress(OSError, ValueError, TypeError, AttributeError):
        values = json.loads((folder / LABEL).read_text(encoding="utf-8"))
        label = Label(**{name: values[name] for name in Label.__dataclass_fields__ if name in values})
        return replace(label, owners=tuple(map(str, label.owners)), title=str(label.title), sent=float(label.sent), deleted=float(label.deleted))
    with suppress(OSError):
        return Label(sent=(folder / RECORD).stat().st_mtime)
    return Label()


def _write(folder: Path, label: Label) -> None:
    write_atomic(folder / LABEL, json.dumps(asdict(label)))


def _empty_old() -> None:
    """Remove what was deleted longer ago than it is kept, by the time of its deletion."""
    for folder in _trash().glob("*"):
        if time.time() - _label(folder).deleted > KEPT_S:
            shutil.rmtree(folder, ignore_errors=True)


def _trash() -> Path:
    return uploads_dir() / TRASH


@contextmanager
def _turn() -> Iterator[None]:
    """One at a time, in all processes: two who delete the same upload, say."""
    uploads_dir().mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(uploads_dir() / ".lock"):
        yield
