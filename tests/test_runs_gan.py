"""A model that cannot encode, everywhere else in the lab: recorded, resumed, shipped, exported, served, looked at."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.cli import main
from genlab.errors import ConfigError, LabError
from genlab.lens.codes import CODES
from genlab.lens.models import ModelCache
from genlab.paths import ROOT
from genlab.runs import create_run, execute, fork, lengthen, list_runs, load_model, send
from genlab.runs.card import model_card
from genlab.runs.control import Control
from genlab.runs.folder import append_line
from genlab.runs.ship import Recipe, ship
from genlab.runs.transfer import export_onnx, export_zip, import_zip
from genlab.runs.weights import load_state, save_state
from genlab.server.feed import Feed
from genlab.training import Pace, TrainPlan


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)


@pytest.fixture
def run():
    return tiny_run("dcgan")


def z(n=3, d=3):
    return torch.randn(n, d, generator=torch.Generator().manual_seed(0))


def test_it_is_recorded_with_samples_and_without_reconstructions(run):
    assert run.status.state == "finished" and run.snapshots() == [4, 8, 12] and run.plan.lr == 2e-4
    assert run.preview_path("live-samples").exists() and not run.preview_path("live-recon").exists()
    answer = Feed(run).since()
    assert {"loss_D", "loss_G", "acc_real", "acc_fake", "grad_G", "grad_D"} <= set(answer["train"]) and answer["kl_dims"] == []
    assert {"loss_D", "acc_real"} <= set(answer["test"]) and "grad_G" not in answer["test"]
    assert "of D and G together" in model_card(run) and "Real images taken for real, of all" in model_card(run)


def test_it_is_shipped_with_the_generator_alone_of_older_snapshots(run):
    with torch.no_grad():
        before = load_model(run, 4).decode(z())
        shipped = ship(run, Recipe("tiny", "A tiny GAN", ("train",), (1, 3)))
        old, new = load_model(shipped, 4), load_model(shipped)
        assert torch.equal(old.decode(z()), before) and not hasattr(old, "D") and hasattr(new, "D") and not new.can_encode
    assert shipped.weights_path(4).stat().st_size < 0.6 * shipped.weights_path(12).stat().st_size
    assert fork(shipped).config.parent == {"run": "tiny", "step": 12}
    with pytest.raises(LabError, match="decoder alone"):
        fork(shipped, 4)


@pytest.mark.parametrize(("schedule", "last", "shipped_step"), [("constant", 0.21, 8), ("cosine", 0.21, 12), ("cosine", 0.3, 8)])
def test_a_run_whose_rate_falls_is_shipped_at_its_end_unless_that_is_worse(run, schedule, last, shipped_step):
    run.write_config(replace(run.config, plan=run.plan.model_copy(update={"lr_schedule": schedule})))
    for step, kid in ((4, 0.5), (8, 0.2), (12, last)):
        append_line(run.path / "metrics.jsonl", {"step": step, "epoch": step / 4, "eval/kid": kid, "eval/kid_high": kid + 0.05})
    run.write_status(replace(run.status, best_step=8))
    shipped = ship(run, Recipe("tiny", "A tiny GAN", ("train",), (1,)))
    assert shipped.snapshots() == [4, shipped_step] and hasattr(load_model(shipped), "D") and shipped.status.best_step == 8


def test_it_travels_and_becomes_onnx(run):
    import onnxruntime

    copy = import_zip(export_zip(run, with_state=True))
    with torch.no_grad():
        expected = load_model(run).decode(z())
        assert torch.equal(load_model(copy).decode(z()), expected)
    session = onnxruntime.InferenceSession(export_onnx(run), providers=["CPUExecutionProvider"])
    x_hat, = session.run(None, {"z": z().numpy()})
    assert np.abs(x_hat - expected.numpy()).max() < 1e-4 and x_hat.min() >= 0 and x_hat.max() <= 1


@pytest.mark.parametrize("exact", [True, False])
def test_it_is_served_without_d_and_says_that_it_has_no_encoder(run, exact):
    model = ModelCache(precision="bf16").get(run.id, exact=exact)
    with torch.no_grad():
        x = load_model(run).decode(z()).mul(255).round().byte().permute(0, 2, 3, 1).numpy()
    assert np.abs(model.decode(z().numpy()).astype(int) - x).max() <= 2 and not model.can_encode
    assert not hasattr(model._model, "D") and hasattr(model._model, "G_ema")
    older = ModelCache().get(ship(run, Recipe("tiny", "A tiny GAN", ("train",), (1,))).id, 4)
    assert older.decode(z().numpy()).shape == (3, 16, 16, 1)
    if exact:
        assert model.prior(2, 0).shape == (2, 3)
        with pytest.raises(LabError, match="no encoder"):
            model.encode(np.zeros((1, 1, 16, 16), np.uint8))
        assert CODES.get(run.id).is_drawn and CODES.get(run.id).mu.shape == (4000, 3)


@pytest.mark.usefixtures("nobody_trains")
@pytest.mark.parametrize("page", ["sliders", "interpolate", "arithmetic"])
def test_pages_that_explore_open_with_it(run, page):
    """Each finds a way without codes; of digits that nobody reads no attribute can be moved, which is said."""
    app = AppTest.from_file(str(ROOT / "pages" / "main.py"), default_timeout=60).run()
    app.switch_page(f"explore/{page}.py")
    app.query_params["run"] = run.id
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    assert [e.value for e in app.error if "nobody reads attributes" not in e.value] == []


def test_a_choice_can_be_sent_to_it():
    run = create_run(TrainPlan(model="gan", settings={"width": 4}))
    send(run, "set", "loss", "lsgan")
    assert [(c.name, c.value) for c in Control(run)()] == [("loss", "lsgan")]
    with pytest.raises(ConfigError, match="cannot be changed"):
        send(run, "set", "spectral", 1.0)


MIXED = {"latent_dim": 3, "width": 4, "r1": 1.0, "norm_D": "batch"}


def test_r1_on_batch_norm_is_refused_for_new_runs(run, capsys):
    asked = {"model": "dcgan", "data": run.plan.data, "batch_size": 16, "epochs": 1, "threads": 1}
    with pytest.raises(ConfigError, match="batch norm mixes"):
        create_run(TrainPlan(settings=MIXED, **asked))
    with pytest.raises(ConfigError, match="batch norm mixes"):
        fork(run, changes={"settings": {"r1": 1.0}})
    words = "train --model dcgan --dataset digits --data-n 64 --epochs 1 --quiet --set width=4 --set r1=1 --set norm_D=batch"
    assert main(words.split()) == 2 and "batch norm mixes" in capsys.readouterr().err
    assert [r.id for r in list_runs()] == [run.id]
    for norm in ("auto", "layer", "none"):
        create_run(TrainPlan(settings={**MIXED, "norm_D": norm}, **asked))


@pytest.mark.parametrize("when", ["planned", "in flight"])
def test_runs_that_have_r1_on_batch_norm_still_open_decode_and_go_on(run, when):
    """As they were made before it was refused: from the start, or set while they trained, which their state remembers."""
    if when == "planned":
        run.write_config(replace(run.config, plan=run.plan.model_copy(update={"settings": {**run.plan.settings, "r1": 1.0}})))
    state = load_state(run)
    save_state(run.state_path, replace(state, meta={**state.meta, "settings": {**state.meta["settings"], "r1": 1.0}}), {"control": 0})
    assert load_model(run).decode(z()).shape == (3, 1, 16, 16) and load_model(import_zip(export_zip(run))).config.norm_D == "batch"
    lengthen(run, 5)
    send(run, "set", "cutout", 0.1)   # what has nothing to do with it can be changed
    send(run, "set", "r1", 2.0)
    send(run, "set", "r1", 0.0)
    assert execute(run, pace=Pace(preview_s=1e9, state_s=1e9)).state == "finished"
    assert run.metrics()[0][-2]["epoch"] == 5 and [e["kind"] for e in run.events()].count("changed") == 3
    assert "train/r1" not in run.metrics()[0][-2]


def test_r1_is_refused_in_flight_where_batch_norm_is_and_said(run):
    lengthen(run, 4)
    send(run, "set", "r1", 1.0)
    assert execute(run, pace=Pace(preview_s=1e9, state_s=1e9)).state == "finished"
    refused, = [e for e in run.events() if e["kind"] == "refused"]
    assert "batch norm mixes" in refused["text"] and not any("train/r1" in row for row in run.metrics()[0])


def test_the_command_line_trains_and_resumes_it(capsys):
    words = ("train --model dcgan --dataset digits --data-n 64 --epochs 2 --batch-size 16 --threads 1 --quiet "
             "--set width=4 --set loss=wgan-gp --set latent_dim=3")
    assert main(words.split()) == 0
    run, = list_runs()
    assert run.plan.settings["loss"] == "wgan-gp" and run.plan.settings["k"] == 5 and run.plan.lr == 2e-4
    assert "test/acc_real" in capsys.readouterr().out
    assert main([*words.split(), "--set", "k=0"]) == 2
    assert "k = '0'" in capsys.readouterr().err
    assert main(["traverse", run.id, "--seed", "1", "--axis", "0", "--out", str(run.path / "film.png")]) == 0
