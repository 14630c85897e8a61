"""Images in a GAN's space on the pages: offered, fitted when asked for, searched for, their error shown; in a browser an upload, too."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from opened_page import opened, told
from PIL import Image
from playwright.sync_api import expect
from real_app import AT_REST, running_server, visit
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.data import DATASETS, load_dataset
from genlab.jobs.tasks import FAILED, TaskState, look, task_id, tasks_dir, write_status
from genlab.lens.inversion import encoder_of, find, is_fitted
from genlab.lens.inversion.encoder import encoder_path
from genlab.lens.models import MODELS
from genlab.maps import MapPlan, fit_map, map_step
from genlab.runs import Status
from genlab.ui.explore.inverting import FIT, in_words
from genlab.ui.shell.links import z_from_text

PAGES = Path(__file__).resolve().parent.parent / "pages"
PLAN = MapPlan(method="pca", n=40)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("invert")
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, folder)
        patch.setattr("genlab.lens.codes.DRAWN", 100)
        yield folder, tiny_run("dcgan", epochs=60, lr=5e-3), tiny_run("vae", latent_dim=4)


@pytest.fixture
def fitted(lab):
    """The GAN's model, its encoder at hand under the settings that pages and servers have."""
    model = MODELS.get(lab[1].id, exact=True)
    encoder_of(model)
    return model


def captions(app: AppTest) -> str:
    return "\n".join(c.value for c in app.caption)


@pytest.mark.usefixtures("nobody_trains")
def test_an_image_is_offered_and_its_encoder_is_fitted_when_somebody_asks(lab):
    run = lab[1]
    model = MODELS.get(run.id, exact=True)
    encoder_path(model).unlink(missing_ok=True)
    app = opened("explore/sliders.py", run=run.id, from_="image:2")
    assert "less than a minute" in captions(app) and told(app, "scrubber")["axes"]
    task = task_id(FIT, run=run.id, step=model.step, weights=model.digest)
    assert look(task).updated_at == 0 and not is_fitted(model)
    app.button(key="sliders.fit").click().run()
    assert not app.exception and look(task).updated_at > 0 and not [b for b in app.button if b.key == "sliders.fit"]
    write_status(tasks_dir() / task, TaskState(FAILED, error="there was not enough memory"))
    app.run()
    assert app.error[0].value == "there was not enough memory" and app.button(key="sliders.fit")


def test_a_found_image_is_the_start_and_its_error_is_said(lab, fitted):
    x = load_dataset(lab[1].plan.data)[1].x[2]
    app, there = opened("explore/sliders.py", run=lab[1].id, from_="image:2"), find(fitted, x)
    assert in_words(there) in captions(app) and f"{there.mse:.4f}" in in_words(there) and "dB" in in_words(there)
    labels = [picture["label"] for picture in told(app, "scrubber")["pictures"]]
    assert labels == ["Original", "As it was found"] and app.query_params["from"] in ("image:2", ["image:2"])
    assert not app.error and len(app.get("vega_lite_chart") + app.get("arrow_vega_lite_chart")) >= 1


def test_a_run_that_trains_is_not_searched(lab, fitted):
    run = lab[1]
    before = run.written_status
    lock = run.lock()
    try:
        with lock.acquire():
            run.write_status(Status(state="running"))
            assert "still being trained" in captions(opened("explore/sliders.py", run=run.id, from_="image:1"))
    finally:
        run.write_status(before)


def test_beside_it_another_run_starts_from_its_own_code_of_the_image_and_the_other_way_round(lab, fitted):
    _, gan, vae = lab
    for one, other in ((gan, vae), (vae, gan)):
        assert "starts from its own code of the same image" in captions(opened("explore/sliders.py", run=one.id, from_="image:3", beside=other.id))
    encoder_path(fitted).unlink()
    assert "no encoder: find an image in its space first" in captions(opened("explore/sliders.py", run=vae.id, from_="image:3", beside=gan.id))


def test_images_that_are_not_here_are_not_offered(lab, fitted, monkeypatch):
    monkeypatch.setitem(DATASETS, "digits", replace(DATASETS["digits"], is_local=lambda: False))
    app = opened("explore/sliders.py", run=lab[1].id, from_="image:2")
    pills = next(b for b in app.get("button_group") if b.key == "sliders.start")
    assert list(pills.options) == ["A draw", "Your own"] and not app.error


@pytest.mark.browser
def test_an_upload_is_found_edited_put_on_the_map_and_passed_through(lab, tab):
    _, gan, _ = lab
    model = MODELS.get(gan.id, exact=True)
    encoder_of(model)
    fit_map(gan.id, map_step(gan), PLAN.model_dump())
    x = model.decode(model.prior(1, 7))[0, ..., 0]
    picture = io.BytesIO()
    Image.fromarray(x).save(picture, "PNG")
    file = {"name": "mine.png", "mimeType": "image/png", "buffer": picture.getvalue()}
    with running_server(lab[0]) as url:
        visit(tab, f"{url}/sliders?run={gan.id}")
        tab.get_by_text("Your own", exact=True).click()
        tab.locator("input[type=file]").set_input_files(file)
        expect(tab.get_by_text("Found in the generator's space")).to_be_visible(timeout=60_000)
        tab.wait_for_url("**from=z%3A**")
        z = z_from_text(tab.url.split("from=z%3A")[1].split("&")[0], 3)
        again = model.decode(z[None])[0, ..., 0]
        assert np.square((again.astype(float) - x) / 255).mean() < 5e-3
        tab.locator("input[type=file]").set_input_files({**file, "buffer": b"no picture"})
        expect(tab.get_by_text("mine.png is no picture that can be read")).to_be_visible()
        visit(tab, f"{url}/map?run={gan.id}&method=pca&n=40")
        tab.locator("input[type=file]").set_input_files(file)
        expect(tab.get_by_text("Found in the generator's space")).to_be_visible(timeout=60_000)
        visit(tab, f"{url}/interpolate?run={gan.id}")
        tab.get_by_role("button", name="Your own picture").click()
        tab.locator("input[type=file]").set_input_files(file)
        tab.wait_for_url("**z%3A**", timeout=60_000)
        tab.wait_for_selector(AT_REST)
        assert tab.locator("[data-testid=stException]").count() == 0
