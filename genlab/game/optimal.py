"""Two Gaussians on a line, real N(0, sigma^2) and fake N(d, sigma^2), and the best D there is: what JS, KL, W1 and each loss make of d."""

from dataclasses import dataclass

import numpy as np

from genlab.errors import ConfigError

FARTHEST, STEP = 6.0, 0.05
WIDE, POINTS = 8.0, 4001   # of the integrals: standard deviations beyond both means, and points


@dataclass(frozen=True)
class Apart:
    """Over distances d, (N,): js, kl in nats, w1 in units of the line; pushes by G's loss: how the fake at its mean is pushed toward the data."""

    d: np.ndarray
    js: np.ndarray
    kl: np.ndarray
    w1: np.ndarray
    pushes: dict[str, np.ndarray]


def apart(sigma: float) -> Apart:
    """Everything at distances from 0 to FARTHEST. ConfigError for a sigma that is not between 0.05 and 2."""
    if not 0.05 <= sigma <= 2:
        raise ConfigError(f"sigma is {sigma}; 0.05 to 2 is allowed")
    d = np.arange(round(FARTHEST / STEP) + 1) * STEP
    return Apart(d, np.array([js(v, sigma) for v in d]), d**2 / (2 * sigma**2), d.copy(), pushes(d, d, sigma))


def logit(x: np.ndarray, d: np.ndarray | float, sigma: float) -> np.ndarray:
    """log p_real(x) / p_fake(x), the logit of the best D = p_real / (p_real + p_fake): Goodfellow et al. 2014 (arXiv 1406.2661), equation 2."""
    return (d**2 - 2 * x * d) / (2 * sigma**2)


def js(d: float, sigma: float) -> float:
    """Jensen-Shannon divergence in nats, as an integral: (E_real log 2D + E_fake log 2(1 - D)) / 2."""
    x = np.linspace(-WIDE * sigma, d + WIDE * sigma, POINTS)
    real, fake = _normal(x, 0, sigma), _normal(x, d, sigma)
    a = logit(x, d, sigma)
    return float(np.trapezoid(real * (np.log(2) - np.logaddexp(0, -a)) + fake * (np.log(2) - np.logaddexp(0, a)), x) / 2)


def pushes(x: np.ndarray, d: np.ndarray | float, sigma: float) -> dict[str, np.ndarray]:
    """Minus the derivative of each of G's losses by the place x of a fake, toward the data, under the best D.

    With l = logit and l' = -d / sigma^2: minimax D l', non-saturating (1 - D) l', least squares D (1 - D)^2 l', for its best D is the same;
    a best Wasserstein critic falls by 1 per unit all the way.
    """
    a = logit(x, d, sigma)
    slope = np.broadcast_to(np.asarray(d, float) / sigma**2, np.shape(a))
    D, not_D = np.exp(-np.logaddexp(0, -a)), np.exp(-np.logaddexp(0, a))
    return {"minimax": D * slope, "non-saturating": not_D * slope, "lsgan": D * not_D**2 * slope, "wgan": np.sign(slope)}


def _normal(x: np.ndarray, mean: float, sigma: float) -> np.ndarray:
    return np.exp(-((x - mean) ** 2) / (2 * sigma**2)) / (sigma * np.sqrt(2 * np.pi))
