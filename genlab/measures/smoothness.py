"""How evenly pictures change along a path: the distance from each frame to the next."""

from dataclasses import dataclass

import numpy as np

from genlab.errors import DataError, RunError
from genlab.judge.judge import load_judge
from genlab.latent.paths import step_lengths

FEATURES, PIXELS = "σ of the judge's features", "grey levels"
UNRELATED = 2**0.5   # between two draws of features that each have mean 0 and variance 1


@dataclass(frozen=True)
class Smoothness:
    """steps : (T - 1,) or, of a loop, (T,) distances; unit : of them; note : why they are not in the judge's features, "" where they are"""

    steps: np.ndarray
    unit: str
    note: str = ""

    @property
    def mean(self) -> float:
        return float(self.steps.mean())

    @property
    def largest(self) -> float:
        return float(self.steps.max())

    @property
    def unevenness(self) -> float:
        """Largest step by mean step: 1 where all are equal, the number of steps where one jump is all; 1 where nothing moves."""
        return self.largest / self.mean if self.mean > 0 else 1.0


def smoothness(frames: np.ndarray, dataset: str, *, closed: bool = False) -> Smoothness:
    """Distances between neighbouring frames, on a loop also from the last to the first.  uint8 (T, H, W, C), T at least 2

    For drawn faces in the judge's features: root mean square over features that vary by 1 over real faces, so that two
    unrelated ones lie sqrt(2) apart. For anything else, or where the judge is missing, in pixels: root mean square in grey
    levels of 255.
    """
    note = ""
    try:
        points, unit = load_judge(dataset).features(np.ascontiguousarray(frames.transpose(0, 3, 1, 2))), FEATURES
    except (DataError, RunError) as error:
        points, unit = frames.reshape(len(frames), -1).astype(np.float32), PIXELS
        note = str(error) if isinstance(error, RunError) else ""
    points = np.concatenate([points, points[:1]]) if closed else points
    return Smoothness(step_lengths(points) / np.sqrt(points.shape[1]), unit, note)
