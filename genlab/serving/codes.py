"""What a run makes of its own held-out images: their codes, and what those say about its latent space."""

import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlab.data import Attribute
from genlab.errors import LabError
from genlab.latent.statistics import LatentStatistics, latent_statistics
from genlab.runs import find_run
from genlab.serving.images import IMAGES, ImageCache
from genlab.serving.models import MODELS, NEWEST, ModelCache

MOST = 1000      # images; a thousand fix a mean and a spread to 3 %
AT_ONCE = 64     # images in a forward pass
KEPT = 16        # runs and steps


@dataclass(frozen=True)
class Codes:
    """Codes of the first N held-out images of a run, in their order.

    mu : float32 (N, D); logvar : the same, None for a model without a spread
    attributes : float32 (N, K), with info about each column
    """

    run_id: str
    step: int
    mu: np.ndarray
    logvar: np.ndarray | None
    attributes: np.ndarray
    info: tuple[Attribute, ...]

    @cached_property
    def statistics(self) -> LatentStatistics:
        return latent_statistics(self.mu, self.logvar)


class CodesCache:
    """Codes by run and step, the last few kept."""

    def __init__(self, models: ModelCache = MODELS, images: ImageCache = IMAGES):
        self.models, self.images = models, images
        self._codes: OrderedDict[tuple[str, int], Codes] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, run_id: str, step: int = NEWEST) -> Codes:
        """Codes of a run at a step, or by its newest weights; takes a second or two the first time.

        Raises LabError where the run or its data is not there, or the model has no encoder.
        """
        model = self.models.get(run_id, step, exact=True)
        with self._turn:   # one at a time: it takes a core
            key = (run_id, model.step)
            if key not in self._codes:
                spec = find_run(run_id).plan.data
                n = min(MOST, len(self.images.open(spec).at["test"]))
                if n < 2:
                    raise LabError(f"{run_id}: it holds out {n} image; two at least are needed to measure its latent space")
                images = self.images.take(spec, "test", list(range(n)))
                parts = [model.posterior(images.x[i : i + AT_ONCE]) for i in range(0, n, AT_ONCE)]
                mu, logvar = (None if part[0] is None else np.concatenate(part) for part in zip(*parts, strict=True))
                self._codes[key] = Codes(run_id, model.step, mu, logvar, images.attributes, images.attribute_info)
            self._codes.move_to_end(key)
            while len(self._codes) > KEPT:
                self._codes.popitem(last=False)
            return self._codes[key]


CODES = CodesCache()
"""The server's own, shared by the pages."""
