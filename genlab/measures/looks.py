"""What a model's samples are worth while it trains: a quick look, with the same latents and the same held-out images each time."""

import numpy as np
import torch

from genlab.errors import LabError
from genlab.judge.features import feature_space
from genlab.measures.kernels import FEWEST as FEWEST_KID
from genlab.measures.kernels import kid
from genlab.measures.manifold import FEWEST as FEWEST_OVERLAP
from genlab.measures.manifold import overlap
from genlab.models import GenerativeModel
from genlab.runs.best import Look, N, chosen_by
from genlab.training import TrainPlan
from genlab.training.batches import to_uint8

AT_ONCE = 100             # images in a forward pass
CHOOSING, REPORTING = 4, 5   # added to a run's seed; 1 to 3 are the training's, the held-out metrics' and the pictures' noise


def open_look(plan: TrainPlan, held_out: np.ndarray) -> tuple[Look, str]:
    """KID with its interval, precision, recall and coverage of 1 000 samples, and a sentence that says against what.

    kid_choice is the KID of other samples against other held-out images: what the best step is chosen by, so that the others are not.
    Raises LabError where the images have no feature space (the judge is missing, too few images are held out).
    """
    if len(held_out) < 2 * FEWEST_KID:
        raise LabError(f"{len(held_out)} images are held out; at least {2 * FEWEST_KID} are needed to compare samples with, half of them to choose "
                       "the best step by")
    space = feature_space(plan.data, held_out)
    chosen = chosen_by(len(held_out))
    choosing, real = space.of(held_out[:chosen]), space.of(held_out[chosen : chosen + N])
    n = len(real)

    def look(model: GenerativeModel) -> dict[str, float]:
        fake = space.of(samples(model, plan.seed, noise=REPORTING))
        found = kid(fake, real)
        metrics = {"kid": found.value, "kid_low": found.low, "kid_high": found.high,
                   "kid_choice": kid(space.of(samples(model, plan.seed)), choosing).value}
        if n >= FEWEST_OVERLAP:
            shared = overlap(fake[:n], real)
            metrics |= {name: getattr(shared, name).value for name in ("precision", "recall", "coverage")}
        return metrics

    rest = "" if n >= FEWEST_OVERLAP else f" Coverage needs {2 * FEWEST_OVERLAP} held-out images."
    return look, f"KID of {N} samples against {n} held-out images in {space.about}; the best step is chosen by {chosen} others.{rest}"


@torch.inference_mode()
def samples(model: GenerativeModel, seed: int, n: int = N, *, noise: int = CHOOSING) -> np.ndarray:
    """The pictures of n draws of the prior, the same draws each time.  -> uint8 (n, C, S, S); LabError where one is not finite."""
    z = model.sample(n, torch.Generator().manual_seed(seed + noise))
    x = torch.cat([model.decode(part) for part in z.split(AT_ONCE)])
    if bad := int((~x.isfinite().flatten(1).all(1)).sum()):
        raise LabError(f"{bad} of {n} samples hold NaN or infinity")
    return to_uint8(x)
