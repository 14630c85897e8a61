"""How a dataset's files get here; where they are looked for is in genlab.data.here."""

import hashlib
import http.client
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from genlab import paths
from genlab.data.base import Progress
from genlab.errors import DataError
from genlab.files import replacing

TIMEOUT_S = 30
CHUNK_BYTES = 1 << 18


@dataclass(frozen=True)
class Remote:
    """One file to download: its name, the addresses to try in turn, and the MD5 that its publisher states."""

    file: str
    urls: tuple[str, ...]
    md5: str


def download(name: str, remotes: Sequence[Remote], place: str, progress: Progress) -> None:
    """Fetch these files into data_dir()/place, each checked before it gets its name.

    Raises DataError, which says where to put the files by hand, where no address gives a file with the right MD5.
    """
    folder = paths.data_dir() / place
    folder.mkdir(parents=True, exist_ok=True)
    for i, remote in enumerate(remotes):
        faults = []
        for url in remote.urls:
            try:
                fetch_one(url, folder / remote.file, remote.md5, lambda share, what, i=i: progress((i + share) / len(remotes), what))
                break
            except (OSError, http.client.HTTPException, ValueError) as error:   # a full disk is a LabError by now, and passes
                faults.append(f"{url}: {error}")
        else:
            raise DataError(
                f"{name}: {remote.file} could not be downloaded ({'; '.join(faults)}). Try again with a network, or put it into {folder} by hand"
            )
    progress(1.0, f"{name} is here")


def fetch_one(url: str, path: Path, md5: str, progress: Progress) -> None:
    """Stream one file to its place; ValueError if what came is not what its publisher states."""
    digest, done = hashlib.md5(usedforsecurity=False), 0
    request = urllib.request.Request(url, headers={"User-Agent": "genlab"})
    with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response, replacing(path) as part, part.open("wb") as out:
        total = int(response.headers.get("Content-Length") or 0)
        while chunk := response.read(CHUNK_BYTES):
            out.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            progress(min(done / total, 1.0) if total else 0.0, f"{path.name}, {done / 1e6:.1f} of {total / 1e6:.1f} MB")
        if digest.hexdigest() != md5:
            raise ValueError(f"{done} bytes came, with MD5 {digest.hexdigest()}; {md5} is needed")
