"""How much fine detail images have: their power at high spatial frequencies.

R. Durall, M. Keuper, J. Keuper, "Watch your up-convolution", 2020, arXiv 2003.01826, section 3: the power spectrum over its radius tells generated
images from real ones. Blur takes power from its upper end, noise and checkerboards add to it.
"""

import numpy as np

from genlab.errors import LabError
from genlab.latent.arrays import in_parts
from genlab.latent.intervals import Estimate, by_jackknife

HIGH = 0.25      # cycles a pixel: half of the highest frequency that pixels can hold
FEWEST = 25
AT_ONCE = 500    # images transformed at once


def detail(x: np.ndarray) -> np.ndarray:
    """Power of each image at 0.25 cycles a pixel and above, in squared grey levels of 1 a pixel.  uint8 (N, C, S, S) -> (N,)"""
    return in_parts(_power, x, AT_ONCE)


def sharpness(fake: np.ndarray, real: np.ndarray, seed: int) -> Estimate:
    """Mean detail of the fakes over that of the reals, and its jackknife interval: 1 where they are as sharp, less where they are blurred.

    uint8 (N, C, S, S), (M, C, S, S); LabError for fewer than 25 of either or reals without any detail.
    """
    if min(len(fake), len(real)) < FEWEST:
        raise LabError(f"sharpness: {len(fake)} and {len(real)} images; at least {FEWEST} of both are needed")
    of_fake, of_real = detail(fake), detail(real)
    if not of_real.any():
        raise LabError("sharpness: the real images have no detail at all, so that nothing can be compared with it")
    return by_jackknife(lambda a, b: float(a.mean() / b.mean()), (of_fake, of_real), seed)


def _power(x: np.ndarray) -> np.ndarray:
    grey = x.mean(1, dtype=np.float64) / 255
    size = grey.shape[-1]
    spectrum = np.square(np.abs(np.fft.fft2(grey))) / size**4   # sums to the mean square of a pixel (Parseval)
    f = np.fft.fftfreq(size)
    return spectrum[:, np.hypot(f[:, None], f) >= HIGH].sum(1)
