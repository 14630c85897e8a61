"""Which pictures of a folder are whole: each is decoded once, and what was whole is not looked at again until the file changes.

data_dir()/checked/<digest of the folder's path>.json: for each file its size, when it was written, and what the picture says of itself. Only
what makes it quick depends on it.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from genlab import paths
from genlab.data.base import Progress
from genlab.data.entries import Entry, Rejected, open_entry
from genlab.data.picture import Header, decode, inspect
from genlab.data.reading import BLOCK, in_order
from genlab.errors import DataError, LabError
from genlab.files import write_atomic

MADE_WITH = 2   # another number where other pictures count as whole


def whole_ones(folder: Path, entries: Sequence[Entry], progress: Progress) -> tuple[list[Entry], list[Header], list[Rejected]]:
    """The entries that can be decoded from first to last byte with their headers, and the others with the reason; progress stays at 0."""
    known = _read(folder)
    headers = {entry.path: known[entry.path][1] for entry in entries if entry.path in known and known[entry.path][0] == _stamp(entry)}
    unknown = [entry for entry in entries if entry.path not in headers]
    reasons: dict[str, str] = {}
    for i, found in enumerate(in_order(lambda i: _decode(unknown[i]), len(unknown))):
        if isinstance(found, DataError):
            reasons[unknown[i].path] = str(found)
        else:
            headers[unknown[i].path] = found
        if i % BLOCK == 0:
            progress(0.0, f"looking at picture {i} of {len(unknown)}")
    whole = [entry for entry in entries if entry.path not in reasons]
    if len(unknown) > len(reasons):
        _write(folder, whole, headers)
    return whole, [headers[entry.path] for entry in whole], [(e.name, reasons[e.path]) for e in entries if e.path in reasons]


def _decode(entry: Entry) -> Header:
    with open_entry(entry) as file:
        header = inspect(file)
    with open_entry(entry) as file:
        decode(file)
    return header


def _stamp(entry: Entry) -> list[int]:
    return [entry.size, entry.changed]


def _kept_in(folder: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()
    return paths.data_dir() / "checked" / f"{digest[:16]}.json"


def _read(folder: Path) -> dict[str, tuple[list[int], Header]]:
    try:
        kept = json.loads(_kept_in(folder).read_text(encoding="utf-8"))
        return {path: (stamp, Header(**header)) for path, (stamp, header) in kept["whole"].items()} if kept["made_with"] == MADE_WITH else {}
    except (OSError, LabError, ValueError, LookupError, TypeError, AttributeError):   # not there, or not ours: everything is looked at
        return {}


def _write(folder: Path, whole: Sequence[Entry], headers: Mapping[str, Header]) -> None:
    with contextlib.suppress(OSError, LabError):   # a disk that can't be written to: they are looked at again next time
        path = _kept_in(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        facts = {entry.path: (_stamp(entry), asdict(headers[entry.path])) for entry in whole}
        write_atomic(path, json.dumps({"made_with": MADE_WITH, "whole": facts}))
