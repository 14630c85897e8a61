"""The pages of the section Data as their server makes them: what they show, what their addresses mean, and what they hand on."""

import base64
import csv
import io
from pathlib import Path

import numpy as np
import pytest
from opened_page import address, fine, opened, told
from PIL import Image
from sample_pictures import picture
from tiny_runs import use_folders

from genlab.data.faces import FACTORS, IDENTITY, render, sample_factors
from genlab.data.scenes import counterpart, render_scenes, sample_scenes
from genlab.data.shapes2d import EXTENT, SHAPES, entropy
from genlab.errors import DataError
from genlab.ui.data.portrait import Person, person_from

PAGES = Path(__file__).resolve().parent.parent / "pages"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))


# -- images -----------------------------------------------------------------------------------------------------------


def test_images_open_with_a_wall_its_facts_and_an_address():
    app = opened("data/images.py")
    wall, matrix, spread = told(app, "wall"), told(app, "matrix"), told(app, "distributions")
    assert wall["numbers"] == list(range(80)) and wall["opens"] and len(wall["words"][0]) == len(FACTORS)
    assert matrix["names"][:2] == ["man", "glasses"] and matrix["r"][0][0] == 1 and "500 images" in matrix["reading"]
    assert [sum(f["counts"]) for f in spread["facts"]] == [500] * len(FACTORS)
    assert address(app) == {"images": "faces", "n": "500"} and not app.error


def test_the_wall_shows_the_images_themselves():
    wall = told(opened("data/images.py", images="faces", n=14, size=32, seed=5), "wall")
    sheet = np.asarray(Image.open(io.BytesIO(base64.b64decode(wall["sheet"]))))
    ninth = sheet[34:66, 34 * 2 : 34 * 2 + 32, :3]   # number 10: third of the second row
    np.testing.assert_array_equal(ninth, render(sample_factors(1, 5, 10), 32)[0].transpose(1, 2, 0))


@pytest.mark.parametrize("n", [1, 14, 70, 2000, 20000])
def test_any_number_of_images_can_be_looked_at(n):
    app = opened("data/images.py", images="faces", n=n, size=16)
    assert len(told(app, "wall")["numbers"]) == min(n, 160)
    assert sum(told(app, "distributions")["facts"][0]["counts"]) == n


def test_ties_show_in_the_matrix_and_in_words_and_go_on_to_training():
    app = opened("data/images.py", images="faces", n=2000, size=16, correlate="glasses,man,0.9")
    r = told(app, "matrix")["r"][0][1]
    assert r == pytest.approx(2 / np.pi * np.arcsin(0.9), abs=0.06) and told(app, "matrix")["chosen"] == [[1, 0]]
    assert any(m.value.startswith("With glasses: ") and f"r = +{r:.2f}" in m.value for m in app.markdown)
    app.slider(key="images.ties.rho-glasses-man").set_value(-0.5).run()
    assert told(fine(app), "matrix")["r"][0][1] < -0.2 and address(app)["correlate"] == "glasses,man,-0.5"
    app.button(key="images.train").click().run()
    assert fine(app).selectbox(key="train.data.name").value == "faces"
    assert any("glasses with man -0.5" in c.value for c in app.caption)


def test_a_clicked_cell_ties_its_pair_as_far_as_others_allow():
    app = opened("data/images.py", images="faces", n=70, size=16, correlate="glasses,man,0.95")
    app.session_state["images.matrix"] = {"pair": [0, 4]}
    fine(app.run())
    assert address(app)["correlate"] == "glasses,man,0.95;man,hat,0.3" and not app.error


def test_ties_can_be_added_taken_away_and_preset():
    app = opened("data/images.py", images="scenes", n=70, size=16)
    app.selectbox(key="images.ties.a").set_value("haze")
    app.selectbox(key="images.ties.b").set_value("hour").run()
    app.button(key="images.ties.add").click().run()
    assert address(fine(app))["correlate"] == "haze,hour,0.8"
    app.button(key="images.ties.drop-haze-hour").click().run()
    assert "correlate" not in address(fine(app))
    app.button(key="images.ties.preset-Winter is dim").click().run()
    assert address(fine(app))["correlate"].startswith("winter,cloudiness,0.8")
    app.selectbox(key="images.name").set_value("digits").run()
    assert "correlate" not in address(fine(app)) and told(app, "wall")["size"] == 16


def test_every_preset_can_be_had():
    from genlab.data import DataSpec, resolve
    from genlab.ui.data.tie import PRESETS
    for name, presets in PRESETS.items():
        for pairs in presets.values():
            resolve(DataSpec(name=name, correlations=pairs))


@pytest.mark.parametrize("query, said", [
    ({"images": "facez"}, "did you mean 'faces'"), ({"images": "faces", "n": "-3"}, "n ="), ({"images": "own", "upload": "/etc"}, "no id"),
    ({"images": "faces", "correlate": "man,glasses,0.95;man,hat,0.95"}, "contradict"),
    ({"images": "digits", "correlate": "digit,x,0.5"}, "drawn images"),
])
def test_a_damaged_address_is_said_and_the_page_goes_on(query, said):
    app = opened("data/images.py", **query)
    assert any(said in e.value for e in app.error) and told(app, "wall")["numbers"]


def test_too_many_drawn_images_are_refused_before_they_are_counted():
    assert any("100000 can be looked at" in e.value for e in opened("data/images.py", images="faces", n=10**12).error)


def test_a_dataset_that_is_not_here_says_where_it_belongs():
    app = opened("data/images.py", images="celeba")
    assert any("GENLAB_DATA" in i.value for i in app.info) and not app.error


def test_own_images_come_by_upload_and_stay_by_address():
    app = opened("data/images.py", images="own")
    assert app.file_uploader(key="images.files") and not app.error
    sent = [("a.png", picture(seed=1)), ("b.png", picture(seed=2)), ("c.png", b"no picture")]
    for name, data in sent:
        app.file_uploader(key="images.files").upload(name, data, "image/png")
    app.run()
    assert any("2 images kept" in w.value for w in fine(app).warning)
    again = opened("data/images.py", **address(app))
    assert len(told(again, "wall")["numbers"]) == len(told(app, "wall")["numbers"]) == 1   # one of the two is held out
    assert told(again, "wall")["sheet"] == told(app, "wall")["sheet"] and not again.error


def test_a_face_of_the_wall_opens_as_a_portrait_with_what_it_has_there():
    app = opened("data/images.py", images="faces", n=14, size=16, correlate="glasses,man,0.9")
    app.session_state["images.wall"] = {"open": 6}
    fine(app.run())
    face = told(app, "portrait")["face"]
    table = sample_factors(1, 0, 6, {("glasses", "man"): 0.9})
    assert face["person"] == 6 and face["changes"]["glasses"] == table["glasses"][0]


# -- portrait ---------------------------------------------------------------------------------------------------------


def test_a_portrait_has_a_control_for_every_factor():
    data = told(opened("data/portrait.py"), "portrait")
    assert {f["name"] for f in data["factors"]} == {a.name for a in FACTORS} | set(IDENTITY) == set(data["own"])
    assert all(f["low"] < f["high"] for f in data["factors"])


def test_the_address_is_the_person_and_back():
    app = opened("data/portrait.py", person=7, seed=2, smile=0.25, hair_style="bob", jaw=-0.5, strip="age")
    face = told(app, "portrait")["face"]
    assert face == {"seed": 2, "person": 7, "size": 256, "changes": {"smile": 0.25, "hair_style": 6, "jaw": -0.5}}
    assert address(app) == {"person": "7", "seed": "2", "strip": "age", "smile": "0.25", "hair_style": "bob", "jaw": "-0.5"}


def test_where_the_hand_lets_go_becomes_the_address_and_the_files():
    app = opened("data/portrait.py", person=7)
    app.session_state["portrait.panel"] = {"left": {"seed": 0, "person": 9, "size": 64, "strip": "age", "changes": {"glasses": 1, "age": 33}}}
    fine(app.run())
    assert address(app) == {"person": "9", "size": "64", "strip": "age", "glasses": "1", "age": "33"}
    person = person_from(address(app))
    pixels = np.asarray(Image.open(io.BytesIO(person.png())))
    np.testing.assert_array_equal(pixels, render(sample_factors(1, 0, 9).with_(glasses=1, age=33), 64)[0].transpose(1, 2, 0))


@pytest.mark.parametrize("left", [{"person": 1}, {"person": "x", "size": 64, "strip": "age", "changes": {}}, 17,
                                  {"person": 1, "size": 64, "strip": "age", "changes": {"smile": float("nan")}},
                                  {"person": 1, "size": 64, "strip": "age", "changes": {"self": 1}},
                                  {"person": 1, "size": 10**9, "strip": "age", "changes": {}},
                                  {"person": 1, "size": 64, "strip": [], "changes": []}])
def test_what_no_page_would_send_breaks_nothing(left):
    app = opened("data/portrait.py", person=7)
    app.session_state["portrait.panel"] = {"left": left}
    fine(app.run())
    assert len(app.error) == (0 if left == 17 else 1)


@pytest.mark.parametrize("query", [
    {"person": "x"}, {"person": "-1"}, {"person": "9" * 30}, {"person": "1", "smile": "2"}, {"person": "1", "smile": "nan"},
    {"person": "1", "hair_style": "mohawk"}, {"person": "1", "size": "4"}, {"person": "1", "strip": "nose"},
])
def test_a_damaged_address_of_a_person_is_said(query):
    with pytest.raises(DataError):
        person_from(query)
    assert opened("data/portrait.py", **query).error


def test_the_table_names_everything():
    person = Person(5, changes={"hair_style": 6.0})
    table = person.table()
    assert list(table) == [*(a.name for a in FACTORS), *IDENTITY] and table["hair_style"] == "bob"
    assert person_from({**{k: str(v) for k, v in table.items()}, "person": "6"}).factors.identity == pytest.approx(person.factors.identity, abs=1e-6)
    header, row = csv.reader(io.StringIO(_page().as_csv(person)))
    assert header == list(table) and row[header.index("hair_style")] == "bob"


def _page():
    import importlib.util
    spec = importlib.util.spec_from_file_location("portrait_page", PAGES / "data/portrait.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# -- seasons and points -----------------------------------------------------------------------------------------------


def test_a_place_stands_beside_its_true_counterpart():
    app = opened("data/seasons.py", place=77, hour=6.5)
    place = sample_scenes(1, 0, 77).with_(winter=0, hour=6.5)
    shown = [np.asarray(Image.open(io.BytesIO(base64.b64decode(i.proto.imgs[0].url.split(",")[1])))) for i in app.get("image")[:2]]
    for pixels, scenes in zip(shown, (place, counterpart(place)), strict=True):
        np.testing.assert_array_equal(pixels[..., :3], render_scenes(scenes, 256)[0].transpose(1, 2, 0))
    assert address(app) == {"place": "77", "hour": "6.5"}
    app.button(key="seasons.random").click().run()
    assert fine(app).number_input(key="seasons.place").value != 77


@pytest.mark.parametrize("query", [{"place": "x"}, {"place": "-4"}, {"place": "99999999"}, {"place": "5", "hour": "99"}, {"hour": "."}])
def test_a_damaged_place_is_passed_over(query):
    assert not opened("data/seasons.py", **query).error


@pytest.mark.parametrize("name", SHAPES)
def test_points_are_those_of_the_shape_and_their_nats_too(name):
    app = opened("data/points.py", shape=name, seed=3, n=70)
    data = told(app, "points")
    points = np.frombuffer(base64.b64decode(data["points"]), "<i2").reshape(-1, 2) / 32767 * EXTENT
    expected = SHAPES[name].sample(20_000, 3)
    assert np.abs(points - np.clip(expected, -EXTENT, EXTENT)).max() < 1e-4 and data["n"] == 70
    nll = np.frombuffer(base64.b64decode(data["nll"]), "<f4")
    np.testing.assert_allclose(nll, -SHAPES[name].log_prob(expected), rtol=1e-5, atol=1e-5)
    assert data["entropy"] == entropy(SHAPES[name]) < data["gaussian"]
    assert address(app) == {"shape": name, "seed": "3", "n": "70"}


@pytest.mark.parametrize("query, said", [
    ({"shape": "moon"}, "did you mean 'moons'"), ({"seed": "x"}, "seed=x"), ({"n": "0"}, "n=0"), ({"n": "20001"}, "n=20001"),
])
def test_a_damaged_address_of_points_is_said(query, said):
    assert any(said in e.value for e in opened("data/points.py", **query).error)
