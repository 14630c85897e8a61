"""Gradients that vanish: measured on small networks, and exact for two Gaussians with the best D."""

import math

import numpy as np
import pytest
import torch

from genlab.errors import ConfigError
from genlab.game import Game, GameConfig
from genlab.game.optimal import apart, js, logit, pushes
from genlab.game.vanishing import COMPARED, SHOWN, ahead, config, gradient_of_G, start
from genlab.objectives import adversarial


def test_minimax_vanishes_as_d_gets_ahead_and_the_others_do_not():
    first, *_, last = ahead("ring", 0, steps=(30, 100, 300))
    assert first.n == 30 and last.n == 300 and set(last.norms) == set(COMPARED)
    assert last.norms["minimax"] < 0.05 * first.norms["minimax"] and last.accuracy == (1.0, 1.0) and last.D_fake < 0.01
    assert last.norms["non-saturating"] > first.norms["non-saturating"] and last.norms["wgan-gp"] > 0.5 * first.norms["wgan-gp"]
    assert all(m.arrows["minimax"].shape == (SHOWN, 2) and m.heats["lsgan"].dtype == np.uint8 for m in (first, last))
    assert np.abs(last.arrows["minimax"]).mean() < 0.05 * np.abs(last.arrows["non-saturating"]).mean()


def test_the_same_seed_is_the_same_curve_and_the_moments_do_not_change_it():
    a, b, straight = (list(ahead("moons", 3, steps=s)) for s in ((2, 5), (2, 5), (5,)))
    assert a[1].norms == b[1].norms == straight[0].norms and a[1].norms != list(ahead("moons", 4, steps=(5,)))[0].norms
    np.testing.assert_array_equal(start("moons", 3)[1], Game(GameConfig(shape="moons", seed=3)).fakes(SHOWN))


def test_the_norm_is_that_of_an_update_of_g():
    game = Game(config("minimax", "ring", 0, 2e-3))
    for _ in range(3):
        game.step_D()
    loss = adversarial.loss_G("minimax", game.D(game.G(game.draw(512, torch.Generator().manual_seed(game.seed_z)))).flatten())
    loss.backward()
    assert gradient_of_G(game, "minimax") == pytest.approx(game.gradient_norm("G"), rel=1e-5)


def test_js_saturates_and_w1_does_not():
    found = apart(0.5)
    assert found.js[0] == pytest.approx(0, abs=1e-9) and found.js[-1] == pytest.approx(math.log(2), abs=1e-6)
    assert (np.diff(found.js) > -1e-9).all() and np.array_equal(found.w1, found.d) and found.kl[-1] == pytest.approx(72)


def test_js_is_what_samples_say():
    rng = np.random.default_rng(0)
    for d, sigma in [(0.7, 0.5), (2.0, 1.0)]:
        real, fake = rng.normal(0, sigma, 200_000), rng.normal(d, sigma, 200_000)
        D = [1 / (1 + np.exp(-logit(x, d, sigma))) for x in (real, fake)]
        assert js(d, sigma) == pytest.approx((np.log(2 * D[0]).mean() + np.log(2 * (1 - D[1])).mean()) / 2, abs=5e-3)


@pytest.mark.parametrize("d", [0.4, 1.0, 2.0])
def test_pushes_are_the_derivatives_of_the_losses(d):
    sigma, x = 0.6, torch.tensor([0.9], dtype=torch.float64, requires_grad=True)
    score = (d**2 - 2 * x * d) / (2 * sigma**2)
    found = pushes(np.array([0.9]), d, sigma)
    for loss in ("minimax", "non-saturating"):
        felt, = torch.autograd.grad(adversarial.loss_G(loss, score), x, retain_graph=True)
        assert found[loss][0] == pytest.approx(felt.item(), rel=1e-9)
    felt, = torch.autograd.grad(adversarial.loss_G("lsgan", torch.sigmoid(score)), x)
    assert found["lsgan"][0] == pytest.approx(felt.item(), rel=1e-9) and found["wgan"][0] == 1


def test_pushes_far_apart():
    far = {name: values[-1] for name, values in apart(0.5).pushes.items()}
    assert far["minimax"] < 1e-20 and far["lsgan"] < 1e-20 and far["non-saturating"] == pytest.approx(24) and far["wgan"] == 1
    with pytest.raises(ConfigError, match="sigma is 0"):
        apart(0)
