"""The pages of the adversarial game in the plane as their server makes them: what they tell the browser, and what their addresses mean."""

from pathlib import Path

import pytest
from opened_page import address, fine, opened, told
from streamlit.testing.v1 import AppTest

from genlab.game import GAMES, GameConfig, preset
from genlab.game.drawn import points_to_text
from genlab.game.link import from_query, to_query
from genlab.ui.shell.address import BEHIND_S

PAGES = Path(__file__).resolve().parent.parent / "pages"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))


def game_of(app: AppTest) -> GameConfig:
    return GameConfig(**told(app, "game")["config"])


# -- the game in 2D -----------------------------------------------------------------------------------------------------


def test_it_opens_with_what_works():
    app = opened("game/plane.py")
    data = told(app, "game")
    assert game_of(app) == preset("r1") and data["played"] == "" and data["token"]
    assert [p["name"] for p in data["presets"] if p["isNow"]] == ["r1"] and len(data["presets"]) == len(GAMES)
    assert address(app) == {"shape": "ring", "loss": "non-saturating", "r1": "0.1", "seed": "0"}


def test_an_address_is_its_game_with_what_was_played_and_the_settings_that_hold_after_it():
    app = opened("game/plane.py", shape="moons", loss="wgan-gp", hidden=32, seed=5, played="30~k:3~D2")
    data = told(app, "game")
    assert game_of(app) == GameConfig(shape="moons", loss="wgan-gp", hidden=32, seed=5) and data["played"] == "30~k:3~D2"
    assert data["live"]["k"] == 3 and data["config"]["k"] == 5 and app.number_input(key="plane.k").value == 3
    assert address(app) == {"shape": "moons", "loss": "wgan-gp", "hidden": "32", "seed": "5", "played": "30~k:3~D2"}


def test_a_live_setting_goes_to_the_game_in_flight_and_another_starts_a_new_one():
    app = opened("game/plane.py")
    stamp = told(app, "game")["stamp"]
    app.selectbox(key="plane.loss").select("lsgan")
    fine(app.run())
    data = told(app, "game")
    assert data["stamp"] == stamp and data["live"]["loss"] == "lsgan" and data["config"]["loss"] == "non-saturating"
    app.slider(key="plane.layers").set_value(3)
    fine(app.run())
    data = told(app, "game")
    assert data["stamp"] == stamp + 1 and data["config"]["layers"] == 3 and data["config"]["loss"] == "lsgan"
    assert address(app)["loss"] == "lsgan" and address(app)["layers"] == "3"


@pytest.mark.parametrize(("loss", "field"), [("wgan", "clip"), ("wgan-gp", "gp"), ("minimax", "beta1")])
def test_settings_of_a_loss_come_and_go_without_loss(loss, field):
    app = opened("game/plane.py", loss=loss)
    assert app.session_state[f"plane.{field}"] == getattr(GameConfig(loss=loss), field)
    for other in ("lsgan", "wgan", "wgan-gp", loss):
        app.selectbox(key="plane.loss").select(other)
        fine(app.run())
    app.session_state["plane.optimizer"] = "sgd"
    fine(app.run())
    assert told(app, "game")["live"]["optimizer"] == "sgd" and told(app, "game")["live"][field] == getattr(GameConfig(loss=loss), field)


@pytest.mark.parametrize(("query", "words"), [({"k": "0"}, "k = '0'"), ({"shape": "rign"}, "did you mean 'ring'"),
                                              ({"played": "300~x"}, "'x' is no move"), ({"lr_D": "nan"}, "lr_D"),
                                              ({"shape": "drawn", "points": "p!"}, "damaged")])
def test_a_damaged_address_is_named_and_the_first_game_is_there(query, words):
    app = opened("game/plane.py", **query)
    assert words in app.error[0].value and game_of(app) == preset("r1")


def test_drawn_points_stand_in_the_address():
    points = points_to_text([(0.5, 1.0), (-1.0, 0.25)])
    app = opened("game/plane.py", shape="drawn", points=points)
    assert len(game_of(app).points) == 2 and address(app)["points"] == points and app.selectbox(key="plane.shape").value == "drawn"
    app.selectbox(key="plane.shape").select("moons")
    fine(app.run())
    assert game_of(app).points == () and game_of(app).shape == "moons"


@pytest.mark.parametrize("name", GAMES)
def test_links_of_presets_are_short_and_exact(name):
    config = preset(name, shape="grid", seed=8)
    assert from_query(to_query(config)) == config and len(str(to_query(config))) < 200


def test_an_address_that_the_page_replaced_a_moment_ago_is_no_arrival():
    """The browser asks for a rerun with the address that it knows, and may not have read the last one yet."""
    app = opened("game/plane.py", seed=1)
    first, stamp = address(app), told(app, "game")["stamp"]
    app.number_input(key="plane.seed").set_value(2)
    fine(app.run())
    for name, value in first.items():
        app.query_params[name] = value
    fine(app.run())
    assert BEHIND_S > 0 and told(app, "game")["stamp"] == stamp + 1 and game_of(app).seed == 2


# -- vanishing gradients ------------------------------------------------------------------------------------------------


@pytest.fixture
def few_steps(monkeypatch):
    """D is trained ahead by a few updates alone."""
    import genlab.ui.game.vanishing as page
    whole = page.ahead
    monkeypatch.setattr(page, "STEPS", (1, 5))
    monkeypatch.setattr(page, "ahead", lambda shape, seed, lr_D: whole(shape, seed, lr_D, steps=(1, 5)))
    page._moments.clear()
    yield
    page._moments.clear()


def test_vanishing_opens_with_curves_and_two_gaussians(few_steps):
    app = opened("game/vanishing.py")
    curves, line = told(app, "vanish"), told(app, "apart")
    assert curves["steps"] == [1, 5] and [len(norms) for norms in curves["norms"]] == [2] * 4 and min(map(min, curves["norms"])) > 0
    assert "times" not in curves["words"][0] and "of the gradient that non-saturating does" in curves["words"][1]
    assert line["js"][-1] == pytest.approx(0.69315, abs=1e-4) and line["w1"][-1] == 6 and [p["title"] for p in line["pushes"]][-1] == "Wasserstein"
    assert address(app) == {"shape": "ring", "lr_D": "0.002", "seed": "0", "sigma": "0.5", "d": "2"}


def test_vanishing_shows_what_its_address_says(few_steps):
    app = opened("game/vanishing.py", shape="moons", lr_D="0.005", seed="3", sigma="0.3", d="1.25")
    assert told(app, "vanish")["stamp"] == "moons 3 0.005" and told(app, "apart")["sigma"] == 0.3 and told(app, "apart")["at"] == 1.25
    odd = opened("game/vanishing.py", shape="rign", lr_D="x", seed="-1", d="99", n="4")
    assert told(odd, "vanish")["stamp"] == "ring 0 0.002" and told(odd, "apart")["at"] == 2.0 and not odd.error
