"""Where things live on disk. Every place can be moved by one environment variable."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def runs_dir() -> Path:
    """Folder of local runs, ignored by git: GENLAB_RUNS, or runs/ beside the package."""
    return Path(os.environ.get("GENLAB_RUNS", ROOT / "runs")).resolve()


def checkpoints_dir() -> Path:
    """Folder of shipped runs, read-only: GENLAB_CHECKPOINTS, or checkpoints/ beside the package."""
    return Path(os.environ.get("GENLAB_CHECKPOINTS", ROOT / "checkpoints")).resolve()


def data_dir() -> Path:
    """Folder that datasets are downloaded to and uploads are kept in: GENLAB_CACHE, or data/ beside the package."""
    return Path(os.environ.get("GENLAB_CACHE", ROOT / "data")).resolve()


def local_data_dirs() -> list[Path]:
    """Folders in which a dataset's files are looked for, in order: GENLAB_DATA (if set), then data_dir()."""
    named = os.environ.get("GENLAB_DATA")
    return ([Path(named).resolve()] if named else []) + [data_dir()]
