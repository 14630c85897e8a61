"""The page Interpolate: what it asks the player to show, what the address says, and what goes wrong on it."""

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.latent.paths import lerp, slerp
from genlab.lens.models import MODELS
from genlab.lens.waypoints import image
from genlab.ui.shell.links import z_to_text

MAIN = str(Path(__file__).resolve().parent.parent / "pages" / "main.py")


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("interpolate"))
        yield tiny_run("autoencoder", latent_dim=2, epochs=1), tiny_run("autoencoder", epochs=1), tiny_run("vae", epochs=1)


def opened(**query):
    app = AppTest.from_file(MAIN, default_timeout=60).run().switch_page("explore/interpolate.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def shown(app, name="player"):
    """What a component was told."""
    found = [json.loads(c.proto.json) for c in app.get("bidi_component") if c.proto.component_name.endswith(f"genlab_{name}")]
    assert len(found) == 1
    return found[0]


def way(view):
    return np.frombuffer(base64.b64decode(view["z"]), "<f4").reshape(-1, view["dim"])


def code(run, number):
    return MODELS.get(run.id, exact=True).encode(image(run.plan.data, number).x[None])[0]


def query(app):
    return {name: value if isinstance(value, str) else value[0] for name, value in app.query_params.items()}


def fine(app):
    assert not app.exception, app.exception[0].stack_trace
    assert not app.error, app.error[0].value
    return app


def test_it_opens_with_a_path_through_images_and_another_kind_of_run_beside_it(runs):
    app = fine(opened())
    said = shown(app)
    _, ae, vae = runs
    assert [view["target"] for view in said["views"]] == [f"{vae.id}@{vae.snapshots()[-1]}", f"{ae.id}@{ae.snapshots()[-1]}"]
    for view, run in zip(said["views"], (vae, ae), strict=True):
        z = way(view)
        np.testing.assert_allclose(z[said["stops"][1]["frame"]], code(run, 1), atol=1e-5)
        np.testing.assert_allclose(z[: said["stops"][1]["frame"] + 1], slerp(code(run, 0), code(run, 1), said["stops"][1]["frame"] + 1), atol=1e-5)
    assert said["frames"] == 240 and not said["closed"] and [stop["name"] for stop in said["stops"]] == ["image 0", "image 1", "image 2"]
    assert query(app) == {"run": vae.id, "via": "image:0,image:1,image:2", "kind": "slerp", "frames": "240", "beside": ae.id}


def test_an_address_brings_everything_back(runs):
    flat, _, vae = runs
    app = fine(opened(run=vae.id, via="image:5,image:3", kind="lerp", frames="30", beside=flat.id))
    said = shown(app)
    for view, run in zip(said["views"], (vae, flat), strict=True):
        np.testing.assert_allclose(way(view), lerp(code(run, 5), code(run, 3), 30), atol=1e-5)
    assert query(app) == {"run": vae.id, "via": "image:5,image:3", "kind": "lerp", "frames": "30", "beside": flat.id}
    assert not opened(run=vae.id, beside="none").error and len(shown(opened(run=vae.id, beside="none"))["views"]) == 1


def test_draws_are_followed_by_runs_of_the_same_length_alone(runs):
    _, ae, vae = runs
    app = fine(opened(run=vae.id, via="seed:1,seed:2", kind="circle", frames="40"))
    assert set(app.multiselect[0].options) == {ae.title}
    assert shown(app)["closed"] and [view["dim"] for view in shown(app)["views"]] == [3, 3]
    np.testing.assert_allclose(way(shown(app)["views"][0])[0], MODELS.get(vae.id, exact=True).prior(1, 1)[0], atol=1e-6)


def test_a_walk_has_a_seed_which_stands_in_the_address(runs):
    vae = runs[-1]
    app = fine(opened(run=vae.id, via="image:0", kind="walk", frames="60", seed="9", beside="none"))
    first = way(shown(app)["views"][0])
    assert query(app)["seed"] == "9"
    np.testing.assert_array_equal(way(shown(opened(run=vae.id, via="image:0", kind="walk", frames="60", seed="9", beside="none"))["views"][0]), first)
    app.number_input(key="interpolate.seed").set_value(10).run()
    assert query(app)["seed"] == "10" and not np.array_equal(way(shown(fine(app))["views"][0])[1:], first[1:])


def test_waypoints_that_are_picked_change_path_and_address(runs):
    app = opened(run=runs[-1].id)
    n = shown(app, "stops")["n"]
    app.session_state["interpolate"] = {"chosen": {"n": n, "names": ["image:4", "seed:2", "image:4"]}}
    fine(app.run())
    assert query(app)["via"] == "image:4,seed:2,image:4"
    np.testing.assert_allclose(way(shown(app)["views"][0])[-1], code(runs[-1], 4), atol=1e-5)
    app.session_state["interpolate"] = {"chosen": {"n": n, "names": ["image:../../x"] * 99}}
    fine(app.run())
    assert query(app)["via"] == "image:4,seed:2,image:4"   # what no browser of ours says is passed over


def test_steps_are_drawn_for_every_run_and_summed_up(runs):
    app = fine(opened(run=runs[-1].id, via="image:0,image:1", kind="loop", frames="20"))
    pace = shown(app, "pace")
    assert pace["unit"] == "grey levels" and [len(line["y"]) for line in pace["lines"]] == [20, 20]
    for line in pace["lines"]:
        ratio = max(line["y"]) / np.mean(line["y"])
        assert any(f"**{ratio:.1f} ×** {line['label']}" in m.value for m in app.markdown)


def test_a_latent_in_the_address_is_passed_and_belongs_to_its_run_alone(runs):
    z = np.array([0.5, -1, 2])
    app = fine(opened(run=runs[-1].id, via=f"z:{z_to_text(z)},image:1", frames="10"))
    np.testing.assert_allclose(way(shown(app)["views"][0])[0], z)
    assert len(shown(app)["views"]) == 1 and app.multiselect[0].options == []


def test_a_run_without_an_encoder_goes_through_draws(runs):
    gan = tiny_run("gan", epochs=1)
    app = fine(opened(run=gan.id, via="image:0,image:1", frames="20"))
    assert query(app)["via"] == "seed:0,seed:1,seed:2" and shown(app, "stops")["count"] == 0
    np.testing.assert_allclose(way(shown(app)["views"][0])[0], MODELS.get(gan.id, exact=True).prior(1, 0)[0], atol=1e-6)


@pytest.mark.parametrize(("wrong", "said"), [
    ({"via": "image:0"}, "at least 2"),
    ({"via": "image:0,image:9999"}, "image 9999"),
    ({"via": "image:0,<script>"}, "is damaged"),
    ({"via": "z:hAAA,image:1"}, "this model's have 3"),
    ({"via": "z:x,image:1"}, "is damaged"),
    ({"via": "own:01234567,image:1"}, "upload it again"),
    ({"via": ",".join(["image:1"] * 13)}, "13 waypoints are too many"),
    ({"via": "image:0,image:1,image:2", "frames": "2"}, "2 frames for 3 waypoints"),
    ({"run": "nothing"}, "is not known"),
])
def test_what_cannot_be_is_said_and_the_choice_stays(runs, wrong, said):
    app = opened(**{"run": runs[-1].id, **wrong})
    assert not app.exception and len(app.error) == 1 and said in app.error[0].value
    assert shown(app, "stops")["names"] is not None


@pytest.mark.parametrize("wrong", [{"kind": "spiral"}, {"frames": "-3"}, {"frames": "1e99"}, {"seed": "x", "kind": "walk"},
                                   {"beside": "nobody,../x"}])
def test_what_an_address_cannot_mean_is_passed_over(runs, wrong):
    assert shown(fine(opened(**{"run": runs[-1].id, **wrong})))["frames"] in range(2, 601)
