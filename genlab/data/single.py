"""One picture of somebody's own, made as the images that a run was trained on."""

from pathlib import Path
from typing import BinaryIO

import numpy as np

from genlab.data.base import DataSpec
from genlab.data.picture import decode, inspect
from genlab.data.report import assumed
from genlab.data.resize import fit


def read_picture(file: Path | BinaryIO, spec: DataSpec) -> tuple[np.ndarray, str]:
    """A picture as images of this resolved spec are, uint8 (C, S, S), and what was assumed of its colours, "" for nothing.

    DataError where it is none.
    """
    header = inspect(file)
    x = fit(decode(file), spec.size, spec.channels, spec.fit)
    return np.array(x), "; ".join(assumed([header]))   # its own copy: torch warns of memory that cannot be written
