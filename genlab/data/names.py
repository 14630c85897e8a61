"""Names that join pictures to labels: one key for both sides, however each of them was written.

A name is tried as it stands; then with slashes, accents and spaces unified; then without regard to capitals, quotes and dashes; then
without the suffix. The first that fits decides, and what fits several pictures fits none.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from posixpath import splitext

from genlab.data.picture import SUFFIXES

MAX_PARTS = 8      # parts of a path that a shorter or longer one is compared with
MAX_SHARED = 1000  # pictures of one name among which the one below the table's folder is looked for
ENCODINGS = ("cp437", "cp850", "cp1252", "cp866", "cp932")   # of names that are not UTF-8: DOS, Windows, Russian and Japanese Windows
ALIKE = str.maketrans(dict.fromkeys("‘’‚‛ʼ`´", "'") | dict.fromkeys("“”„‟", '"') | dict.fromkeys("‐‑‒–—−", "-"))
SIMPLE = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)*", re.ASCII)   # a path that is plain as it stands
Rank = tuple[int, int]
"""How surely a name fits: which key, then how much of the path. The smaller, the surer."""


def printable(name: str) -> str:
    """A file's name as it is shown and stored: no control characters, no unusual spaces, at most 200 characters."""
    return "".join(c if c.isprintable() else " " if unicodedata.category(c) == "Zs" else "?" for c in name)[-200:]


def decoded(raw: bytes, first: str) -> tuple[str, tuple[str, ...]]:
    """A file's name from its bytes, and its readings where they are not UTF-8: in `first`, then in other encodings it may be in."""
    readings = []
    for encoding in ("utf-8", first, *ENCODINGS):
        try:
            readings.append(raw.decode(encoding))
        except UnicodeDecodeError:
            continue
        if encoding == "utf-8":
            return readings[0], ()
    return (readings[0], tuple(dict.fromkeys(readings))) if readings else (raw.decode("latin-1"), ())


def plain(name: str) -> str:
    """A path with / between its parts, composed accents, single plain spaces, nothing invisible, and . and .. worked out."""
    if SIMPLE.fullmatch(name):
        return name
    if not (name.isascii() and name.isprintable()):
        name = unicodedata.normalize("NFC", "".join(map(_visible, name)))
    parts: list[str] = []
    for part in name.replace("\\", "/").split("/"):
        part = re.sub("  +", " ", part).strip()
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _visible(letter: str) -> str:
    """A letter; a plain space for any other space, nothing for what has no width."""
    if letter.isspace():
        return " "
    return "" if unicodedata.category(letter) in ("Cc", "Cf") else letter


def alike(name: str) -> str:
    """A plain path without regard to capitals, and to how quotes, dashes and wide letters are typed."""
    text = plain(name)
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(ALIKE)


def bare(name: str) -> str:
    """The same without a picture's suffix."""
    text = alike(name)
    stem, suffix = splitext(text)
    while suffix in SUFFIXES:
        text = stem
        stem, suffix = splitext(text)
    return text


KEYS: tuple[Callable[[str], str], ...] = (str, plain, alike, bare)
SURE = 2   # the last of them that looks at the whole name


class Names:
    """Pictures by name. One whose encoding is not known has several readings."""

    def __init__(self, names: Sequence[str], readings: Sequence[tuple[str, ...]] = ()):
        self._has_any = len(names) > 0
        self._indices = [_Index(list(enumerate(names)), key) for key in KEYS]
        if others := [(i, reading) for i, several in enumerate(readings) for reading in several]:
            self._indices += [_Index(others, key) for key in KEYS[1:]]

    def find(self, name: str, beside: str = "") -> tuple[Rank, list[int]]:
        """How surely a name fits, and where: no positions where it fits nothing, several where it is shared.

        beside : the folder of the table that the name stands in, from where it is looked for first
        """
        for at, index in enumerate(self._indices if self._has_any else ()):
            scope, positions = index.find(name, beside)
            if positions:
                return (at, scope), positions
        return (len(self._indices), 0), []

    def elsewhere(self, name: str) -> list[int]:
        """Pictures of the same last part, in whatever folder."""
        return self._indices[SURE].of_last_part(name)


class _Index:
    """Where each name is under one key."""

    def __init__(self, names: Sequence[tuple[int, str]], key: Callable[[str], str]):
        self._names, self._key = names, key

    def find(self, name: str, beside: str) -> tuple[int, list[int]]:
        path = self._key(name)
        if not path:
            return 0, []
        if found := self._whole.get(self._key(f"{beside}/{name}" if beside else name)) or self._whole.get(path):
            return 0, found
        if self._key is str:   # a name just as it stands is a whole one
            return 0, []
        if found := self._tails.get(path):
            near = self._below(self._key(beside), found)
            return (1, near) if near else (2, found)
        parts = path.split("/")[-MAX_PARTS:]
        for start in range(1, len(parts)):   # a table may name more folders than came along
            if found := self._whole.get("/".join(parts[start:])):
                return 3, found
        return 0, []

    def of_last_part(self, name: str) -> list[int]:
        return self._tails.get(self._key(name).rsplit("/", 1)[-1], [])

    def _below(self, folder: str, positions: list[int]) -> list[int]:
        if not folder or not 1 < len(positions) <= MAX_SHARED:
            return []
        return [i for i in positions if any(path.startswith(folder + "/") for path in self._paths[i])]

    @cached_property
    def _paths(self) -> dict[int, list[str]]:
        paths: dict[int, list[str]] = {}
        for i, name in self._names:
            paths.setdefault(i, []).append(self._key(name))
        return paths

    @cached_property
    def _whole(self) -> dict[str, list[int]]:
        return _by_text((path, i) for i, paths in self._paths.items() for path in paths)

    @cached_property
    def _tails(self) -> dict[str, list[int]]:
        return _by_text((tail, i) for i, paths in self._paths.items() for path in paths for tail in _tails(path))


def _tails(path: str) -> list[str]:
    parts = path.split("/")[-MAX_PARTS:]
    return ["/".join(parts[start:]) for start in range(len(parts))]


def _by_text(pairs: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for text, i in pairs:
        positions = found.setdefault(text, [])
        if not positions or positions[-1] != i:   # two readings of one name may be alike
            positions.append(i)
    return found
