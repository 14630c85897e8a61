"""1 797 real handwritten digits, 8x8, shipped inside scikit-learn: the dataset that needs no download.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI repository, 1998.
"""

import importlib.util
from pathlib import Path

import numpy as np

from genlab.data.base import Attribute, DataSpec, ImageSet, Progress
from genlab.data.resize import fit_all

DIGIT = Attribute("digit", "categorical", 0, 9, tuple("0123456789"))


def load(spec: DataSpec, progress: Progress) -> ImageSet:
    """All 1 797 digits with their class, enlarged from 8x8 to the asked size."""
    # its file is read here, without scikit-learn's loader, whose import takes a second and 144 MB in every process that trains
    table = Path(importlib.util.find_spec("sklearn").origin).parent / "datasets" / "data" / "digits.csv.gz"
    rows = np.loadtxt(table, delimiter=",", dtype=np.uint8)   # 64 grey levels from 0 to 16, and the digit
    x = np.rint(rows[:, :64].reshape(-1, 1, 8, 8) * (255 / 16)).astype(np.uint8)
    return ImageSet("digits", fit_all(x, spec.size, spec.channels), rows[:, 64:].astype(np.float32), (DIGIT,))
