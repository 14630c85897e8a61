"""What a person sent, taken apart: loose files and the members of zip archives, as entries to read one by one.

Nothing is unpacked to disk, so a member's name is only ever a name.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath, PureWindowsPath
from typing import BinaryIO

from genlab.data.entries import ARCHIVES, Entry, Found, Rejected, sift
from genlab.data.names import decoded, printable
from genlab.data.picture import MAX_FILE_BYTES
from genlab.errors import DataError

MAX_ENTRIES = 20_000
MAX_UNPACKED_BYTES = 4_000_000_000
MAX_NAME = 4096   # letters: the longest path that a system knows
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
BROKEN_ZIP = (zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, struct.error, zlib.error)
IS_LOCKED, IS_UTF8 = 0x1, 0x800   # flags of a member
UNICODE_PATH = 0x7075             # an extra field: the name once more, in UTF-8


def unpack(files: Iterable[tuple[str, bytes]]) -> tuple[list[Entry], list[Rejected]]:
    """Loose files and the members of zips alike, and those left out with the reason.

    Raises DataError where there are more than MAX_ENTRIES files, or more than MAX_UNPACKED_BYTES once unpacked.
    """
    found, rejected = [], []
    for name, data in files:
        if not data.startswith(ZIP_STARTS):
            path = name.encode("utf-8", "replace").decode()
            found.append((Entry(path, len(data), lambda data=data: io.BytesIO(data)), ""))
            continue
        try:
            found += _members(printable(name), data)
        except BROKEN_ZIP as error:
            rejected.append((printable(name), f"is a damaged zip archive ({error})"))
    _check_total(found)
    entries, faults = sift(map(_checked, found))
    return entries, rejected + faults


def _members(name: str, data: bytes) -> list[Found]:
    archive = zipfile.ZipFile(io.BytesIO(data))
    found = []
    for member in archive.infolist():
        path, readings = _path(member)
        if not path.endswith(("/", "\\")):   # a folder
            entry = Entry(path, member.file_size, partial(_open_member, archive, member), readings)
            found.append((entry, _reason_against_member(member, path, name)))
    return found


def _path(member: zipfile.ZipInfo) -> tuple[str, tuple[str, ...]]:
    """A member's name, and what else it may be. One that is not marked as UTF-8 may be so all the same, or be in any old encoding."""
    if member.flag_bits & IS_UTF8 or member.filename.isascii():
        return member.filename, ()
    try:
        raw = member.filename.encode("cp437")   # as zipfile took it to be
    except UnicodeEncodeError:
        return member.filename, ()
    return decoded(_unicode_path(member.extra, raw) or raw, "cp437")


def _unicode_path(extra: bytes, raw: bytes) -> bytes:
    """The name that an extra field repeats in UTF-8; b"" where there is none, or it is of another name."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and field[:1] == b"\x01" and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            return field[5:]
    return b""


def _open_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> BinaryIO:
    try:
        return archive.open(member)
    except BROKEN_ZIP as error:
        raise DataError(f"is damaged inside its archive ({error})") from error


def _reason_against_member(member: zipfile.ZipInfo, path: str, archive: str) -> str:
    if member.flag_bits & IS_LOCKED:
        return f"is locked with a password inside {archive}"
    return f"is an archive inside {archive}; unpack it first" if PurePosixPath(path).suffix.lower() in ARCHIVES else ""


def _checked(found: Found) -> Found:
    """An entry with / between its folders, and the reason against its name where there is one."""
    entry, reason = found
    posix, windows = PurePosixPath(entry.path), PureWindowsPath(entry.path)
    if posix.is_absolute() or windows.is_absolute() or windows.drive or ".." in posix.parts or ".." in windows.parts:
        return entry, reason or "has a path that leads out of its folder"
    if len(entry.path) > MAX_NAME:
        return entry, f"has a name of {len(entry.path)} letters; at most {MAX_NAME} are read"
    return replace(entry, path=entry.path.replace("\\", "/")), reason


def _check_total(found: list[Found]) -> None:
    if len(found) > MAX_ENTRIES:
        raise DataError(f"{len(found)} files were sent; at most {MAX_ENTRIES} are taken at once")
    total = sum(entry.size for entry, _ in found if entry.size <= MAX_FILE_BYTES)
    if total > MAX_UNPACKED_BYTES:
        raise DataError(f"the files have {total / 1e9:.1f} GB once unpacked; at most {MAX_UNPACKED_BYTES // 10**9} GB are taken at once")
