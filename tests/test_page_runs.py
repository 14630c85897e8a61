"""The page Runs: found, compared, renamed, forked, resumed, deleted and brought back, taken out and in."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from test_pages import table
from tiny_runs import tiny_run, use_folders

from genlab import jobs
from genlab.paths import checkpoints_dir
from genlab.runs import Run, create_run, find_run, list_runs, rename, trashed
from genlab.runs.transfer import export_zip
from genlab.training import TrainPlan

PAGES = Path(__file__).resolve().parent.parent / "pages"
STRANGER = "0123456789abcdef"
pytestmark = pytest.mark.usefixtures("nobody_trains")


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)


def open_runs(**params: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60).run()
    app.switch_page("train/runs.py")
    for name, value in params.items():
        app.query_params[name] = value
    return settled(app.run())


def settled(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].stack_trace
    assert not app.error, app.error[0].value
    return app


def open_dialog(run: Run) -> AppTest:
    return settled(open_runs().button(key=f"runs.more-{run.id}").click().run())


def listed(app: AppTest) -> list[str]:
    """Ids in the list, from top to bottom."""
    return [b.key.removeprefix("runs.more-") for b in app.button if (b.key or "").startswith("runs.more-")]


def compared(app: AppTest) -> dict:
    found = [c.proto for c in app.get("bidi_component") if c.proto.component_name.endswith("comparison")]
    return json.loads(found[0].json) if found else {"runs": []}


def new(title: str, **changes) -> Run:
    return create_run(TrainPlan(**changes), title=title)


# -- found ------------------------------------------------------------------------------------------------------------


def test_without_runs_the_page_stands():
    app = open_runs()
    assert listed(app) == [] and any("No run" in c.value for c in app.caption)


def test_search_reads_titles_models_and_states():
    whale, owl = new("Blue whale"), new("Owl", model="autoencoder")
    app = open_runs()
    assert set(listed(app)) == {whale.id, owl.id}
    assert listed(app.text_input(key="runs.search").set_value("AUTO queued").run()) == [owl.id]
    assert listed(app.text_input(key="runs.search").set_value("blue").run()) == [whale.id]
    assert listed(app.text_input(key="runs.search").set_value("blue owl").run()) == []


def test_sorted_by_name_and_by_what_they_reached():
    short, long = tiny_run(epochs=1), tiny_run(epochs=6)
    rename(short, "A")
    rename(long, "B")
    app = open_runs()
    assert listed(app) == [long.id, short.id]   # the newest first
    assert listed(app.selectbox(key="runs.sort").set_value("Name").run()) == [short.id, long.id]
    better, worse = sorted([short, long], key=lambda r: r.metrics()[0][-1]["test/mse"])
    assert listed(app.selectbox(key="runs.sort").set_value("Least squared error").run()) == [better.id, worse.id]


def test_strangers_runs_stay_behind_the_switch():
    mine, theirs = new("Mine"), create_run(TrainPlan(), title="Theirs", owner=STRANGER)
    app = open_runs()
    assert listed(app) == [mine.id]
    assert set(listed(app.toggle(key="runs.others").set_value(True).run())) == {mine.id, theirs.id}


def test_many_runs_come_in_pages():
    for i in range(10):
        new(f"Run {i}")
    app = open_runs()
    assert len(listed(app)) == 8


# -- compared ---------------------------------------------------------------------------------------------------------


def test_newest_runs_are_compared_unasked_and_chosen_ones_when_asked():
    vae, auto = tiny_run(), tiny_run("autoencoder")
    app = open_runs()
    assert {r["id"] for r in compared(app)["runs"]} == {vae.id, auto.id}
    app.checkbox(key=f"runs.pick-{vae.id}").check().run()
    assert [r["id"] for r in compared(app)["runs"]] == [vae.id]
    assert app.query_params["compare"] == vae.id
    app.segmented_control(key="runs.metric").set_value("mse").run()
    app.segmented_control(key="runs.x").set_value("seconds").run()
    app.segmented_control(key="runs.split").set_value("train").run()
    told = settled(app) and compared(app)
    assert (told["metric"], told["unit"], told["x"], told["split"]) == ("mse", "per pixel", "seconds", "train")


def test_a_link_holds_what_is_compared():
    vae, auto = tiny_run(), tiny_run("autoencoder")
    app = open_runs(compare=f"{auto.id},{vae.id}")
    assert [r["id"] for r in compared(app)["runs"]] == [auto.id, vae.id]
    assert app.checkbox(key=f"runs.pick-{vae.id}").value


def test_another_model_has_other_curves():
    vae, auto = tiny_run(), tiny_run("autoencoder")
    app = open_runs(compare=vae.id)
    assert settled(app) and compared(app)["metric"] == "elbo"
    app.segmented_control(key="runs.metric").set_value("kl").run()
    app.checkbox(key=f"runs.pick-{auto.id}").check().run()
    app.checkbox(key=f"runs.pick-{vae.id}").uncheck().run()
    assert settled(app) and compared(app)["metric"] in ("recon", "mse")


def test_a_picked_run_that_is_gone_is_left_out():
    run = tiny_run()
    assert [r["id"] for r in compared(open_runs(compare=f"gone,{run.id}"))["runs"]] == [run.id]


def test_numbers_that_cannot_be_compared_come_with_a_warning():
    tiny_run(), tiny_run(size=24)
    app = open_runs()
    assert any("image sizes" in c.value for c in app.caption)
    app.segmented_control(key="runs.metric").set_value("mse").run()
    assert not any("image sizes" in c.value for c in app.caption)


# -- changed ----------------------------------------------------------------------------------------------------------


def test_a_run_gets_another_name():
    run = tiny_run()
    app = open_dialog(run)
    app.text_input(key=f"runs.title-{run.id}").set_value("Blue *whale*").run()
    settled(app.button(key="runs.rename").click().run())
    assert run.title == "Blue *whale*"


def test_a_deleted_run_comes_back():
    run = tiny_run()
    app = settled(open_dialog(run).button(key="runs.delete").click().run())
    assert [r.id for r in trashed()] == [run.id]
    app = settled(app.button(key="runs.undo").click().run())
    assert listed(app) == [run.id] and not trashed()
    assert "runs.undo" not in {b.key for b in app.run().button}


def test_the_trash_gives_back_what_was_deleted_long_ago():
    run = tiny_run()
    settled(open_dialog(run).button(key="runs.delete").click().run())
    app = open_runs()
    assert listed(app) == []
    assert listed(settled(app.button(key=f"runs.back-{run.id}").click().run())) == [run.id]


def test_a_waiting_run_is_withdrawn_before_it_is_deleted():
    run = new("Waits")
    jobs.get_queue().submit(run)
    settled(open_dialog(run).button(key="runs.delete").click().run())
    assert [r.id for r in trashed()] == [run.id] and trashed()[0].status.state == "stopped"


def test_a_run_is_opened_in_the_pages_that_take_one():
    app = open_dialog(tiny_run())
    offered = {link.proto.page for link in app.get("page_link") if link.proto.label.startswith("Open in")}
    assert offered == {entry.path for entry in table() if entry.takes_run} and {"sliders", "train"} <= offered


def test_a_fork_starts_from_a_snapshot_with_other_settings():
    run = tiny_run()
    app = open_dialog(run)
    key = f"runs.fork-{run.id}"
    app.select_slider(key=f"{key}.step").set_value(8)
    app.number_input(key=f"{key}.beta").set_value(4.0)
    app.number_input(key=f"{key}.epochs").set_value(9)
    app.run()
    settled(app.button(key="runs.fork").click().run())
    child = next(r for r in list_runs() if r != run)
    assert child.config.parent == {"run": run.id, "step": 8}
    assert (child.plan.epochs, child.plan.settings["beta"], child.plan.settings["latent_dim"]) == (9, 4.0, 3)
    assert child.status.state == "queued" and app.query_params["run"] == child.id


def test_a_stopped_run_goes_on_from_here():
    run = tiny_run()
    run.write_status(replace(run.status, state="stopped"))
    app = settled(open_dialog(run).button(key="runs.resume").click().run())
    assert run.status.state == "queued" and app.query_params["run"] == run.id


def test_strangers_and_shipped_runs_can_be_forked_and_nothing_else():
    theirs = tiny_run()
    theirs.write_config(replace(theirs.config, owner=STRANGER))
    shipped = tiny_run()
    checkpoints_dir().mkdir()
    shipped.path.rename(checkpoints_dir() / shipped.id)
    for run in (theirs, find_run(shipped.id)):
        app = open_runs()
        app.toggle(key="runs.others").set_value(True).run()
        app = settled(app.button(key=f"runs.more-{run.id}").click().run())
        keys = {b.key for b in app.button}
        assert "runs.fork" in keys and not keys & {"runs.delete", "runs.rename", "runs.resume"}


# -- out and in -------------------------------------------------------------------------------------------------------


def test_an_exported_run_comes_in_again_as_ones_own():
    run = tiny_run()
    data = export_zip(run)
    app = open_runs()
    app.file_uploader(key="runs.import").set_value([("run.zip", data, "application/zip")])
    settled(app.run())
    assert "Imported" in app.success[0].value
    copy = next(r for r in list_runs() if r != run)
    assert copy.config.owner and copy.snapshots() == run.snapshots() and copy.id in listed(app)


def test_a_file_that_is_no_run_is_refused_in_words():
    app = open_runs()
    app.file_uploader(key="runs.import").set_value([("run.zip", b"PK no", "application/zip")])
    app.run()
    assert "not a zip" in app.error[0].value and not list_runs()
