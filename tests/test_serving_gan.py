"""D's scores of a snapshot, and what its samples are nearest to."""

import numpy as np
import pytest
import torch
from tiny_runs import tiny_run, use_folders

from genlab.diagnose.inside import d_scores, neighbours
from genlab.diagnose.scores import histograms, loss_at, scores
from genlab.errors import LabError
from genlab.models import build_model
from genlab.runs import load_model
from genlab.runs.folder import append_line
from genlab.runs.ship import Recipe, ship


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)


def images(n, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, 1, 16, 16), np.uint8)


def test_scores_are_those_of_d_in_batches_as_large_as_in_training():
    run = tiny_run("dcgan")
    found = d_scores(run, 12)
    assert found.train.shape == (64,) and found.held_out.shape == (176,) and found.made.shape == (64,)   # 180 held out, in whole batches of 16
    model = load_model(run, 12)
    from genlab.diagnose.inside import images as of_run
    x = torch.from_numpy(of_run(run.plan.data, "train", 16)).float() / 255
    with torch.no_grad():
        assert np.allclose(model.D(2 * x - 1).numpy(), found.train[:16], atol=1e-5)
    assert found.border == 0 and found.acc["train"] == (found.train > 0).mean() and found.acc["made"] == (found.made <= 0).mean()
    assert d_scores(run, 12) is found


@pytest.mark.parametrize("loss", ["lsgan", "wgan-gp"])
def test_each_loss_has_its_border(loss):
    model = build_model("dcgan", {"size": 16, "channels": 1, "latent_dim": 3, "width": 4, "loss": loss})
    found = scores(model, images(32), images(20, 1), loss=loss, batch_size=16)
    between = (found.train.mean() + found.made.mean()) / 2
    assert found.border == pytest.approx(0.5 if loss == "lsgan" else between)
    assert found.acc["held_out"] == pytest.approx((found.held_out > found.border).mean()) and len(found.held_out) == 16


def test_histograms_hold_all_images_even_where_all_score_alike():
    model = build_model("dcgan", {"size": 16, "channels": 1, "latent_dim": 3, "width": 4})
    with torch.no_grad():
        [p.zero_() for p in model.D.parameters()]
    edges, shares = histograms(scores(model, images(32), images(32, 1), loss="minimax", batch_size=16))
    assert len(edges) == 41 and (np.diff(edges) > 0).all() and all(s.sum() == pytest.approx(1) for s in shares.values())


def test_weights_without_d_say_where_there_is_one():
    shipped = ship(tiny_run("dcgan"), Recipe("tiny", "A tiny GAN", ("train",), (1, 3)))
    assert len(d_scores(shipped, 12).train)
    with pytest.raises(LabError, match="Of step 4 the generator alone was kept. D's scores can be seen at step 12"):
        d_scores(shipped, 4)
    with pytest.raises(LabError, match="no weights at step 5"):
        neighbours(shipped, 5)


def test_a_broken_d_is_named():
    model = build_model("dcgan", {"size": 16, "channels": 1, "latent_dim": 3, "width": 4})
    with torch.no_grad():
        next(model.D.parameters()).fill_(float("nan"))
    with pytest.raises(LabError, match="NaN or infinity"):
        scores(model, images(32), images(32, 1), loss="minimax", batch_size=16)


def test_the_loss_is_the_one_that_was_played_at_that_step():
    run = tiny_run("dcgan")
    append_line(run.path / "events.jsonl", {"time": 0.0, "step": 6, "kind": "changed", "text": "", "values": {"loss": "lsgan"}})
    assert (loss_at(run, 4), loss_at(run, 8)) == ("non-saturating", "lsgan")


def test_neighbours_are_training_images_and_the_nearest_by_features():
    run = tiny_run("dcgan")
    found = neighbours(run, 12, 4)
    assert found.samples.shape == found.nearest.shape == (4, 1, 16, 16) and found.among == 64 and found.usual > 0
    assert (found.distances > 0).all() and "principal components" in found.about
    assert neighbours(run, 12, 4) is found
