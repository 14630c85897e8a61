"""GAN and DCGAN: the game's rules, what D and G are made of, and that G moves towards the data."""

import math
from functools import partial

import pytest
import torch
from torch import nn

from genlab.data import DataSpec, load_dataset
from genlab.errors import ConfigError, Diverged
from genlab.game import Game, GameConfig
from genlab.models import build_model
from genlab.objectives.adversarial import LOSSES
from genlab.training import Command, Event, Pace, Row, State, TrainPlan, resolve_plan, train
from genlab.training.batches import to_float

TINY = {"size": 16, "channels": 1, "width": 4, "latent_dim": 3}
QUIET = Pace(preview_s=1e9, state_s=1e9)


def images(n=8, seed=0):
    return torch.rand(n, 1, 16, 16, generator=torch.Generator().manual_seed(seed))


def steps(model, n, lr=2e-4):
    optimizers, generator = model.optimizers(lr), torch.Generator().manual_seed(0)
    return [model.train_step({"x": images()}, optimizers, generator) for _ in range(n)]


def weights(net):
    return nn.utils.parameters_to_vector(net.parameters()).detach().clone()


# -- the rules of the game --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["gan", "dcgan"])
@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_trains_and_says_the_same_at_every_step(family, loss):
    rows = steps(build_model(family, {**TINY, "loss": loss, "k": 2, "r1": 0.5}), 3)
    assert len({tuple(r) for r in rows}) == 1 and ("gp" in rows[0]) is (loss == "wgan-gp") and "r1" in rows[0]
    assert all(v.isfinite() for r in rows for v in r.values())
    assert all(0 <= r[n] <= 1 for r in rows for n in ("acc_real", "acc_fake")) and all(r["grad_G"] > 0 for r in rows)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
def test_g_moves_after_every_kth_update_of_d_as_in_algorithm_1(k):
    model = build_model("dcgan", {**TINY, "k": k})
    optimizers, generator = model.optimizers(1e-3), torch.Generator().manual_seed(0)
    moved = []
    for _ in range(7):
        before = weights(model.G), weights(model.D)
        model.train_step({"x": images()}, optimizers, generator)
        moved.append((not torch.equal(weights(model.G), before[0]), not torch.equal(weights(model.D), before[1])))
    assert moved == [(i % k == k - 1, True) for i in range(7)] and model.steps_G == 7 // k


def test_the_plane_and_images_have_one_order(monkeypatch):
    """Who moves, update by update, of two rounds with k = 3."""
    game, seen = Game(GameConfig(k=3, batch=8, hidden=4)), []
    for who in ("D", "G"):
        step = getattr(game, f"step_{who}")
        monkeypatch.setattr(game, f"step_{who}", lambda step=step, who=who: (seen.append(who), step())[1])
    game.step(), game.step()
    model, order = build_model("gan", {**TINY, "k": 3}), []
    optimizers, generator = model.optimizers(1e-3), torch.Generator().manual_seed(0)
    for name in ("D", "G"):
        optimizers[name].register_step_post_hook(lambda *_, name=name: order.append(name))
    for _ in range(6):
        model.train_step({"x": images()}, optimizers, generator)
    assert order == seen == ["D", "D", "D", "G"] * 2


def test_a_run_of_before_goes_on_in_the_paper_s_order():
    """There G played after the first of k updates: the state after step 1 has G's first turn behind it, and the next comes after the k-th."""
    model = build_model("gan", {**TINY, "k": 3})
    model.steps += 1
    model.steps_G += 1
    optimizers, generator, turns = model.optimizers(1e-3), torch.Generator().manual_seed(0), []
    for _ in range(6):
        before = int(model.steps_G)
        model.train_step({"x": images()}, optimizers, generator)
        turns.append(int(model.steps_G) - before)
    assert turns == [0, 1, 0, 0, 1, 0]


def test_before_its_first_turn_g_is_measured_and_does_not_move():
    model = build_model("gan", {**TINY, "k": 4})
    first = weights(model.G)
    rows = steps(model, 3)
    assert all(r["loss_G"] > 0 and r["grad_G"] > 0 for r in rows) and len({r["loss_G"].item() for r in rows}) == 3   # D has moved meanwhile
    assert torch.equal(weights(model.G), first) and model.steps_G == 0


@pytest.mark.parametrize("family", ["gan", "dcgan"])
def test_the_clip_holds_after_each_step(family):
    model = build_model(family, {**TINY, "loss": "wgan", "clip": 0.02})
    optimizers, generator = model.optimizers(1e-2), torch.Generator().manual_seed(0)
    for _ in range(3):
        model.train_step({"x": images()}, optimizers, generator)
        assert weights(model.D).abs().max() <= 0.02 < weights(model.G).abs().max()


def test_d_and_g_learn_from_the_same_fakes_only_in_their_own_turn():
    """G's turn leaves D as D's own turn made it: with G's rate at nothing, D goes the same way whether G has turns or not."""
    ends = []
    for k in (1, 20):
        model = build_model("gan", {**TINY, "k": k})
        optimizers, generator = model.optimizers(1e-3), torch.Generator().manual_seed(0)
        optimizers["G"].param_groups[0]["lr"] = 0.0
        for _ in range(4):
            model.train_step({"x": images()}, optimizers, generator)
        ends.append(weights(model.D))
    assert torch.equal(*ends)


def test_lazy_r1_is_applied_now_and_then_and_as_much_more():
    often, seldom = (build_model("gan", {**TINY, "r1": 3.0, "r1_every": n}) for n in (1, 2))
    a, b = steps(often, 2), steps(seldom, 2)
    assert b[0]["r1"] == a[0]["r1"] == b[1]["r1"] != a[1]["r1"]
    assert all((r["loss"] - r["loss_D"] - r["loss_G"]).item() == pytest.approx(3 * r["r1"].item(), rel=1e-3, abs=1e-6) for r in (*a, *b))


@pytest.mark.parametrize("every", [1, 3, 4, 7])
def test_the_loss_of_every_logged_row_holds_r1(every):
    """Rows come at other steps than R1: whatever the two are, the loss that is shown is D's and G's with R1 as it was last."""
    p = plan(model="gan", settings={**TINY, "r1": 20.0, "r1_every": every}, epochs=8)
    logged = [i.metrics for i in train(p, *digits(48), pace=QUIET) if isinstance(i, Row) and "train/loss" in i.metrics]
    assert len(logged) > 20 and all(row["train/r1"] > 0 for row in logged)
    for row in logged:
        assert row["train/loss"] - row["train/loss_D"] - row["train/loss_G"] == pytest.approx(20 * row["train/r1"], rel=1e-3, abs=1e-5)
        assert row["train/r1"] > 1e-5


def test_the_weight_of_lazy_r1_grows_with_how_seldom_it_is_applied():
    """On D's last bias alone, which R1 does not reach, nothing changes; on its kernels the pull is as many times as strong."""
    grads = []
    for every in (1, 2, 4):
        model = build_model("gan", {**TINY, "r1": 3.0, "r1_every": every})
        steps(model, 1)
        grads.append([p.grad.clone() for p in model.D.parameters()])
    once, twice, often = ([g - h for g, h in zip(found, alone, strict=True)] for found, alone in zip(grads, [without_r1()] * 3, strict=True))
    for a, b, c in zip(once, twice, often, strict=True):
        assert torch.allclose(2 * a, b, rtol=1e-3, atol=1e-5) and torch.allclose(4 * a, c, rtol=1e-3, atol=1e-5)
    assert max(a.abs().max() for a in once) > 1e-3


def without_r1():
    model = build_model("gan", TINY)
    steps(model, 1)
    return [p.grad.clone() for p in model.D.parameters()]


def test_images_come_from_the_average_which_follows_g():
    still, quick = build_model("dcgan", {**TINY, "ema": 0.0}), build_model("dcgan", TINY)
    steps(still, 3), steps(quick, 3)
    assert torch.equal(weights(still.G), weights(still.G_ema)) and not torch.equal(weights(quick.G), weights(quick.G_ema))
    z = torch.randn(4, 3, generator=torch.Generator().manual_seed(0))
    x = quick.decode(z)
    with torch.no_grad():
        for p in quick.G.parameters():
            p.zero_()
    assert torch.equal(quick.decode(z), x)
    assert torch.allclose(quick.decode(z[:1]), x[:1], atol=1e-6)   # an image does not depend on its company


def test_augmentation_is_drawn_from_the_given_noise_and_changes_what_d_sees():
    plain, shifted = (steps(build_model("dcgan", {**TINY, "translate": t, "cutout": t}), 2) for t in (0.0, 0.25))
    assert plain[0]["score_real"] != shifted[0]["score_real"]


def test_held_out_images_are_judged_without_being_learnt():
    model = build_model("dcgan", TINY)
    before = {n: t.clone() for n, t in model.state_dict().items()}
    with torch.no_grad():
        measured = model.measure({"x": images()}, torch.Generator().manual_seed(0))
    assert set(measured) == {"loss", "loss_D", "loss_G", "score_real", "score_fake", "acc_real", "acc_fake"}
    assert all(torch.equal(t, before[n]) for n, t in model.state_dict().items())


# -- what D and G are made of -----------------------------------------------------------------------------------------


def test_dcgan_at_64_pixels_has_the_papers_layers():
    model = build_model("dcgan", {"width": 128, "latent_dim": 100, "size": 64, "channels": 3})
    ups = [(c.in_channels, c.out_channels, c.stride) for c in model.G.modules() if isinstance(c, nn.ConvTranspose2d)]
    assert ups == [(100, 1024, (1, 1)), (1024, 512, (2, 2)), (512, 256, (2, 2)), (256, 128, (2, 2)), (128, 3, (2, 2))]
    downs = [(c.in_channels, c.out_channels) for c in model.D.modules() if isinstance(c, nn.Conv2d)]
    assert downs == [(3, 128), (128, 256), (256, 512), (512, 1024), (1024, 1)]
    assert not any(isinstance(m, nn.Linear | nn.MaxPool2d) for m in model.modules())
    assert [sum(isinstance(m, nn.BatchNorm2d) for m in net.modules()) for net in (model.G, model.D)] == [4, 3]
    kernels = torch.cat([m.weight.detach().flatten()[:50_000] for m in model.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d)])
    assert kernels.std().item() == pytest.approx(0.02, rel=0.02) and model.lr == 2e-4
    assert all(o.param_groups[0]["betas"] == (0.5, 0.999) for o in model.optimizers(2e-4).values())


@pytest.mark.parametrize("size", [16, 24, 40, 48, 56, 64, 128])
def test_any_size_has_a_smallest_map_of_4_to_7_pixels(size):
    model = build_model("dcgan", {**TINY, "size": size})
    first = next(m for m in model.G.modules() if isinstance(m, nn.ConvTranspose2d))
    assert 4 <= first.kernel_size[0] <= 7 and model.decode(torch.zeros(1, 3)).shape == (1, 1, size, size)
    assert model.D(torch.zeros(2, 1, size, size)).shape == (2,)


@pytest.mark.parametrize(("settings", "norm"), [({}, nn.BatchNorm2d), ({"loss": "wgan-gp"}, nn.GroupNorm), ({"r1": 1}, None),
                                                ({"spectral": True}, None), ({"spectral": True, "norm_D": "batch"}, nn.BatchNorm2d)])
def test_auto_takes_the_norm_that_goes_with_the_penalty(settings, norm):
    norms = {type(m) for m in build_model("dcgan", {**TINY, "size": 32, **settings}).D.modules()} & {nn.BatchNorm2d, nn.GroupNorm}
    assert norms == ({norm} if norm else set())


@pytest.mark.parametrize("family", ["gan", "dcgan"])
def test_spectral_norm_is_kept_while_d_learns(family):
    model = build_model(family, {**TINY, "spectral": True})
    steps(model, 20, lr=1e-3)
    kernels = [m.weight.detach().flatten(1) for m in model.D.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    tops = [torch.linalg.matrix_norm(kernel, 2).item() for kernel in kernels]
    assert len(tops) == 3 and tops == pytest.approx([1.0] * 3, abs=0.1)


# -- settings ---------------------------------------------------------------------------------------------------------


def test_a_fork_keeps_the_network_that_auto_chose():
    plain = build_model("dcgan", TINY).config
    assert plain.norm_D == "batch" and "auto" not in plain.model_dump().values()
    forked = build_model("dcgan", {**plain.model_dump(), "r1": 1.0})
    forked.load_state_dict(build_model("dcgan", TINY).state_dict())
    assert forked.config.norm_D == "batch"


def test_a_loss_brings_its_papers_settings_unless_others_are_asked_for():
    gp, own = build_model("gan", {**TINY, "loss": "wgan-gp"}).config, build_model("gan", {**TINY, "loss": "wgan-gp", "k": 2}).config
    assert (gp.k, gp.beta1, gp.beta2) == (5, 0.0, 0.9) and (own.k, own.beta1) == (2, 0.0)
    assert TrainPlan(model="dcgan").lr == 2e-4 and TrainPlan(model="dcgan", lr=1e-4).lr == 1e-4
    assert TrainPlan().lr == TrainPlan(model="vae").lr == 1e-3


def test_two_learning_rates_follow_one_schedule():
    model = build_model("gan", {**TINY, "lr_ratio": 4})
    p = resolve_plan(TrainPlan(model="gan", settings={**TINY, "lr_ratio": 4}, epochs=2, batch_size=16, lr_schedule="cosine", precision="fp32"))
    generator = train(p, *digits(48), pace=QUIET)
    next(generator)
    trainer = generator.gi_frame.f_locals["self"].trainer
    list(generator)
    rates = [trainer.optimizers[n].param_groups[0]["lr"] for n in ("G", "D")]
    assert rates[1] == pytest.approx(4 * rates[0]) and rates[0] < model.lr / 2


@pytest.mark.parametrize(("settings", "words"), [
    ({"k": 0}, "k = 0"), ({"k": 1.5}, "k = 1.5"), ({"loss": "hinge"}, "loss = 'hinge'"), ({"clip": 0}, "clip"), ({"ema": 1}, "ema = 1"),
    ({"r1": -1}, "r1 = -1"), ({"loss": "wgan-gp", "norm_D": "batch"}, "judges each image by itself"), ({"lr_ratio": float("nan")}, "lr_ratio")])
def test_bad_settings_are_named(settings, words):
    with pytest.raises(ConfigError) as error:
        build_model("dcgan", {**TINY, **settings})
    assert words in str(error.value)


def test_what_is_sound_can_be_changed_in_flight_and_the_rest_is_refused():
    model = build_model("dcgan", TINY)
    for name, value in [("loss", "lsgan"), ("k", 2.0), ("translate", 0.1), ("cutout", 0.3), ("loss", "wgan")]:
        model.set_live(name, value)
        steps(model, 1)
    assert (model.config.loss, model.config.k, model.config.cutout) == ("wgan", 2, 0.3)
    for name, value, words in [("loss", "wgan-gp", "in a new run"), ("r1", 0.5, "batch norm mixes"),
                               ("spectral", 1.0, "cannot be changed"), ("loss", 3.0, "loss"),
                               ("k", 0.0, "k = 0")]:
        with pytest.raises(ConfigError, match=words):
            model.set_live(name, value)
    build_model("dcgan", {**TINY, "norm_D": "none"}).set_live("loss", "wgan-gp")
    for model in (build_model("dcgan", {**TINY, "norm_D": "layer"}), build_model("gan", TINY)):
        model.set_live("r1", 0.5)


# -- training ---------------------------------------------------------------------------------------------------------


def digits(n):
    return [{"x": part.x} for part in load_dataset(DataSpec(name="digits", size=16, n=n))]


def plan(**changes):
    return resolve_plan(TrainPlan(**{"model": "dcgan", "settings": TINY, "epochs": 4, "batch_size": 16, "precision": "fp32", **changes}))


def hear(waiting):
    heard, waiting[:] = list(waiting), []
    return heard


def test_changes_in_flight_are_heard_said_and_survive_a_resume():
    p, asked = plan(), {3: [Command("set", "loss", "lsgan"), Command("set", "k", 2.0)], 5: [Command("set", "loss", "no such")]}

    def go(state=None, stop=0):
        waiting, items, planned = [], [], {k: list(v) for k, v in asked.items()}
        for item in train(p, *digits(48), commands=partial(hear, waiting), state=state, pace=QUIET):
            items.append(item)
            if isinstance(item, Row) and "train/loss" in item.metrics:
                waiting += planned.pop(item.step, []) + ([Command("stop")] if item.step == stop else [])
        return items

    whole, first = go(), go(stop=7)
    last = [i for i in first if isinstance(i, State)][-1]
    rest = go(state=last)
    assert [i.text for i in whole if isinstance(i, Event) and i.kind == "changed"] == ["loss = lsgan from step 3 on.", "k = 2 from step 3 on."]
    assert [i.kind for i in whole if isinstance(i, Event)].count("refused") == 1
    a, b = ([i for i in items if isinstance(i, State)][-1] for items in (whole, rest))
    assert a.step == b.step == 12 and all(torch.equal(t, b.tensors[n]) for n, t in a.tensors.items())


@pytest.mark.parametrize("part", ["D", "G"])
def test_a_game_that_breaks_is_named_and_goes_back_to_its_last_good_state(part):
    generator, items = train(plan(epochs=100), *digits(48), pace=QUIET), []
    next(generator)
    model = generator.gi_frame.f_locals["self"].trainer.model
    with pytest.raises(Diverged, match="back at step 0"):
        for item in generator:
            items.append(item)
            if item.step == 4:
                next(getattr(model, part).parameters()).data.fill_(math.nan)
    state = [i for i in items if isinstance(i, State)][-1]
    assert state.step == 0 and all(t.isfinite().all() for t in state.tensors.values())
    assert [i.kind for i in items if isinstance(i, Event)] == ["diverged"]


def energy_distance(a, b):
    """2 E|a - b| - E|a - a'| - E|b - b'| over images as vectors: 0 for the same distribution alone.  Szekely and Rizzo 2013"""
    a, b = a.flatten(1), b.flatten(1)
    return (2 * torch.cdist(a, b).mean() - torch.cdist(a, a).mean() - torch.cdist(b, b).mean()).item()


@pytest.mark.parametrize(("model", "settings", "lr"), [("gan", {"width": 16}, 2e-4), ("dcgan", {"width": 8}, 1e-3)])
def test_g_moves_towards_the_digits(model, settings, lr):
    p = plan(model=model, settings={**TINY, "latent_dim": 8, **settings}, lr=lr, epochs=10, batch_size=64, max_steps=100)
    x, held_out = digits(640)
    truth, seen, z = to_float(torch.from_numpy(held_out["x"])), [], torch.randn(200, 8, generator=torch.Generator().manual_seed(1))
    generator = train(p, x, held_out, pace=QUIET)
    for item in generator:
        if isinstance(item, Event):
            with torch.no_grad():
                seen.append(energy_distance(generator.gi_frame.f_locals["self"].trainer.model.decode(z), truth))
    assert seen[-1] < 0.5 * seen[0]
