"""Served models: the same pixels as the run's own, the newest weights, and no more memory than allowed."""

import copy
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from tiny_runs import tiny_run, use_folders
from torch import nn

from genlab.errors import LabError, RunError
from genlab.lens import models as served_models
from genlab.lens.fold import fold_batch_norm
from genlab.lens.models import NEWEST, ModelCache, ServedModel
from genlab.models import MODELS as FAMILIES
from genlab.models import build_model
from genlab.runs import delete, load_model
from genlab.runs.control import Control
from genlab.runs.folder import Run
from genlab.runs.weights import drop_all_but_decoder, keep_decoder, load_state, load_weights, save_state, save_weights
from genlab.training import State


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setattr(served_models, "CHECK_S", 0.0)   # every look at a run is a fresh one


def pixels(model, z):
    with torch.no_grad():
        return model.decode(torch.from_numpy(z)).mul(255).round().byte().permute(0, 2, 3, 1).numpy()


def with_lived_in_norms(model):
    """Give every batch norm statistics and scales as unlike the first ones as training makes them."""
    for norm in (m for m in model.modules() if isinstance(m, nn.BatchNorm2d)):
        norm.running_mean.normal_(0, 0.3)
        norm.running_var.uniform_(0.2, 3)
        nn.init.uniform_(norm.weight, 0.3, 2)
        nn.init.normal_(norm.bias, 0, 0.3)
    return model


# -- folding --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
@torch.no_grad()
def test_folding_changes_no_pixel_and_no_code(family):
    model = build_model(family, {"size": 32, "channels": 3, "latent_dim": 5, "width": 8})
    if not model.can_encode:
        drop_all_but_decoder(model)   # as it is served
    with_lived_in_norms(model)
    folded = copy.deepcopy(model)
    n = fold_batch_norm(folded)
    assert n == sum(isinstance(m, nn.BatchNorm2d) for m in model.modules()) and (n > 0) is (family != "gan")
    assert not any(isinstance(m, nn.BatchNorm2d) for m in folded.modules())
    z, x = torch.randn(32, 5), torch.rand(8, 3, 32, 32)
    assert (folded.decode(z) - model.decode(z)).abs().max() * 255 < 0.01
    if model.can_encode:
        torch.testing.assert_close(folded.encode(x).mean, model.encode(x).mean, atol=1e-4, rtol=1e-4)


def test_a_norm_that_does_not_follow_a_convolution_stays():
    model = nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 4, 1), nn.ReLU(), nn.BatchNorm2d(4), nn.Conv2d(4, 4, 1),
                          nn.BatchNorm2d(4, track_running_stats=False), nn.ConvTranspose2d(4, 4, 1, groups=2), nn.BatchNorm2d(4)).eval()
    x = torch.randn(2, 3, 4, 4)
    before = model(x)
    assert fold_batch_norm(model) == 0
    torch.testing.assert_close(model(x), before)


@pytest.mark.parametrize("precision, tolerance", [("fp32", 1), ("bf16", 3)])
def test_a_served_model_gives_the_runs_own_pixels(precision, tolerance):
    run = tiny_run()
    served = ModelCache(precision=precision).get(run.id)
    z = np.random.default_rng(0).standard_normal((40, 3)).astype(np.float32)
    difference = np.abs(served.decode(z).astype(int) - pixels(load_model(run), z))
    assert difference.shape == (40, 16, 16, 1) and difference.max() <= tolerance and difference.mean() < 0.5


def test_bf16_is_taken_where_the_eye_sees_no_difference_and_only_there():
    smooth = build_model("vae", {"size": 16, "channels": 1, "latent_dim": 3, "width": 4})
    harsh = copy.deepcopy(smooth)
    with torch.no_grad():
        harsh.decoder.layers[2].weight.mul_(3000)   # a picture of black and white alone, decided by the last bits
    assert ServedModel(smooth, "smooth", 0, precision="bf16")._dtype == torch.bfloat16
    assert ServedModel(harsh, "harsh", 0, precision="bf16")._dtype == torch.float32


# -- what is asked of a model ---------------------------------------------------------------------------------------


def test_codes_are_the_runs_own_and_draws_repeat_with_their_seed():
    run = tiny_run()
    served, model = ModelCache(precision="bf16").get(run.id, exact=True), load_model(run)
    x = np.random.default_rng(0).integers(0, 256, (5, 1, 16, 16), np.uint8)
    with torch.no_grad():
        np.testing.assert_allclose(served.encode(x), model.encode(torch.from_numpy(x).float() / 255).mean.numpy(), atol=1e-4)
    np.testing.assert_array_equal(served.prior(4, 7), served.prior(4, 7))
    np.testing.assert_array_equal(served.sample_posterior(x, 7), served.sample_posterior(x, 7))
    assert not np.array_equal(served.sample_posterior(x, 7), served.sample_posterior(x, 8))
    with pytest.raises(RuntimeError, match="exact"):
        ModelCache(precision="bf16").get(run.id).encode(x)


@pytest.mark.parametrize("z, words", [
    (np.zeros((1, 4)), "z has shape"), (np.zeros(3), "z has shape"), (np.array([[0, np.nan, 0]]), "NaN"),
    (np.array([[0, np.inf, 0]]), "NaN"), (np.array([[0, 0, -1e9]]), "beyond 1000"),
])
def test_a_latent_that_cannot_be_decoded_is_named(z, words):
    with pytest.raises(LabError, match=words):
        ModelCache().get(tiny_run(epochs=1).id).decode(z)


def test_a_snapshot_of_the_decoder_alone_decodes_and_says_that_it_cannot_encode():
    run, cache, z = tiny_run(), ModelCache(precision="fp32"), np.ones((1, 3), np.float32)
    before = cache.get(run.id, 8).decode(z)
    keep_decoder(run.weights_path(8), run.weights_path(8), ("encoder", "to_mu", "to_logvar"))
    after = cache.get(run.id, 8, exact=True)
    np.testing.assert_array_equal(after.decode(z), before)
    assert not after.can_encode and after.prior(1, 0).shape == (1, 3)
    with pytest.raises(LabError, match="no encoder"):
        after.encode(np.zeros((1, 1, 16, 16), np.uint8))


def test_extreme_and_no_latents_are_decoded():
    served = ModelCache().get(tiny_run(epochs=1).id)
    assert served.decode(np.full((1, 3), 1000.0)).shape == (1, 16, 16, 1)
    assert served.decode(np.zeros((0, 3))).shape == (0, 16, 16, 1)


def test_images_of_another_kind_are_named():
    with pytest.raises(LabError, match=r"uint8 \(n, 1, 16, 16\)"):
        ModelCache().get(tiny_run(epochs=1).id, exact=True).encode(np.zeros((1, 3, 16, 16), np.uint8))


# -- what is at hand ------------------------------------------------------------------------------------------------


def test_a_model_is_loaded_once_however_many_ask():
    run, cache, got = tiny_run(), ModelCache(), []
    threads = [threading.Thread(target=lambda: got.append(cache.get(run.id))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8 and len(set(map(id, got))) == 1


def test_the_least_recently_used_leaves_when_memory_runs_out():
    a, b, c = (tiny_run(epochs=1, seed=i) for i in range(3))
    one = ModelCache(precision="fp32").get(a.id).bytes
    cache = ModelCache(int(2.5 * one), precision="fp32")
    first, second = cache.get(a.id), cache.get(b.id)
    assert cache.get(a.id) is first
    cache.get(c.id)                          # b has waited longest
    assert cache.bytes == 2 * one
    assert cache.get(a.id) is first
    assert cache.get(b.id) is not second


def test_a_model_larger_than_all_memory_is_served_alone():
    a, b = tiny_run(epochs=1), tiny_run(epochs=1, seed=1)
    cache = ModelCache(budget=1)
    cache.get(a.id)
    assert cache.bytes == cache.get(b.id).bytes


def test_any_kept_step_can_be_had_and_others_are_named():
    run, cache = tiny_run(), ModelCache()
    z = np.ones((1, 3), np.float32)
    assert run.snapshots() == [4, 8, 12]
    pictures = [cache.get(run.id, step).decode(z) for step in (4, 8, 12)]
    assert not np.array_equal(pictures[0], pictures[2])
    assert cache.get(run.id).step == 12
    np.testing.assert_array_equal(cache.get(run.id).decode(z), pictures[2])
    with pytest.raises(RunError, match="no weights at step 5; kept are 4, 8, 12"):
        cache.get(run.id, 5)


# -- a run that trains ----------------------------------------------------------------------------------------------


def test_the_newest_snapshot_is_served_as_soon_as_it_is_there():
    run, cache = tiny_run(), ModelCache()
    before = cache.get(run.id)
    save_weights(run.weights_path(20), load_weights(run.weights_path(4)))
    assert cache.get(run.id).step == 20 and before.step == 12


def test_a_state_further_than_the_newest_snapshot_is_served():
    run, cache = tiny_run(), ModelCache()
    state = load_state(run)
    assert cache.get(run.id).step == 12
    save_state(run.state_path, State(15, state.tensors, {**state.meta, "step": 15}), {})
    assert cache.get(run.id).step == 15
    run.weights_path(12).unlink()
    assert cache.get(run.id).step == 15


def test_a_run_that_trains_is_asked_for_its_weights_now_and_then_while_somebody_looks():
    run, cache = tiny_run(), ModelCache()
    asked = Control(run)
    cache.get(run.id)
    assert asked() == []                         # finished: nothing to ask for
    run.write_status(replace(run.status, state="running"))
    with run.lock():
        cache, start = ModelCache(), time.monotonic()
        while time.monotonic() - start < 0.5:
            cache.get(run.id)
            cache.get(run.id, 12)
        assert [c.kind for c in asked()] == ["save"]


def test_a_snapshot_written_again_is_loaded_again():
    run, cache = tiny_run(), ModelCache()
    z = np.ones((1, 3), np.float32)
    before = cache.get(run.id, 12).decode(z)
    save_weights(run.weights_path(12), load_weights(run.weights_path(4)))
    assert not np.array_equal(cache.get(run.id, 12).decode(z), before)


def test_runs_that_are_gone_unknown_or_without_weights_are_named():
    run, cache = tiny_run(epochs=1), ModelCache()
    cache.get(run.id)
    delete(run)
    for run_id in (run.id, "nothing", "../../etc", ""):
        with pytest.raises(RunError, match="not known"):
            cache.get(run_id)
    young = tiny_run(epochs=1)
    for path in (young.state_path, young.weights_path(4)):
        path.unlink()
    with pytest.raises(RunError, match="no weights yet"):
        cache.get(young.id, NEWEST)


@pytest.mark.parametrize("damage", [b"", b"garbage" * 100, None])
def test_damaged_weights_are_named_and_can_be_mended(damage):
    run, cache = tiny_run(), ModelCache()
    path = Run(run.path).weights_path(12)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    with pytest.raises(RunError, match="12.safetensors"):
        cache.get(run.id, 12)
    path.write_bytes(whole)
    assert cache.get(run.id, 12).step == 12
