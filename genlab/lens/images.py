"""Images of datasets, kept open for whoever looks at a few of them: bounded by memory, the least recently used leave."""

import threading
from collections import OrderedDict

from genlab.data import DataSpec, ImageSet
from genlab.data.base import Images
from genlab.data.opened import Opened, opened, read_images
from genlab.data.record import DataChanged

BUDGET = 128 * 2**20   # bytes
MOST = 16              # datasets, those that stay on disk included
CHOICE = {"seed": 0, "n": None, "test_share": 0.1}   # what chooses among images already read


class ImageCache:
    """Datasets that were read, by what is read, whatever is chosen of it."""

    def __init__(self, budget: int = BUDGET):
        self.budget = budget
        self._read: OrderedDict[DataSpec, Images | None] = OrderedDict()
        self._lock = threading.Lock()
        self._reading = threading.Lock()

    def take(self, spec: DataSpec, part: str, index: list[int]) -> ImageSet:
        """Images of a part at these positions; DataError where they cannot be had."""
        return self.open(spec).take(part, index)

    def open(self, spec: DataSpec) -> Opened:
        """The choice of a spec, ready to be looked at; DataError where it cannot be had, or a run's images have changed."""
        key = spec.model_copy(update=CHOICE)
        try:
            return opened(spec, self._images(key))
        except DataChanged:   # a folder that was read before the run was trained
            with self._lock:
                self._read.pop(key, None)
            return opened(spec, self._images(key))

    def forget(self, path: str) -> None:
        """Let go of an upload or a folder, so that a deleted one is gone."""
        with self._lock:
            for spec in [spec for spec in self._read if spec.path == path]:
                del self._read[spec]

    @property
    def bytes(self) -> int:
        """Memory that all images at hand take."""
        return sum(images.x.nbytes for images in self._read.values() if isinstance(images, ImageSet))

    def _images(self, spec: DataSpec) -> Images | None:
        with self._lock:
            if spec in self._read:
                self._read.move_to_end(spec)
                return self._read[spec]
        with self._reading:   # one at a time: it takes both time and memory
            if spec not in self._read:
                images = read_images(spec)
                with self._lock:
                    self._read[spec] = images
                    while len(self._read) > 1 and (len(self._read) > MOST or self.bytes > self.budget):
                        self._read.popitem(last=False)
                return images
        return self._images(spec)


IMAGES = ImageCache()
"""The server's own, shared by thumbnails and pages."""
