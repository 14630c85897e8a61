"""What a model's samples are worth while it trains: a quick look, with the same latents and the same held-out images each time."""

import numpy as np
import torch

from genlab.errors import LabError
from genlab.evaluation.features import feature_space
from genlab.evaluation.kernels import FEWEST as FEWEST_KID
from genlab.evaluation.kernels import kid
from genlab.evaluation.manifold import FEWEST as FEWEST_OVERLAP
from genlab.evaluation.manifold import overlap
from genlab.models import GenerativeModel
from genlab.runs.best import Look, N
from genlab.training import TrainPlan
from genlab.training.batches import to_uint8

AT_ONCE = 100   # images in a forward pass


def open_look(plan: TrainPlan, held_out: np.ndarray) -> tuple[Look, str]:
    """KID with its interval, precision, recall and coverage of 1 000 samples, and a sentence that says against what.

    Raises LabError where the images have no feature space (the judge is missing, too few images are held out).
    """
    if len(held_out) < FEWEST_KID:
        raise LabError(f"{len(held_out)} images are held out; at least {FEWEST_KID} are needed to compare samples with")
    space = feature_space(plan.data, held_out)
    real = space.of(held_out[:N])
    n = min(len(real), N)

    def look(model: GenerativeModel) -> dict[str, float]:
        fake = space.of(samples(model, plan.seed))
        found = kid(fake, real)
        metrics = {"kid": found.value, "kid_low": found.low, "kid_high": found.high}
        if n >= FEWEST_OVERLAP:
            shared = overlap(fake[:n], real)
            metrics |= {name: getattr(shared, name).value for name in ("precision", "recall", "coverage")}
        return metrics

    rest = "" if n >= FEWEST_OVERLAP else f" Coverage needs {FEWEST_OVERLAP} held-out images."
    return look, f"KID of {N} samples against {n} held-out images in {space.about}.{rest}"


@torch.inference_mode()
def samples(model: GenerativeModel, seed: int, n: int = N) -> np.ndarray:
    """The pictures of n draws of the prior, the same draws each time.  -> uint8 (n, C, S, S); LabError where one is not finite."""
    z = model.sample(n, torch.Generator().manual_seed(seed + 4))   # + 1 to + 3 are the training's, the held-out metrics' and the pictures' noise
    x = torch.cat([model.decode(part) for part in z.split(AT_ONCE)])
    if bad := int((~x.isfinite().flatten(1).all(1)).sum()):
        raise LabError(f"{bad} of {n} samples hold NaN or infinity")
    return to_uint8(x)
