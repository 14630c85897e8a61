"""Fine detail: known power of waves, what blur and noise do to it, and how varied samples are."""

import numpy as np
import pytest

from genlab.errors import LabError
from genlab.measures.manifold import diversity
from genlab.measures.spectrum import detail, sharpness


def waves(cycles: float, n: int = 30, size: int = 32, seed: int = 0) -> np.ndarray:
    """Upright waves of so many cycles a pixel, amplitude 100, each at a phase of its own."""
    phase = np.random.default_rng(seed).uniform(0, 2 * np.pi, (n, 1, 1, 1))
    x = 128 + 100 * np.sin(2 * np.pi * cycles * np.arange(size) + phase)
    return np.broadcast_to(x.round(), (n, 1, size, size)).astype(np.uint8)


def test_a_fine_wave_has_the_power_of_a_sine_and_a_coarse_one_has_none():
    np.testing.assert_allclose(detail(waves(3 / 8)), 0.5 * (100 / 255) ** 2, rtol=0.01)
    assert detail(waves(1 / 16)).max() < 1e-4


def test_blur_takes_detail_and_noise_adds_some():
    rng = np.random.default_rng(1)
    real = rng.integers(0, 256, (60, 3, 32, 32)).astype(np.uint8)
    blurred = ((real.astype(float) + np.roll(real, 1, 3) + np.roll(real, 1, 2) + np.roll(real, (1, 1), (2, 3))) / 4).astype(np.uint8)
    assert sharpness(real, real, 0).value == 1 and sharpness(blurred, real, 0).value < 0.3
    smooth = waves(1 / 16, 60)
    found = sharpness(np.clip(smooth + rng.normal(0, 20, smooth.shape), 0, 255).astype(np.uint8), waves(3 / 8, 60), 0)
    assert 0.01 < found.low < found.value < found.high < 0.2


def test_too_few_images_and_flat_ones_are_refused():
    with pytest.raises(LabError, match="at least 25"):
        sharpness(waves(0.25, 24), waves(0.25, 30), 0)
    with pytest.raises(LabError, match="no detail at all"):
        sharpness(waves(3 / 8), np.full((30, 1, 32, 32), 7, np.uint8), 0)


def test_diversity_is_the_ratio_of_variances_and_nothing_where_all_is_one():
    rng = np.random.default_rng(2)
    real = rng.standard_normal((400, 6))
    assert diversity(0.5 * real, real, 0).value == pytest.approx(0.25) and diversity(np.ones((60, 6)), real, 0).value == 0
    found = diversity(rng.standard_normal((400, 6)), real, 0)
    assert found.low < 1 < found.high
    with pytest.raises(LabError, match="all real images are the same"):
        diversity(real, np.ones((60, 6)), 0)
