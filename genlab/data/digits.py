"""1 797 real handwritten digits, 8x8, shipped inside scikit-learn: the dataset that needs no download.

Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI repository, 1998.
"""

import numpy as np

from genlab.data.base import Attribute, DataSpec, ImageSet, Progress
from genlab.data.resize import fit_all

DIGIT = Attribute("digit", "categorical", 0, 9, tuple("0123456789"))


def load(spec: DataSpec, progress: Progress) -> ImageSet:
    """All 1 797 digits with their class, enlarged from 8x8 to the asked size."""
    from sklearn.datasets import load_digits   # a second to import: only where it is used

    images, labels = load_digits(return_X_y=True)
    x = np.rint(images.reshape(-1, 1, 8, 8) * (255 / 16)).astype(np.uint8)
    return ImageSet("digits", fit_all(x, spec.size, spec.channels), labels[:, None].astype(np.float32), (DIGIT,))
