"""Batches: one pass for all who wait, everybody gets their own, nobody's fault is another's."""

import threading

import numpy as np
import pytest
from tiny_runs import tiny_run, use_folders

from genlab.errors import LabError
from genlab.lens import batches
from genlab.lens.batches import LARGEST, Batcher
from genlab.lens.models import NEWEST, ModelCache

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("batches"))
        yield tiny_run()


class Gate(ModelCache):
    """A cache that lets nobody through until it is opened: what comes meanwhile has to wait together."""

    def __init__(self):
        super().__init__(precision="fp32")
        self.open = threading.Event()
        self.entered = threading.Event()

    def get(self, *key, **how):
        self.entered.set()
        assert self.open.wait(20)
        return super().get(*key, **how)


@pytest.fixture
def gate():
    gate = Gate()
    yield gate
    gate.open.set()


def latents(n):
    return RNG.standard_normal((n, 3)).astype(np.float32)


def test_who_waits_for_the_same_model_shares_a_pass_and_gets_its_own_pictures(run, gate):
    batcher = Batcher(gate)
    first = batcher.submit((run.id, NEWEST), latents(1))
    assert gate.entered.wait(20)
    zs = [latents(n) for n in (1, 3, 1, 2)]
    waiting = [batcher.submit((run.id, NEWEST), z) for z in zs]
    gate.open.set()
    model = ModelCache(precision="fp32").get(run.id)
    for z, future in zip(zs, waiting, strict=True):
        decoded = future.result(20)
        assert np.abs(decoded.pixels.astype(int) - model.decode(z)).max() <= 1 and decoded.step == 12
    assert first.result(20).pixels.shape == (1, 16, 16, 1)
    assert batcher.passes == 2


def test_a_pass_has_a_largest_size_and_what_is_left_goes_next(run, gate):
    batcher = Batcher(gate)
    batcher.submit((run.id, NEWEST), latents(1))
    assert gate.entered.wait(20)
    waiting = [batcher.submit((run.id, NEWEST), latents(LARGEST // 2 + 1)) for _ in range(3)]
    gate.open.set()
    assert [len(f.result(20).pixels) for f in waiting] == [LARGEST // 2 + 1] * 3
    assert batcher.passes == 4


def test_two_models_are_decoded_beside_each_other(run, gate):
    batcher = Batcher(gate)
    gate.open.set()
    old, new = batcher.submit((run.id, 4), np.ones((1, 3), np.float32)), batcher.submit((run.id, 12), np.ones((1, 3), np.float32))
    assert (old.result(20).step, new.result(20).step) == (4, 12)


@pytest.mark.parametrize("bad", [np.zeros((1, 5)), np.full((1, 3), np.nan)])
def test_a_bad_latent_spoils_no_other_in_its_pass(run, gate, bad):
    batcher = Batcher(gate)
    batcher.submit((run.id, NEWEST), latents(1))
    assert gate.entered.wait(20)
    good, wrong, also_good = (batcher.submit((run.id, NEWEST), z) for z in (latents(1), bad, latents(2)))
    gate.open.set()
    assert len(good.result(20).pixels) == 1 and len(also_good.result(20).pixels) == 2
    with pytest.raises(LabError, match="z "):
        wrong.result(20)


def test_an_unknown_run_is_told_to_all_who_ask_for_it_and_to_no_one_else(run):
    batcher = Batcher()
    futures = [batcher.submit(("nothing", NEWEST), latents(1)) for _ in range(3)]
    for future in futures:
        with pytest.raises(LabError, match="not known"):
            future.result(20)
    assert len(batcher.submit((run.id, NEWEST), latents(1)).result(20).pixels) == 1


def test_who_left_costs_nothing(run, gate):
    batcher = Batcher(gate)
    batcher.submit((run.id, NEWEST), latents(1))
    assert gate.entered.wait(20)
    left, stayed = batcher.submit((run.id, NEWEST), latents(1)), batcher.submit((run.id, NEWEST), latents(1))
    assert left.cancel()
    gate.open.set()
    assert len(stayed.result(20).pixels) == 1 and left.cancelled()


def test_more_than_can_wait_is_refused_until_there_is_room(run, gate, monkeypatch):
    monkeypatch.setattr(batches, "WAITING", 4)
    batcher = Batcher(gate)
    batcher.submit((run.id, NEWEST), latents(1))
    assert gate.entered.wait(20)
    waiting = [batcher.submit((run.id, NEWEST), latents(2)) for _ in range(2)]
    with pytest.raises(LabError, match="busy"):
        batcher.submit((run.id, NEWEST), latents(1))
    gate.open.set()
    for future in waiting:
        future.result(20)
    assert len(batcher.submit((run.id, NEWEST), latents(4)).result(20).pixels) == 4
