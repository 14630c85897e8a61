"""What a metric is called, its unit and how to read it: written here once, for charts, cards and tables in Python and in the browser."""

from dataclasses import dataclass
from typing import Literal

NATS = "nats per image"


@dataclass(frozen=True)
class Metric:
    """A number that training reports.

    better : which way is better, empty where neither is; reading : one short clause that says what the number tells
    is_drawn : whether it gets a curve of its own where others say more
    """

    title: str
    unit: str = ""
    better: Literal["higher", "lower", ""] = ""
    reading: str = ""
    is_drawn: bool = True


RECON = Metric("Reconstruction loss", NATS, "lower", "lower is better")
KL = Metric("KL to the prior", NATS, "", "what a code may say")
ELBO = Metric("ELBO", NATS, "higher", "higher is better")
MSE = Metric("Squared error", "per pixel", "lower", "lower is better")
LOSS = Metric("Loss", NATS, "lower", "lower is better", is_drawn=False)
SIGMA = Metric("Decoder sigma", "grey levels of 1", "", "the spread of a pixel around its reconstruction", is_drawn=False)

GAME: dict[str, Metric] = {
    "loss_D": Metric("Loss of D", "", "", "low where D tells real images from made ones"),
    "loss_G": Metric("Loss of G", "", "", "it says how G does against D, not how good the images are"),
    "acc_real": Metric("Real images taken for real", "of all", "", "D guesses at a half and wins at 1"),
    "acc_fake": Metric("Made images seen through", "of all", "", "D guesses at a half and wins at 1"),
    "score_real": Metric("Score of real images", "mean output of D", "", "apart from the made ones where D wins"),
    "score_fake": Metric("Score of made images", "mean output of D", "", "near the real ones where G wins"),
    "grad_G": Metric("Gradient of G", "norm", "", "near 0 G learns nothing"),
    "grad_D": Metric("Gradient of D", "norm", "", "large where D changes fast"),
    "gp": Metric("Gradient penalty", "mean of (slope - 1) squared", "lower", "0 where D rises by 1 for each unit of distance"),
    "r1": Metric("R1", "half the squared slope", "", "how steep D is at real images"),
    "loss": Metric("Loss", "of D and G together", "", "", is_drawn=False),
}
"""What a game of D and G reports."""

SAMPLES: dict[str, Metric] = {
    "kid": Metric("KID", "of samples to held-out images", "lower", "lower is better"),
    "coverage": Metric("Coverage", "of held-out images", "higher", "how many have a sample close by"),
    "precision": Metric("Precision", "of samples", "higher", "how many look like some held-out image"),
    "recall": Metric("Recall", "of held-out images", "higher", "how many look like some sample"),
    "kid_low": Metric("KID, lower end", is_drawn=False),
    "kid_high": Metric("KID, upper end", is_drawn=False),
    "kid_choice": Metric("KID to the images that the best step is chosen by", is_drawn=False),
}
"""What is measured of samples while a run trains."""
