"""CelebA: 202 599 photographs of faces with 40 binary attributes each, read from its own layout on disk.

Source: Z. Liu, P. Luo, X. Wang, X. Tang, Deep Learning Face Attributes in the Wild, 2015, arXiv:1411.7766. Its terms allow no copies,
so it is downloaded by hand, from mmlab.ie.cuhk.edu.hk/projects/CelebA.html.
list_attr_celeba.txt: the number of images; the names of the attributes; then a file name and one -1 or 1 for each attribute.
"""

import os
from pathlib import Path

import numpy as np

from genlab.data.base import Attribute, DataSpec, LazySet, Progress
from genlab.data.download import find, not_here
from genlab.data.picture import decode
from genlab.data.reading import read_stack
from genlab.data.resize import fit
from genlab.errors import DataError

PLACES = ("celeba", "CelebA", "")
LIST = "list_attr_celeba.txt"
IMAGES = ("img_align_celeba", "img_align_celeba/img_align_celeba")   # some unpackers make the second


def load(spec: DataSpec, progress: Progress) -> LazySet:
    """The listed images whose files are here, each cropped to its middle square; a file is opened when its image is taken."""
    found = _find()
    if found is None:
        raise not_here("celeba", f"{LIST} and the folder {IMAGES[0]}/", "celeba", can_fetch=False)
    folder, listed = found
    progress(0.0, f"reading {listed.name}")
    names, attributes, info = read_list(listed)
    here = set(os.listdir(folder))
    rows = np.array([i for i, name in enumerate(names) if name in here], dtype=np.int64)
    if len(rows) == 0:
        raise DataError(f"celeba: none of the {len(names)} files that {listed} names is in {folder}; unpack img_align_celeba.zip there")

    def read(index: np.ndarray) -> np.ndarray:
        return read_stack("celeba", lambda i: _read_one(folder / names[rows[index[i]]], spec), len(index), progress)

    return LazySet("celeba", read, attributes[rows], info)


def is_local() -> bool:
    """Whether the folder of images and the list of attributes are here."""
    return _find() is not None


def count() -> int | None:
    """How many images the list states; None where it is not here or states none."""
    if not (found := _find()):
        return None
    with open(found[1], encoding="ascii", errors="replace") as file:
        first = file.readline().strip()
    return int(first) if first.isdecimal() else None


def read_list(path: Path) -> tuple[list[str], np.ndarray, tuple[Attribute, ...]]:
    """File names, float32 attributes (N, K) of 0 and 1, and what they are called. DataError names the line that is wrong."""
    lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    rows = [line for line in lines[2:] if line.strip()]
    stated = lines[0].strip() if lines else ""
    if not rows or stated != str(len(rows)):
        raise DataError(f"{path}: its first line states {stated[:40]!r} images and {len(rows)} follow; put a whole copy in its place")
    names, info = [row.split(None, 1)[0] for row in rows], tuple(Attribute(name) for name in lines[1].split())
    try:
        signs = np.loadtxt(rows, usecols=range(1, 1 + len(info)), dtype=np.int8, ndmin=2)
    except ValueError as error:
        raise DataError(f"{path}: can't be read ({error}); put a whole copy in its place") from error
    if wrong := np.flatnonzero(~np.isin(signs, (-1, 1)).all(axis=1)).tolist():
        raise DataError(f"{path}: line {wrong[0] + 3} holds a value other than -1 and 1")
    return names, (signs > 0).astype(np.float32), info


def _find() -> tuple[Path, Path] | None:
    folder, listed = find(PLACES, IMAGES[::-1]), find(PLACES, [LIST, f"Anno/{LIST}"])
    return (folder, listed) if folder and listed else None


def _read_one(path: Path, spec: DataSpec) -> np.ndarray:
    try:
        return fit(decode(path), spec.size, spec.channels)
    except DataError as error:
        raise DataError(f"{path.name} {error}") from error
