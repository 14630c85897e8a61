"""Latents of a run with what is known about each: codes of its images, or, where it cannot encode, draws that are read after the fact."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from genlab.data import Attribute
from genlab.data.record import pinned
from genlab.errors import LabError
from genlab.judge.reader import reader_of
from genlab.latent.statistics import LatentStatistics, latent_statistics
from genlab.lens.images import IMAGES, ImageCache
from genlab.lens.judged import Judged, Near, read_latents
from genlab.lens.models import MODELS, NEWEST, ModelCache, ServedModel
from genlab.models import find_model
from genlab.runs import Run, find_run

MOST = 1000      # images; a thousand fix a mean and a spread to 3 %
DRAWN = 4000     # draws of a model that cannot encode: three with each pair of attributes that a sum names, and some to choose from
SEED = 0         # of these draws
AT_ONCE = 64     # images in a forward pass
KEPT = 16        # runs and steps


@dataclass(frozen=True)
class Codes:
    """Codes of the first N images seen of a run (genlab.data.opened); or, is_drawn, N draws from the prior of a model that cannot encode.

    mu : float32 (N, D); logvar : the same, None for a model without a spread
    info : what is known of each, a column of attributes, (N, K), each; why_unknown : why that is nothing, empty where it is something
    judged : the same, and of draws all else that was read from their pictures: seconds the first time
    images : what the images are called; few_words : that training images are among them, empty where they are not
    near : of draws the attributes that are read from the neighbours of those that are asked for
    """

    run_id: str
    step: int
    mu: np.ndarray
    logvar: np.ndarray | None
    info: tuple[Attribute, ...]
    known: Callable[[], Judged]
    known_near: Callable[[], Near] | None = None
    is_drawn: bool = False
    why_unknown: str = ""
    images: str = "held-out images"
    few_words: str = ""

    @cached_property
    def statistics(self) -> LatentStatistics:
        return latent_statistics(self.mu, self.logvar)

    @cached_property
    def judged(self) -> Judged:
        return self.known()

    @cached_property
    def near(self) -> Near:
        return self.known_near()

    @property
    def attributes(self) -> np.ndarray:
        return self.judged.attributes

    @property
    def of_what(self) -> str:
        """Whose codes they are, in words."""
        return "the run's samples" if self.is_drawn else f"the {self.images}"

    @property
    def is_read(self) -> bool:
        """Whether attributes are at hand."""
        return not self.is_drawn or "judged" in self.__dict__


class CodesCache:
    """Codes by run and step, the last few kept."""

    def __init__(self, models: ModelCache = MODELS, images: ImageCache = IMAGES):
        self.models, self.images = models, images
        self._codes: OrderedDict[tuple[str, int, str], Codes] = OrderedDict()
        self._turn = threading.Lock()

    def get(self, run_id: str, step: int = NEWEST) -> Codes:
        """Codes of a run at a step, or by its newest weights; takes a second or two the first time, draws none.

        Raises LabError where the run or its data is not there, or the model had an encoder and this step has not.
        """
        model = self.models.get(run_id, step, exact=True)
        with self._turn:   # one at a time: it takes a core
            run = find_run(run_id)
            key = (run_id, model.step, pinned(run.plan.data))
            if key not in self._codes:
                self._codes[key] = self._encoded(run, model) if find_model(run.plan.model).can_encode else _drawn(run, model)
            self._codes.move_to_end(key)
            while len(self._codes) > KEPT:
                self._codes.popitem(last=False)
            return self._codes[key]

    def _encoded(self, run: Run, model: ServedModel) -> Codes:
        spec = run.plan.data
        there = self.images.open(spec)
        n = min(MOST, len(there.at["seen"]))
        images = there.take("seen", list(range(n)))
        parts = [model.posterior(images.x[i : i + AT_ONCE]) for i in range(0, n, AT_ONCE)]
        mu, logvar = (None if part[0] is None else np.concatenate(part) for part in zip(*parts, strict=True))
        return Codes(run.id, model.step, mu, logvar, images.attribute_info, lambda: Judged(images.attribute_info, images.attributes),
                     images=there.seen_words, few_words=there.few_words)


def _drawn(run: Run, model: ServedModel) -> Codes:
    z = model.prior(DRAWN, SEED)
    try:
        info, why = reader_of(run.plan.data).info, ""
    except LabError as error:   # its latents can be moved all the same
        info, why = (), str(error)
    return Codes(run.id, model.step, z, None, info, lambda: read_latents(model, z) if info else Judged((), np.empty((len(z), 0), np.float32)),
                 lambda: Near(model, z), is_drawn=True, why_unknown=why)


CODES = CodesCache()
"""The server's own, shared by the pages."""
