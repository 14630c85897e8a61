"""What a run was trained on, written down when it begins: how many images there were, what each holds, and what it is called.

A request (DataSpec) that comes from a run knows where the record lies, and whoever opens the images for it (genlab.data.opened) has them
compared: the listing at once, each image when it is taken. A record can be pinned: then the images it names are taken, and others that
came since are passed over.
"""

import hashlib
import shlex
from functools import lru_cache
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from genlab.data.base import DataSpec, Images, ImageSet
from genlab.data.reading import named
from genlab.errors import DataError
from genlab.files import write_atomic

FORMAT = 1
FILE = "data.json"
GO_ON = "go on with those that are the same"
DIGITS = 16       # of an image's digest
AT_ONCE = 512     # images read together where all are compared


class DataChanged(DataError):
    """The images are not those that a run was trained on; record says where it was written what those were."""

    def __init__(self, text: str, record: Path):
        super().__init__(text)
        self.record = record


class Part(BaseModel):
    """Images of one part, in order: the digests of all in one text, their names where they have any, and where they lay among all."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    images: str
    names: tuple[str, ...] = ()
    at: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.images) // DIGITS

    def digest(self, i: int) -> str:
        return self.images[i * DIGITS : (i + 1) * DIGITS]

    def name(self, i: int) -> str:
        return self.names[i] if self.names else f"image {self.at[i] if self.at else i}"


class DataRecord(BaseModel):
    """spec : what was asked for, without its path; count : images there were before any was chosen, None of drawn ones"""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    spec: dict
    count: int | None
    digest: str
    is_pinned: bool = False
    train: Part
    test: Part

    def is_of(self, spec: DataSpec) -> bool:
        """Whether this is what a resolved request asks for: one for other images of the same set is not compared."""
        return DataSpec(**{**self.spec, "path": spec.path}) == spec

    def part(self, name: str) -> Part:
        return self.train if name == "train" else self.test


def record_of(spec: DataSpec, images: Images | None, at: dict, train: ImageSet, test: ImageSet) -> DataRecord:
    """The record of a request that was loaded from images at these positions."""
    names = getattr(images, "names", ())
    parts = {part: Part(images="".join(map(digest_of, x)), names=tuple(names[i] for i in at[part]) if names else (),
                        at=() if images is None else tuple(int(i) for i in at[part])) for part, x in (("train", train.x), ("test", test.x))}
    return _record(spec, None if images is None else len(images), parts["train"], parts["test"])


def _record(spec: DataSpec, count: int | None, train: Part, test: Part, **more: bool) -> DataRecord:
    digest = hashlib.sha256(f"{train.images} {test.images}".encode()).hexdigest()
    return DataRecord(spec=spec.model_dump(mode="json", exclude={"path"}), count=count, digest=digest, train=train, test=test, **more)


def digest_of(image: np.ndarray) -> str:
    """What one image holds, in 16 letters.  uint8 (C, S, S)"""
    return hashlib.blake2b(np.ascontiguousarray(image).data, digest_size=DIGITS // 2).hexdigest()


def write_record(path: Path, record: DataRecord) -> None:
    write_atomic(path, record.model_dump_json())


def record_for(spec: DataSpec) -> DataRecord | None:
    """The record of a resolved request; None where it comes from no run, or from one that has none. DataError where it is damaged."""
    path = spec.record
    try:
        stat = path.stat() if path else None
    except FileNotFoundError:
        return None
    record = read_record(path, (stat.st_mtime_ns, stat.st_size, stat.st_ino)) if path else None
    return record if record and record.is_of(spec) else None


def pinned(spec: DataSpec) -> str:
    """What a run's request is pinned to, for whoever keeps what was worked out from its images; empty where it is not."""
    record = record_for(spec)
    return record.digest if record and record.is_pinned else ""


@lru_cache(maxsize=16)
def read_record(path: Path, _version: object = None) -> DataRecord:
    """The record in a file; DataError where it is damaged or of a later version."""
    try:
        record = DataRecord.model_validate_json(path.read_bytes())
        DataSpec(**record.spec)
    except (ValidationError, TypeError) as error:
        raise DataError(f"{path.parent.name}: {FILE} is not a record of its images ({str(error).splitlines()[0]})") from None
    parts = (record.train, record.test)
    if record.format != FORMAT or any(len(p.images) % DIGITS or len(p) == 0 or len(p) != n for p in parts for n in {len(p.names), len(p.at)} - {0}):
        raise DataError(f"{path.parent.name}: {FILE} is damaged, or of a later version of the lab")
    return record


def places(record: DataRecord, images: Images, at: dict[str, np.ndarray], path: Path) -> dict[str, np.ndarray]:
    """Where the recorded images lie now; at : where those of the request lie. DataChanged where they are not the same any more."""
    names = getattr(images, "names", ())
    if not record.is_pinned:
        now = {part: tuple(names[i] for i in at[part]) for part in at} if names else {}
        if record.count != len(images) or any(record.part(part).names not in ((), now[part]) for part in now):
            raise changed(_listing_faults(record, images), path)
        return at
    if not (record.train.names and names):
        if record.count != len(images):
            raise changed(_listing_faults(record, images), path)
        return {part: np.array(record.part(part).at) for part in at}
    where = {name: i for i, name in enumerate(names)}
    if gone := [name for part in at for name in record.part(part).names if name not in where]:
        raise changed([f"{len(gone)} are gone ({named(gone)})"], path)
    return {part: np.array([where[name] for name in record.part(part).names]) for part in at}


def verify(record: DataRecord, at: dict, where: np.ndarray, x: np.ndarray, path: Path) -> None:
    """DataChanged where images hold something else than they did; at : where those of each part lie, where : where these do."""
    known: dict[int, tuple[Part, int]] = {}
    for part in ("train", "test"):
        lie = at[part]
        here = [int(p) - lie.start for p in where if int(p) in lie] if isinstance(lie, range) else np.flatnonzero(np.isin(lie, where)).tolist()
        known |= {int(lie[i]): (record.part(part), i) for i in here}
    kept = [known[int(place)] for place in where]
    if other := [part.name(i) for (part, i), image in zip(kept, x, strict=True) if part.digest(i) != digest_of(image)]:
        raise changed([f"{len(other)} {'holds' if len(other) == 1 else 'hold'} another picture ({named(other)})"], path)


def same_of(record: DataRecord, spec: DataSpec, images: Images | None, path: Path) -> DataRecord:
    """The record pinned to those of its images that are still there, whatever they are called now. DataChanged where none is."""
    if images is None:
        raise DataError(f"{path.parent.name}: {spec.name} is drawn otherwise in this version of the lab, and none of its images is the same. "
                        "Train a new run")
    names, there = getattr(images, "names", ()), {}
    for start in range(0, len(images), AT_ONCE):
        index = np.arange(start, min(start + AT_ONCE, len(images)))
        for i, image in zip(index, images.take(index).x, strict=True):
            there.setdefault(digest_of(image), []).append(int(i))
    is_one = record.train == record.test   # a single image is both
    train = _found(record.train, there, names)
    test = train if is_one else _found(record.test, there, names)
    if not len(train) or not len(test):
        which = "the images it was trained on" if not len(train) else "the images it holds out"
        raise DataError(f"{path.parent.name}: none of {which} is there any more, so that it cannot go on. Put them back, or train a new run")
    return _record(spec, len(images), train, test, is_pinned=True)


def _found(part: Part, there: dict[str, list[int]], names: tuple[str, ...]) -> Part:
    """Those of a part that are there, each taken out of what is left for others; of several alike the one of the same name first."""
    kept = []
    for i in range(len(part)):
        if left := there.get(part.digest(i)):
            chosen = next((p for p in left if names and part.names and names[p] == part.names[i]), left[0])
            left.remove(chosen)
            kept.append((part.digest(i), chosen))
    return Part(images="".join(digest for digest, _ in kept), names=tuple(names[p] for _, p in kept) if names else (), at=tuple(p for _, p in kept))


def changed(faults: list[str], path: Path) -> DataChanged:
    run_id = path.parent.name
    return DataChanged(f"{run_id}: its images are not those that it was trained on: {'; '.join(faults)}. Put them back as they were, or {GO_ON}: "
                       f"`python -m genlab same-images {shlex.quote(run_id)}`", path)


def _listing_faults(record: DataRecord, images: Images) -> list[str]:
    names, known = getattr(images, "names", ()), {*record.train.names, *record.test.names}
    faults = []
    if names and known:
        if gone := sorted(known - set(names)):
            faults.append(f"{len(gone)} {'is' if len(gone) == 1 else 'are'} gone ({named(gone)})")
        if len(known) == record.count and (new := [name for name in names if name not in known]):
            faults.append(f"{len(new)} {'is' if len(new) == 1 else 'are'} new ({named(new)})")
    return faults or [f"there were {record.count}, and there are {len(images)}" if record.count != len(images) else "they come in another order"]
