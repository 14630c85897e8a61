"""Where numba keeps the code that it compiles for UMAP, so that only the first map waits for it."""

import os
from importlib.util import find_spec
from pathlib import Path

from genlab.paths import nearest, private_dir


def keep_compiled() -> None:
    """Name numba a folder, before umap is imported, where it could write neither beside umap nor where NUMBA_CACHE_DIR says.

    Without one the import fails: the lab may belong to another user, and its user may have no home. What is kept there runs when it
    is read, so nobody else may write in it.
    """
    named = os.environ.get("NUMBA_CACHE_DIR")
    if named and _is_writable(Path(named)) or all(_is_writable(_beside(package)) for package in ("umap", "pynndescent")):
        return
    os.environ["NUMBA_CACHE_DIR"] = str(private_dir("compiled"))


def _beside(package: str) -> Path:
    return Path(find_spec(package).origin).parent / "__pycache__"


def _is_writable(folder: Path) -> bool:
    return os.access(nearest(folder.absolute()), os.W_OK | os.X_OK)
