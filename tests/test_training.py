"""The training iterator: bits, commands, divergence, pace."""

import itertools
from functools import partial

import numpy as np
import pytest
import torch

from genlab.data import DataSpec, load_dataset
from genlab.errors import ConfigError, Diverged
from genlab.models import MODELS
from genlab.training import Command, Event, Pace, Preview, Row, Snapshot, State, TrainPlan, grid_epochs, resolve_plan, train
from genlab.training.batches import Batches

TINY = {"latent_dim": 2, "width": 4}
QUIET = Pace(preview_s=1e9, state_s=1e9, park_s=0.2)


def data(n=48, seed=0):
    x = np.random.default_rng(seed).integers(0, 256, (n, 1, 16, 16), dtype=np.uint8)
    return {"x": x}, {"x": x[:10]}


def plan(**changes):
    return resolve_plan(TrainPlan(**{"data": DataSpec(name="digits", size=16), "settings": TINY, "epochs": 4, "batch_size": 16, **changes}))


def run(p, commands=None, n=48, pace=QUIET, **rest):
    """All items; commands maps a step to what is asked after its row."""
    waiting, items = [], []
    x, test_x = data(n)
    for item in train(p, x, test_x, commands=partial(hear, waiting), pace=pace, **rest):
        items.append(item)
        if isinstance(item, Row) and any(k.startswith("train/") for k in item.metrics):
            waiting += (commands or {}).pop(item.step, [])
    return items


def hear(waiting):
    heard, waiting[:] = list(waiting), []
    return heard


def states(items):
    return [i for i in items if isinstance(i, State)]


def events(items):
    return [i.kind for i in items if isinstance(i, Event)]


def same(a, b):
    return a.step == b.step and a.tensors.keys() == b.tensors.keys() and all(torch.equal(t, b.tensors[n]) for n, t in a.tensors.items())


SETTINGS = {"autoencoder": {}, "vae": {"warmup_steps": 5, "calibrated": True}, "gan": {"loss": "wgan", "translate": 0.2},
            "dcgan": {"k": 2, "r1": 1, "r1_every": 3, "spectral": True, "translate": 0.125, "cutout": 0.5}}


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_stop_and_resume_give_the_bits_of_an_undisturbed_run(model, precision):
    p = plan(model=model, settings={**TINY, **SETTINGS.get(model, {})}, precision=precision, lr_schedule="cosine")
    whole = run(p)
    first = run(p, {7: [Command("stop")]})
    rest = run(p, state=states(first)[-1])
    assert states(first)[-1].step == 7 and events(first)[-1] == "stopped" and events(rest)[-1] == "finished"
    assert same(states(whole)[-1], states(rest)[-1])
    rows = {i.step: i.metrics.get("train/loss") for i in whole if isinstance(i, Row) and "train/loss" in i.metrics}
    again = {i.step: i.metrics.get("train/loss") for i in first + rest if isinstance(i, Row) and "train/loss" in i.metrics}
    assert rows == again and len(rows) == 12


def test_previews_and_states_change_no_bit():
    busy = Pace(preview_s=0, preview_share=1e9, state_s=0)
    assert same(states(run(plan()))[-1], states(run(plan(), pace=busy))[-1])


def test_a_state_can_be_asked_for_at_any_step_once_and_changes_no_bit():
    items = run(plan(), {5: [Command("save"), Command("save")]})
    assert [s.step for s in states(items)] == [5, 12] and events(items) == ["started", "finished"]
    assert same(states(items)[-1], states(run(plan()))[-1])


def test_who_only_looks_on_keeps_no_place_occupied():
    def look_on(waiting=[Command("pause")]):   # noqa: B006 (kept between calls on purpose)
        return [waiting.pop()] if waiting else [Command("save")]

    items = list(train(plan(), *data(), commands=look_on, pace=QUIET))
    assert events(items)[-1] == "parked" and len(states(items)) == 2


@pytest.mark.parametrize("model", [name for name, Model in MODELS.items() if Model.can_encode])
def test_loss_falls_on_64_real_images(model):
    p = plan(model=model, epochs=30, lr=3e-3, data=DataSpec(name="digits", n=64))
    images = [{"x": part.x} for part in load_dataset(p.data)]
    rows = [i.metrics["train/mse"] for i in train(p, *images, pace=QUIET) if isinstance(i, Row) and "train/mse" in i.metrics]
    assert rows[-1] < 0.5 * rows[0]


def test_snapshots_rows_and_pictures_come_at_the_grid():
    items = run(plan(epochs=6, snapshot_epochs=(4,)))
    assert [i.step for i in items if isinstance(i, Snapshot)] == [3, 6, 9, 12, 15, 18]
    kept = [i for i in items if isinstance(i, Preview) and i.kept]
    assert len(kept) == 6 and {name: x.shape for name, x in kept[0].panels.items()} == {
        "original": (8, 1, 16, 16), "rebuilt": (8, 1, 16, 16), "made up": (16, 1, 16, 16)}
    assert len([i for i in items if isinstance(i, Row) and "test/elbo" in i.metrics]) == 6
    first, last = kept[0].panels, kept[-1].panels
    assert not np.array_equal(first["rebuilt"], last["rebuilt"]) and np.array_equal(first["original"], last["original"])


def test_a_snapshot_never_aliases_live_weights():
    shots = [i for i in run(plan()) if isinstance(i, Snapshot)]
    assert not torch.equal(shots[0].weights["to_mu.weight"], shots[-1].weights["to_mu.weight"])


@pytest.mark.parametrize(("epochs", "extra", "expected"), [
    (1, (), {1}), (10, (), {1, 2, 3, 5, 8, 10}),
    (300, (10, 130), {1, 2, 3, 5, 8, 10, 13, 21, 34, 55, 89, 130, 144, 233, 300}), (4, (9, 0), {1, 2, 3, 4})])
def test_grid(epochs, extra, expected):
    assert grid_epochs(epochs, extra) == expected


def test_live_changes_are_events_and_survive_a_resume():
    p = plan(epochs=6)
    asked = {3: [Command("set", "beta", 4.0), Command("set", "lr", 1e-4)], 5: [Command("set", "latent_dim", 3), Command("set", "lr", -1.0)]}
    first = run(p, {**asked, 8: [Command("stop")]})
    changed = [i for i in first if isinstance(i, Event) and i.kind == "changed"]
    assert [(e.step, e.values) for e in changed] == [(3, {"beta": 4.0}), (3, {"lr": 1e-4})]
    assert events(first).count("refused") == 2
    rest = run(p, state=states(first)[-1])
    assert same(states(run(p, dict(asked)))[-1], states(rest)[-1])
    assert next(i for i in rest if isinstance(i, Row)).metrics["lr"] == 1e-4


def test_pause_step_resume():
    items = run(plan(), {2: [Command("pause"), Command("step")], 3: [Command("step")], 4: [Command("resume")]})
    assert events(items) == ["started", "paused", "stepped", "stepped", "resumed", "finished"]
    assert same(states(items)[-1], states(run(plan()))[-1])


def test_a_long_pause_is_parked_and_goes_on_later():
    first = run(plan(), {5: [Command("pause")]})
    assert events(first)[-1] == "parked"
    assert same(states(run(plan(), state=states(first)[-1]))[-1], states(run(plan()))[-1])


def test_stop_takes_effect_before_the_next_step():
    items = run(plan(), {5: [Command("stop"), Command("stop")]})
    assert max(i.step for i in items) == 5 and events(items) == ["started", "stopped"]


def test_a_diverging_run_says_so_and_is_back_at_a_good_state():
    p, items = plan(model="autoencoder", settings={**TINY, "sigma": 1e-3}, lr=1.0, epochs=300, precision="fp32"), []
    x, test_x = data()
    generator = train(p, x, test_x, pace=QUIET)
    poisoned = next(i for i in itertools.chain([next(generator)]) if isinstance(i, Event))
    assert poisoned.kind == "started"
    loop = generator.gi_frame.f_locals["self"]
    with pytest.raises(Diverged, match="back at step 0"):
        for item in generator:
            items.append(item)
            if item.step == 4:
                with torch.no_grad():
                    loop.trainer.model.to_mu.weight.fill_(float("nan"))
    assert events(items)[-1] == "diverged" and states(items)[-1].step == 0
    assert all(t.isfinite().all() for t in states(items)[-1].tensors.values())


@pytest.mark.parametrize("n", [1, 2, 14, 16, 17])
def test_any_number_of_images_trains(n):
    items = run(plan(epochs=2), n=n)
    assert events(items)[-1] == "finished" and items[-1].step == 2 * max(1, n // 16)


def test_batches_hold_each_image_once_an_epoch_and_depend_on_the_step_alone():
    x = np.arange(48, dtype=np.uint8).reshape(48, 1, 1, 1)
    batches = Batches({"x": x}, 16, seed=3, device="cpu")
    seen = [batches.batch(s)["x"].mul(255).round().flatten().int().tolist() for s in range(6)]
    assert sorted(sum(seen[:3], [])) == list(range(48)) == sorted(sum(seen[3:], [])) and seen[:3] != seen[3:]
    assert Batches({"x": x}, 16, seed=3, device="cpu").batch(4)["x"].mul(255).round().flatten().int().tolist() == seen[4]


def test_bad_plans_are_named():
    with pytest.raises(ConfigError, match="latent_dims"):
        plan(settings={"latent_dims": 2})


def test_a_plan_takes_the_threads_of_the_process_that_makes_it_and_keeps_its_own():
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        assert (plan().threads, plan(threads=1).threads) == (2, 1)
        torch.set_num_threads(1)
        assert plan().threads == 1
    finally:
        torch.set_num_threads(before)
