"""Losses and penalties of the adversarial game against what is known in closed form."""

import math

import pytest
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from genlab.models.adversarial import follow
from genlab.models.nets.augment import Augmentation
from genlab.objectives.adversarial import LOSSES, accuracy, clip_weights, gradient_penalty, loss_D, loss_G, r1


def noise(seed=0):
    return torch.Generator().manual_seed(seed)


def linear_critic(a):
    return lambda x: x.flatten(1) @ a


@pytest.mark.parametrize("length", [0.0, 0.3, 1.0, 4.0])
def test_a_linear_critic_pays_for_its_slope(length):
    a = torch.randn(3 * 5 * 5, generator=noise())
    a = a * (length / a.norm())
    real, fake = torch.randn(2, 8, 3, 5, 5, generator=noise(1))
    assert gradient_penalty(linear_critic(a), real, fake, noise()).item() == pytest.approx((length - 1) ** 2, abs=1e-5)
    assert r1(linear_critic(a), real).item() == pytest.approx(length**2 / 2, abs=1e-5)


def test_the_penalty_looks_between_real_and_made_images_alone():
    """D(x) = |x|^2 / 2 has slope |x|: with real ones at 1 and fakes at 3 along one axis, slopes lie between 1 and 3."""
    real, fake = torch.zeros(4096, 2), torch.zeros(4096, 2)
    real[:, 0], fake[:, 0] = 1, 3
    gp = gradient_penalty(lambda x: x.square().sum(1) / 2, real, fake, noise()).item()
    assert gp == pytest.approx(4 / 3, rel=0.05)   # the mean of (2 t)^2 over t in [0, 1]
    assert r1(lambda x: x.square().sum(1) / 2, fake).item() == pytest.approx(4.5)


def test_penalties_can_be_learnt_from():
    D = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1), nn.Flatten(0))
    x = torch.randn(16, 4, generator=noise())
    for penalty in (lambda: gradient_penalty(D, x, -x, noise()), lambda: r1(D, x)):
        before, optimizer = penalty().item(), torch.optim.SGD(D.parameters(), lr=0.1)
        for _ in range(20):
            optimizer.zero_grad()
            penalty().backward()
            optimizer.step()
        assert penalty().item() < before


def test_where_the_minimax_loss_saturates_the_other_does_not():
    """d/ds log(1 - D) = -D and d/ds -log D = -(1 - D): their ratio is D / (1 - D), tiny where D is sure that an image is made."""
    score = torch.linspace(-12, 12, 49, dtype=torch.float64)
    slopes = []
    for loss in ("minimax", "non-saturating"):
        s = score.clone().requires_grad_()
        loss_G(loss, s).backward()
        slopes.append(s.grad)
    D = torch.sigmoid(score)
    assert torch.allclose(slopes[0] / slopes[1], D / (1 - D), rtol=1e-6)
    assert slopes[0][0].abs() < 1e-5 * slopes[1][0].abs()


def test_losses_at_the_best_discriminator():
    """D* = p / (p + q). For equal densities the game's value is -2 log 2; for densities apart, 2 JS - 2 log 2 with JS = log 2, so 0."""
    same = torch.zeros(10)
    assert loss_D("minimax", same, same).item() == pytest.approx(2 * math.log(2))
    assert loss_D("minimax", same + 40, same - 40).item() == pytest.approx(0, abs=1e-6)
    p, q = torch.tensor([0.5, 0.3, 0.2], dtype=torch.float64), torch.tensor([0.1, 0.3, 0.6], dtype=torch.float64)
    m = (p + q) / 2
    js = ((p * (p / m).log()).sum() + (q * (q / m).log()).sum()) / 2
    score = (p / q).log()                                   # the logit of D*
    drawn = [score.repeat_interleave((10 * w).round().long()) for w in (p, q)]
    assert loss_D("non-saturating", *drawn).item() == pytest.approx(2 * math.log(2) - 2 * js.item())


def test_least_squares_is_least_at_its_targets_and_a_critic_sees_the_gap():
    one, zero = torch.ones(4), torch.zeros(4)
    assert loss_D("lsgan", one, zero).item() == 0 == loss_G("lsgan", one).item()
    assert loss_D("lsgan", zero, one).item() == 1 and loss_G("lsgan", zero).item() == 0.5
    for loss in ("wgan", "wgan-gp"):
        assert loss_D(loss, one * 5, one * 2).item() == -3 and loss_G(loss, one * 2).item() == -2
        assert loss_D(loss, one * 5 + 100, one * 2 + 100).item() == -3


@pytest.mark.parametrize("loss", LOSSES)
def test_d_and_g_pull_apart(loss):
    """D lowers its loss by raising real scores, G lowers its own by raising fake ones."""
    real, fake = torch.zeros(4, requires_grad=True), torch.zeros(4, requires_grad=True)
    loss_D(loss, real, fake).backward()
    assert (real.grad < 0).all() and ((fake.grad > 0).all() or loss == "lsgan")
    fake.grad = None
    loss_G(loss, fake).backward()
    assert (fake.grad < 0).all()


@pytest.mark.parametrize(("loss", "border"), [("minimax", 0.0), ("lsgan", 0.5), ("wgan", 100.0)])
def test_accuracy_is_the_share_on_the_right_side(loss, border):
    real, fake = border + torch.tensor([3.0, 1.0, 2.0, -6.0 + 8.0]), border + torch.tensor([-1.0, -3.0, -8.0, 4.0])
    assert [share.item() for share in accuracy(loss, real, fake)] == [1.0, 0.75]


def test_huge_scores_stay_finite():
    huge = torch.tensor([-1e4, 1e4])
    assert all(torch.isfinite(loss_D(loss, huge, huge)) and torch.isfinite(loss_G(loss, huge)) for loss in LOSSES)


def test_clipping_bounds_every_weight():
    D = nn.Sequential(nn.Linear(9, 5), nn.BatchNorm1d(5), nn.Linear(5, 1))
    clip_weights(D, 0.01)
    assert max(p.abs().max().item() for p in D.parameters()) == pytest.approx(0.01)


@pytest.mark.parametrize("layer", [nn.Linear(12, 7), nn.Conv2d(3, 6, 4)])
def test_spectral_norm_brings_the_largest_singular_value_to_1(layer):
    layer.weight.data.normal_(0, 3, generator=noise())
    spectral_norm(layer).train()
    for _ in range(50):
        weight = layer.weight
    assert torch.linalg.matrix_norm(weight.detach().flatten(1), 2).item() == pytest.approx(1, abs=1e-3)


def test_the_average_has_its_closed_form():
    source, average = nn.BatchNorm1d(3), nn.BatchNorm1d(3)
    values, keep, expected = torch.randn(6, 3, generator=noise()), 0.8, torch.ones(3)
    for value in values:
        source.weight.data.copy_(value)
        source.running_mean.copy_(-value)
        source.num_batches_tracked += 1
        follow(average, source, keep)
        expected = keep * expected + (1 - keep) * value
    closed = keep**6 * torch.ones(3) + (1 - keep) * sum(keep ** (5 - i) * v for i, v in enumerate(values))
    assert torch.allclose(expected, closed, atol=1e-6) and torch.allclose(average.weight.data, closed, atol=1e-6)
    assert torch.allclose(average.running_mean, -closed + keep**6, atol=1e-6) and average.num_batches_tracked == 6


# -- augmentation -----------------------------------------------------------------------------------------------------


def test_nothing_is_drawn_for_nothing():
    x, a, b = torch.randn(3, 1, 8, 8), noise(), noise()
    assert torch.equal(Augmentation.draw(3, 8, 0, 0, a)(x), x) and torch.equal(a.get_state(), b.get_state())


def test_an_image_is_shifted_as_a_whole_and_0_comes_in():
    x = torch.rand(64, 2, 16, 16, generator=noise()) + 1
    y = Augmentation.draw(64, 16, 0.125, 0, noise(1))(x)
    assert y.shape == x.shape
    shifts = set()
    for before, after in zip(x, y, strict=True):
        found = [(i, j) for i in range(-2, 3) for j in range(-2, 3) if torch.equal(after, rolled(before, i, j))]
        assert len(found) == 1
        shifts.add(found[0])
    assert len(shifts) > 15


def rolled(x, i, j):
    out = torch.zeros_like(x)
    size = x.shape[-1]
    out[:, max(i, 0) : size + min(i, 0), max(j, 0) : size + min(j, 0)] = x[:, max(-i, 0) : size - max(i, 0), max(-j, 0) : size - max(j, 0)]
    return out


def test_a_hole_is_a_square_that_the_border_may_cut():
    y = Augmentation.draw(200, 16, 0, 0.5, noise())(torch.ones(200, 3, 16, 16))
    areas = (y[:, 0] == 0).sum((1, 2))
    assert areas.max() == 64 and areas.min() >= 16 and set(y.unique().tolist()) == {0.0, 1.0} and torch.equal(y[:, 0], y[:, 2])


def test_it_is_the_same_for_whoever_is_seen_and_the_same_for_a_seed():
    T = Augmentation.draw(8, 16, 0.2, 0.4, noise(3))
    x = torch.randn(8, 1, 16, 16, generator=noise())
    real, fake = T(x), T(x.clone())
    assert torch.equal(real, fake) and torch.equal(Augmentation.draw(8, 16, 0.2, 0.4, noise(3))(x), real)
    assert not torch.equal(Augmentation.draw(8, 16, 0.2, 0.4, noise(4))(x), real)


def test_gradients_go_through_it():
    """T is linear, so the gradient of sum w T(x) is T's transpose of w: a pixel that D does not see gets none."""
    T, x = Augmentation.draw(8, 16, 0.2, 0.4, noise()), torch.randn(8, 1, 16, 16, generator=noise(1), requires_grad=True)
    w = torch.randn(8, 1, 16, 16, generator=noise(2))
    (T(x) * w).sum().backward()
    assert torch.allclose((x.grad * x).sum(), (T(x) * w).sum(), rtol=1e-4)
    assert 0.2 < (x.grad == 0).float().mean() < 0.7
