"""What a person sent, taken apart: loose files and the members of zip archives, as entries to read one by one.

Nothing is unpacked to disk, so a member's name is only ever a name.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

from genlab.data.entries import Entry, Rejected, is_clutter, printable
from genlab.data.picture import MAX_FILE_BYTES
from genlab.errors import DataError

MAX_ENTRIES = 20_000
MAX_UNPACKED_BYTES = 4_000_000_000
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
ARCHIVES = frozenset({".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar"})
BROKEN_ZIP = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, struct.error, zlib.error)
IS_LOCKED = 0x1

def unpack(files: Iterable[tuple[str, bytes]]) -> tuple[list[Entry], list[Rejected]]:
    """Loose files and the members of zips alike, and those left out with the reason.

    Raises DataError where there are more than MAX_ENTRIES files, or more than MAX_UNPACKED_BYTES once unpacked.
    """
    found, rejected = [], []
    for name, data in files:
        name = printable(name)
        if not data.startswith(ZIP_STARTS):
            found.append((Entry(name, len(data), lambda data=data: io.BytesIO(data)), ""))
            continue
        try:
            found += _members(name, data)
        except BROKEN_ZIP as error:
            rejected.append((name, f"is a damaged zip archive ({error})"))
    _check_total(found)
    entries = []
    for entry, reason in found:
        if reason := reason or _reason_against(entry):
            rejected.append((entry.name, reason))
        elif not is_clutter(entry.name):
            entries.append(entry)
    return entries, rejected


def _members(name: str, data: bytes) -> list[tuple[Entry, str]]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    members = [m for m in archive.infolist() if not m.is_dir()]
    return [(Entry(printable(m.filename), m.file_size, partial(_open_member, archive, m)), _reason_against_member(m, name)) for m in members]


def _open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    try:
        return archive.open(member)
    except BROKEN_ZIP as error:
        raise DataError(f"is damaged inside its archive ({error})") from error


def _reason_against_member(member: zipfile.ZipInfo, archive: str) -> str:
    if member.flag_bits & IS_LOCKED:
        return f"is locked with a password inside {archive}"
    if PurePosixPath(member.filename).suffix.lower() in ARCHIVES:
        return f"is an archive inside {archive}; unpack it first"
    return ""


def _reason_against(entry: Entry) -> str:
    posix, windows = PurePosixPath(entry.name), PureWindowsPath(entry.name)
    if posix.is_absolute() or windows.is_absolute() or windows.drive or ".." in posix.parts or ".." in windows.parts:
        return "has a path that leads out of its folder"
    if entry.size == 0:
        return "is empty"
    if entry.size > MAX_FILE_BYTES:
        return f"has {entry.size / 1e6:,.0f} MB; at most {MAX_FILE_BYTES // 1_000_000} MB are read"
    return ""


def _check_total(found: list[tuple[Entry, str]]) -> None:
    if len(found) > MAX_ENTRIES:
        raise DataError(f"{len(found)} files were sent; at most {MAX_ENTRIES} are taken at once")
    total = sum(entry.size for entry, _ in found if entry.size <= MAX_FILE_BYTES)
    if total > MAX_UNPACKED_BYTES:
        raise DataError(f"the files have {total / 1e9:.1f} GB once unpacked; at most {MAX_UNPACKED_BYTES // 10**9} GB are taken at once")
