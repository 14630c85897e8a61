"""The page Train as its server makes it: for no run, and for one that waits, trains, has ended or has failed."""

import json
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sample_pictures import picture
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.recipes import RECIPES
from genlab.runs import Run, create_run, list_runs
from genlab.runs.folder import append_line, read_lines
from genlab.training import TrainPlan

PAGES = Path(__file__).resolve().parent.parent / "pages"
pytestmark = pytest.mark.usefixtures("nobody_trains")


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))


def open_train(**params: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60).run()
    app.switch_page("train/train.py")
    for name, value in params.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def buttons(app: AppTest) -> set[str]:
    return {b.key.removeprefix("train.") for b in app.button if not b.key.startswith("train.recipe")}


def panel(app: AppTest) -> dict | None:
    """What the live panel was told, None where there is none."""
    found = [c.proto for c in app.get("bidi_component") if c.proto.component_name.endswith("run")]
    return json.loads(found[0].json) if found else None


def asked(run: Run) -> list[tuple]:
    return [(line["kind"], line.get("name", ""), line.get("value", 0)) for line in read_lines(run.path / "control.jsonl")[0]]


@contextmanager
def held(run: Run, state: str = "running", **fields):
    """The run as it looks to others while some process trains it."""
    with run.lock().acquire():
        run.write_status(replace(run.status, state=state, total_steps=100, **fields))
        yield run


# -- no run chosen ----------------------------------------------------------------------------------------------------


def test_without_runs_there_are_recipes_and_a_form():
    app = open_train()
    assert [b.key for b in app.button if b.key.startswith("train.recipe")] == [f"train.recipe-{r.key}" for r in RECIPES]
    assert app.button(key="train.start").label == "Start training"
    assert app.selectbox(key="train.data.name").value == "digits"
    assert panel(app) is None and not app.error


def test_the_newest_finished_run_is_seen_beside_the_form():
    tiny_run("autoencoder")
    run = tiny_run()
    assert panel(open_train())["run"] == run.id


def test_one_click_starts_a_recipe():
    app = open_train()
    app.button(key="train.recipe-digits").click().run()
    assert not app.exception
    run, = list_runs()
    assert (run.title, run.plan.model, run.status.state) == (RECIPES[0].title, "vae", "queued")
    assert run.config.owner not in ("", None)
    assert app.query_params["run"] == run.id
    assert panel(app)["run"] == run.id and buttons(app) == {"stop"}
    app.button(key="train.stop").click().run()
    assert run.status.state == "stopped" and buttons(app) == {"resume"}


def test_the_form_starts_what_it_says():
    app = open_train()
    app.segmented_control(key="train.model").set_value("autoencoder")
    app.number_input(key="train.latent_dim").set_value(5)
    app.number_input(key="train.epochs").set_value(7)
    app.number_input(key="train.data.n").set_value(100)
    app.select_slider(key="train.data.size").set_value(24)
    app.run()
    app.button(key="train.start").click().run()
    plan = list_runs()[0].plan
    assert (plan.model, plan.epochs, plan.settings["latent_dim"], plan.data.size, plan.data.n) == ("autoencoder", 7, 5, 24, 100)


def test_a_gan_brings_its_learning_rate_and_a_loss_its_settings():
    app = open_train()
    app.segmented_control(key="train.model").set_value("dcgan").run()
    assert app.number_input(key="train.lr").value == 2e-4
    app.button_group(key="train.loss").set_value("wgan-gp").run()
    assert (app.number_input(key="train.k").value, app.number_input(key="train.beta1").value) == (5, 0.0)
    app.button_group(key="train.loss").set_value("lsgan").run()
    assert (app.number_input(key="train.k").value, app.number_input(key="train.beta1").value) == (1, 0.5)
    app.button(key="train.start").click().run()
    plan = list_runs()[0].plan
    assert (plan.model, plan.lr, plan.settings["loss"], plan.settings["k"]) == ("dcgan", 2e-4, "lsgan", 1)
    assert panel(app)["can_encode"] is False


def test_a_plan_that_cannot_be_carried_out_is_refused_in_words():
    app = open_train()
    app.number_input(key="train.width").set_value(6)   # widths are multiples of 4
    app.run()
    app.button(key="train.start").click().run()
    assert not app.exception and not list_runs()
    assert "width" in app.error[0].value


def test_the_form_takes_over_the_settings_of_another_run():
    run = tiny_run("autoencoder", latent_dim=6, epochs=2)
    app = open_train(like=run.id)
    assert app.segmented_control(key="train.model").value == "autoencoder"
    assert app.number_input(key="train.latent_dim").value == 6
    assert app.number_input(key="train.epochs").value == 2
    assert app.number_input(key="train.data.n").value == 64


def test_own_images_become_the_data():
    app = open_train()
    app.selectbox(key="train.data.name").set_value("own").run()
    assert app.button(key="train.start").disabled
    app.file_uploader(key="train.data.files").set_value([(f"{i}.png", picture(seed=i), "image/png") for i in range(6)]).run()
    assert not app.exception
    assert "6 images kept" in app.success[0].value
    app.button(key="train.start").click().run()
    data = list_runs()[0].plan.data
    assert data.name == "own" and len(data.path) == 16


def test_files_that_are_no_images_are_told():
    app = open_train()
    app.selectbox(key="train.data.name").set_value("own").run()
    app.file_uploader(key="train.data.files").set_value([("a.png", b"not a picture", "image/png")]).run()
    assert not app.exception and "a.png" in app.error[0].value


# -- one run ----------------------------------------------------------------------------------------------------------


def test_a_run_that_trains_can_be_paused_stopped_and_changed():
    with held(create_run(TrainPlan())) as run:
        app = open_train(run=run.id)
        assert panel(app) | {"nudge": 0} == {"run": run.id, "state": "running", "epochs": 30, "can_encode": True, "nudge": 0}
        assert buttons(app) == {"pause", "stop"}
        app.button(key="train.pause").click().run()
        app.select_slider(key=f"train.live-beta-{run.id}").set_value(5.0).run()
        app.select_slider(key=f"train.live-lr-{run.id}").set_value(0.0005).run()
        assert not app.exception
        assert asked(run) == [("pause", "", 0), ("set", "beta", 5.0), ("set", "lr", 0.0005)]
        assert panel(app)["nudge"] == 3


def test_the_loss_of_a_gan_is_chosen_in_flight():
    with held(create_run(TrainPlan(model="dcgan", settings={"norm_D": "layer"}))) as run:
        app = open_train(run=run.id)
        app.selectbox(key=f"train.live-loss-{run.id}").set_value("lsgan").run()
        app.select_slider(key=f"train.live-k-{run.id}").set_value(2.0).run()
        app.select_slider(key=f"train.live-r1-{run.id}").set_value(1.0).run()
        assert not app.exception
        assert asked(run) == [("set", "loss", "lsgan"), ("set", "k", 2.0), ("set", "r1", 1.0)]


def test_r1_is_no_slider_of_a_d_with_batch_norm_unless_it_has_r1_already():
    with held(create_run(TrainPlan(model="dcgan"))) as run:
        names = {s.key for s in open_train(run=run.id).select_slider}
        assert f"train.live-k-{run.id}" in names and f"train.live-r1-{run.id}" not in names
        run.write_config(replace(run.config, plan=run.plan.model_copy(update={"settings": {**run.plan.settings, "r1": 1.0}})))   # of long ago
        app = open_train(run=run.id)
        app.select_slider(key=f"train.live-r1-{run.id}").set_value(0.0).run()
        assert not app.exception and asked(run) == [("set", "r1", 0.0)]


def test_a_paused_run_can_take_one_step():
    with held(create_run(TrainPlan()), "paused") as run:
        app = open_train(run=run.id)
        assert buttons(app) == {"resume", "step", "stop"}
        app.button(key="train.step").click().run()
        app.button(key="train.resume").click().run()
        assert [kind for kind, *_ in asked(run)] == ["step", "resume"]


def test_a_finished_run_trains_on_for_more_epochs():
    run = tiny_run()
    app = open_train(run=run.id)
    assert panel(app)["state"] == "finished" and buttons(app) == {"lengthen"}
    app.number_input(key=f"train.to-{run.id}-3").set_value(5).run()
    app.button(key="train.lengthen").click().run()
    assert not app.exception and run.plan.epochs == 5 and run.status.state == "queued"


def test_a_run_whose_learning_rate_is_spent_is_only_looked_at():
    app = open_train(run=tiny_run(lr_schedule="cosine").id)
    assert panel(app)["state"] == "finished" and buttons(app) == set()


def test_a_failed_run_goes_on_with_half_the_learning_rate():
    run = create_run(TrainPlan(lr=0.5))
    append_line(run.path / "events.jsonl", {"time": 1.0, "step": 3, "kind": "changed", "text": "lr = 0.2", "values": {"lr": 0.2}})
    append_line(run.path / "events.jsonl", {"time": 2.0, "step": 5, "kind": "diverged", "text": "At step 5 ...", "values": {"back_to": 0}})
    run.write_status(replace(run.status, state="failed", message="At step 5 the loss was no longer finite."))
    app = open_train(run=run.id)
    assert buttons(app) == {"halve", "resume"}
    app.button(key="train.halve").click().run()
    assert not app.exception
    assert asked(run)[-1] == ("set", "lr", 0.1)
    assert run.status.state == "queued"


def test_a_run_that_failed_for_another_reason_is_tried_again():
    run = create_run(TrainPlan())
    run.write_status(replace(run.status, state="failed", message="digits: the files are gone"))
    app = open_train(run=run.id)
    assert {b.label for b in app.button} == {"Try again"}


@pytest.mark.parametrize("state", ["stopped", "interrupted", "parked"])
def test_a_run_at_rest_goes_on(state):
    run = create_run(TrainPlan())
    run.write_status(replace(run.status, state=state))
    app = open_train(run=run.id)
    assert app.button(key="train.resume").label == "Go on"
    app.button(key="train.resume").click().run()
    assert run.status.state == "queued"


def test_what_cannot_be_done_is_said_and_the_page_goes_on():
    run = create_run(TrainPlan())
    run.write_status(replace(run.status, state="stopped"))
    app = open_train(run=run.id)
    with run.lock().acquire():   # somebody began to train it meanwhile
        app.button(key="train.resume").click().run()
    assert not app.exception
    assert run.id in app.error[0].value
    assert not app.run().error


def test_somebody_elses_run_is_watched_and_not_touched():
    with held(create_run(TrainPlan(), owner="0123456789abcdef")) as run:
        app = open_train(run=run.id)
        assert buttons(app) == set() and not app.select_slider
        assert panel(app)["run"] == run.id


def test_a_run_that_is_gone_is_said():
    app = open_train(run="vae-digits-0000")
    assert "not known" in app.error[0].value
