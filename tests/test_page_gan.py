"""The page "GAN on images" as its server makes it: without a run, for one that trains, has ended, is shipped or is no GAN."""

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from opened_page import opened, told
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec
from genlab.measures.looks import open_look
from genlab.runs import Run, create_run, execute, list_runs
from genlab.runs.folder import append_line, read_lines
from genlab.runs.ship import Recipe, ship
from genlab.studies.losses_kept import make
from genlab.training import Pace, TrainPlan

PAGES = Path(__file__).resolve().parent.parent / "pages"
pytestmark = pytest.mark.usefixtures("nobody_trains")


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))


def gan(epochs=6, look=open_look, **settings) -> Run:
    """A finished tiny DCGAN whose samples were measured, unless look is None."""
    run = create_run(TrainPlan(model="dcgan", data=DataSpec(name="digits", n=64, size=16), settings={"latent_dim": 3, "width": 4, **settings},
                               epochs=epochs, batch_size=16, threads=1))
    execute(run, open_look=look, pace=Pace(preview_s=1e9, state_s=1e9))
    return run


def words(app: AppTest) -> str:
    return " ".join(e.value for kind in ("info", "warning", "success", "caption", "error") for e in getattr(app, kind))


def won_by_d(run: Run, acc: float = 1.0) -> None:
    """Write rows of a game that D wins to the end of the run's; with a lower accuracy of D it is a sound one."""
    for i in range(60):
        append_line(run.path / "metrics.jsonl", {"step": 100 + i, "epoch": 25.0 + i, "seconds": 1.0, "train/loss_D": 0.01, "train/loss_G": 5.0,
                                                 "train/acc_real": acc, "train/acc_fake": acc, "train/grad_G": 0.01, "train/grad_D": 0.1})


@contextmanager
def held(run: Run, state: str = "running"):
    """The run as it looks to others while some process trains it."""
    with run.lock().acquire():
        run.write_status(replace(run.status, state=state, total_steps=100))
        yield run


def test_without_a_gan_one_click_starts_one():
    tiny_run("vae")
    app = opened("game/gan.py")
    assert "No GAN has been trained here yet" in words(app)
    app.button_group(key="gan.loss").set_value("wgan-gp").run()
    app.number_input(key="gan.epochs").set_value(4).run()
    app.button(key="gan.start").click().run()
    assert not app.exception and not app.error
    run = next(r for r in list_runs() if r.plan.model == "dcgan")
    settings = run.plan.settings
    assert (settings["loss"], settings["k"], settings["norm_D"], run.plan.epochs, run.status.state) == ("wgan-gp", 5, "layer", 4, "queued")
    assert told(app, "run")["run"] == run.id and "Too early to say" in words(app) and "No weights are kept yet" in words(app)


def test_a_finished_run_opens_at_its_best_step_with_everything():
    run = gan()
    app = opened("game/gan.py")
    best = run.status.best_step
    assert app.select_slider(key=f"gan.step-{run.id}").value == best and "(best)" in app.select_slider(key=f"gan.step-{run.id}").options[
        run.snapshots().index(best)]
    panel = told(app, "run")
    assert panel["run"] == run.id and {"kid", "coverage", "acc_real", "grad_G", "grad_D"} <= set(panel["only"])
    kinds = {kind["label"]: kind for kind in told(app, "scores")["kinds"]}
    assert set(kinds) == {"Training images", "Held-out images", "Made images"}
    assert all(sum(kind["shares"]) == pytest.approx(1) and "% right" in kind["text"] for kind in kinds.values())
    assert "nearest of 64 training images" in words(app) and len(app.get("image")) == 2


def test_another_moment_is_a_link():
    run = gan()
    app = opened("game/gan.py", run=run.id, step=str(run.snapshots()[0]))
    assert app.select_slider(key=f"gan.step-{run.id}").value == run.snapshots()[0]
    assert opened("game/gan.py", run=run.id, step="nonsense").select_slider(key=f"gan.step-{run.id}").value == run.status.best_step


@pytest.mark.parametrize(("norm", "label", "name", "value"), [("none", "R1 = 1", "r1", 1.0), ("batch", "shifts for D", "translate", 0.125)])
def test_a_remedy_is_applied_in_flight(norm, label, name, value):
    """R1 is none where D's batch norm mixes the images that it is to judge one by one."""
    run = gan(look=None, norm_D=norm)
    won_by_d(run)
    with held(run):
        app = opened("game/gan.py", run=run.id)
        assert "D wins: real accuracy 1.00" in words(app) and any("R1" in b.label for b in app.button) is (norm == "none")
        apply, = (b for b in app.button if b.label == f"Apply {label}")
        apply.click().run()
        assert not app.exception
    asked = [line for line in read_lines(run.path / "control.jsonl")[0] if line["kind"] == "set"]
    assert asked == [{"kind": "set", "name": name, "value": value}]


def test_a_remedy_is_tried_in_a_fork_and_shown_beside():
    run = gan(loss="minimax")
    won_by_d(run)
    app = opened("game/gan.py", run=run.id)
    fork, = (b for b in app.button if b.label == "Fork with the non-saturating loss")
    fork.click().run()
    assert not app.exception and not app.error
    child = next(r for r in list_runs() if r.config.parent)
    assert child.plan.settings["loss"] == "non-saturating" and child.plan.epochs == 10 and child.status.state == "queued"
    assert child.config.parent == {"run": run.id, "step": run.status.best_step}
    assert told(app, "run")["run"] == child.id and [r["id"] for r in told(app, "comparison")["runs"]] == [child.id, run.id]
    assert [r["after"] > 0 for r in told(app, "comparison")["runs"]] == [True, False] and told(app, "comparison")["log"]


def test_a_sound_game_settles_in_a_fork_whose_rate_falls():
    run = gan(look=None)   # what six epochs draw would not be called sound
    won_by_d(run, acc=0.8)
    with held(run):   # in flight the schedule stays as it is
        assert not [b for b in opened("game/gan.py", run=run.id).button if b.label == "Apply a falling learning rate"]
    app = opened("game/gan.py", run=run.id)
    fork, = (b for b in app.button if b.label == "Fork with a falling learning rate")
    fork.click().run()
    assert not app.exception and not app.error
    child = next(r for r in list_runs() if r.config.parent)
    assert (child.plan.lr_schedule, child.plan.lr, run.plan.lr_schedule) == ("cosine", run.plan.lr, "constant")


def test_a_shipped_generator_without_d_says_so_and_shows_the_rest():
    run = gan()
    shipped = ship(run, Recipe("tiny", "A tiny GAN", ("train",), (1, 2, 3, 5)))
    early = shipped.snapshots()[0]
    assert early < shipped.snapshots()[-1]
    app = opened("game/gan.py", run="tiny", step=str(early))
    assert f"Of step {early} the generator alone was kept" in words(app) and told(app, "scores") is None
    assert "nearest of 64 training images" in words(app)
    assert not [b for b in app.button if b.label.startswith("Apply")]
    assert told(opened("game/gan.py", run="tiny"), "scores")["kinds"]


def test_a_run_of_another_model_is_refused_in_words():
    run, vae = gan(), tiny_run("vae")
    app = opened("game/gan.py", run=vae.id)
    assert [e.value for e in app.error] == [f"{vae.id}: no game of D and G is played in it (Variational autoencoder); choose a GAN or a DCGAN"]
    assert told(app, "run")["run"] == run.id
    assert "is not known" in opened("game/gan.py", run="nothing-like-it").error[0].value


def html(app: AppTest) -> str:
    return " ".join(h.proto.body for h in app.get("html"))


def test_five_losses_are_started_with_one_click():
    app = opened("game/gan.py")
    app.button(key="losses.five").click().run()
    assert not app.exception and not app.error
    assert {r.plan.settings["loss"] for r in list_runs()} == {"minimax", "non-saturating", "lsgan", "wgan", "wgan-gp"}


def test_losses_are_offered_for_comparison_and_then_shown():
    runs = [gan(3, loss=loss) for loss in ("lsgan", "wgan")]
    app = opened("game/gan.py")
    offer, = (b for b in app.button if b.label.startswith("Compare"))
    assert offer.label == "Compare 2 losses, 1 seed: DCGAN, width 4, 3 latents, on 64 digits of 16 px, 3 epochs"
    offer.click().run()
    assert not app.exception and not app.error
    request = json.loads(next((runs[0].path.parent / ".tasks").glob("*/request.json")).read_text())
    assert set(request["arguments"]["runs"]) == {r.id for r in runs}
    make([r.id for r in runs], n=200)
    app = opened("game/gan.py")
    assert "Least squares" in html(app) and "Wasserstein, clipped" in html(app) and html(app).count("data:image/png") == 4
    assert not [b for b in app.button if b.label.startswith("Compare")] and "At each run's best step" in words(app)


def test_a_collapsed_generator_is_called_one():
    import torch

    from genlab.runs.weights import load_weights, save_weights
    run = gan()
    step = run.status.best_step
    weights = {name: torch.zeros_like(t) if name.startswith("G_ema.") and t.is_floating_point() else t
               for name, t in load_weights(run.weights_path(step)).items()}
    save_weights(run.weights_path(step), weights)
    assert "one and the same picture" in words(opened("game/gan.py", run=run.id))


def test_broken_weights_are_a_sentence():
    import torch

    from genlab.runs.weights import load_weights, save_weights
    run = gan()
    step = run.status.best_step
    weights = load_weights(run.weights_path(step))
    weights["G_ema.layers.0.weight"] = torch.full_like(weights["G_ema.layers.0.weight"], float("nan"))
    save_weights(run.weights_path(step), weights)
    app = opened("game/gan.py", run=run.id)
    assert any("not finite" in e.value for e in app.error) and told(app, "run")["run"] == run.id
