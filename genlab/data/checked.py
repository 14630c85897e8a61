"""Which pictures of a folder are whole: each is decoded once, and what was whole is not looked at again until the file changes.

data_dir()/checked/<digest of the folder's path>.json: for each file its size and when it was written. Only what makes it quick depends on it.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path

from genlab import paths
from genlab.data.base import Progress
from genlab.data.entries import Entry, Rejected, open_entry
from genlab.data.picture import decode
from genlab.data.reading import BLOCK, in_order
from genlab.errors import DataError, LabError
from genlab.files import write_atomic

MADE_WITH = 1   # another number where other pictures count as whole


def whole_ones(folder: Path, entries: Sequence[Entry], progress: Progress) -> tuple[list[Entry], list[Rejected]]:
    """The entries that can be decoded from first to last byte, and the others with the reason; progress stays at 0."""
    known = _read(folder)
    unknown = [entry for entry in entries if known.get(entry.path) != _stamp(entry)]
    reasons: dict[str, str] = {}
    for i, fault in enumerate(in_order(lambda i: _decode(unknown[i]), len(unknown))):
        if isinstance(fault, DataError):
            reasons[unknown[i].path] = str(fault)
        if i % BLOCK == 0:
            progress(0.0, f"looking at picture {i} of {len(unknown)}")
    whole = [entry for entry in entries if entry.path not in reasons]
    if len(unknown) > len(reasons):
        _write(folder, whole)
    return whole, [(entry.name, reasons[entry.path]) for entry in entries if entry.path in reasons]


def _decode(entry: Entry) -> None:
    with open_entry(entry) as file:
        decode(file)


def _stamp(entry: Entry) -> list[int]:
    return [entry.size, entry.changed]


def _kept_in(folder: Path) -> Path:
    digest = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()
    return paths.data_dir() / "checked" / f"{digest[:16]}.json"


def _read(folder: Path) -> dict[str, list[int]]:
    try:
        kept = json.loads(_kept_in(folder).read_text(encoding="utf-8"))
        return dict(kept["whole"]) if kept["made_with"] == MADE_WITH else {}
    except (OSError, LabError, ValueError, LookupError, TypeError):   # not there, or not ours: everything is looked at
        return {}


def _write(folder: Path, whole: Sequence[Entry]) -> None:
    with contextlib.suppress(OSError, LabError):   # a disk that can't be written to: they are looked at again next time
        path = _kept_in(folder)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, json.dumps({"made_with": MADE_WITH, "whole": {entry.path: _stamp(entry) for entry in whole}}))
