"""The game's socket on a real server: it plays while somebody watches, in turns with others, and cannot be broken."""

import json
import time
from contextlib import suppress

import numpy as np
import pytest
from game_socket import SMALL, Viewer
from real_socket import running_routes
from websockets.exceptions import ConnectionClosed

from genlab.game import GameConfig, Play, arrows, shades, warped_grid
from genlab.server import gameseat, token
from genlab.server.game import DOOR, LARGEST_REQUEST, OPS
from genlab.server.gametable import TABLE


@pytest.fixture(scope="module")
def host():
    with running_routes() as host:
        yield host


@pytest.fixture
def viewer(host):
    with Viewer(host) as viewer:
        yield viewer


def rounds(v):
    return v.frames[-1]["steps_G"] if v.frames else -1


def wait_until(is_so, patience_s=20):
    end = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.01)


# -- the clock --------------------------------------------------------------------------------------------------------


def test_a_new_game_shows_itself_and_rests(viewer):
    viewer.new(seed=3)
    viewer.until(lambda v: v.frames)
    new = viewer.last("new")
    assert new["config"]["seed"] == 3 and np.shape(new["real"]) == (256, 2) and np.shape(new["modes"]) == (8, 2)
    viewer.read(0.3)
    assert len(viewer.frames) == 1 and viewer.frames[0]["state"] == 0 and rounds(viewer) == 0


def test_a_frame_is_the_game_itself(viewer):
    viewer.new("3", loss="wgan-gp", k=2)
    viewer.until(lambda v: rounds(v) == 3 and v.frames[-1]["state"] == 0)
    frame, play = viewer.frames[-1], Play(GameConfig(**SMALL, loss="wgan-gp", k=2))
    play.take("round", 3)
    fakes, ways = arrows(play.game)
    heat, border, reach = shades(play.game, play.game.scores(512))
    assert np.abs(frame["fakes"] - fakes).max() < 2e-4 and np.abs(frame["grid"] - warped_grid(play.game)).max() < 2e-4
    assert np.abs(frame["arrows"] - ways).max() <= np.abs(ways).max() / 32767
    assert np.array_equal(frame["heat"], heat) and (frame["border"], frame["reach"]) == pytest.approx((border, reach))
    assert frame["steps_D"] == 6 and (frame["acc_real"], frame["grad_G"]) == pytest.approx(
        (float((play.game.scores(512)[0] > border).float().mean()), play.game.gradient_norm("G")), abs=1e-5)


def test_steps_of_d_and_of_g_alone_move_their_own_counter(viewer):
    viewer.new(k=4)
    for who, expected in [("D", (1, 0)), ("D", (2, 0)), ("G", (2, 1)), ("round", (6, 2))]:
        viewer.ask("take", who=who)
        viewer.until(lambda v, expected=expected: v.frames and (v.frames[-1]["steps_D"], v.frames[-1]["steps_G"]) == expected)
        assert np.isnan(viewer.frames[-1]["loss_G"]) == (who == "D")
    assert viewer.last("state")["played"] == "D2~G~1" and viewer.last("state")["is_playing"] is False


def test_it_plays_at_a_pace_pauses_and_goes_on(viewer):
    viewer.new()
    viewer.ask("pace", value=20)
    viewer.ask("play")
    viewer.until(lambda v: rounds(v) >= 5)
    viewer.ask("pause")
    viewer.until(lambda v: v.last("state").get("is_playing") is False and v.frames and v.frames[-1]["state"] == 0)
    there = rounds(viewer)
    viewer.read(0.3)
    assert rounds(viewer) == there and viewer.last("state")["played"] == str(there)
    viewer.ask("pace", value=0)
    viewer.ask("play")
    viewer.until(lambda v: rounds(v) > there + 50)


def test_settings_change_in_flight_and_the_record_says_where(viewer):
    viewer.new(seed=1)
    viewer.ask("take", who="round")
    viewer.ask("set", name="loss", value="lsgan")
    viewer.ask("set", name="k", value=3)
    viewer.ask("take", who="round")
    viewer.until(lambda v: rounds(v) == 2)
    state = viewer.last("state")
    assert (state["config"]["loss"], state["config"]["k"], state["played"]) == ("lsgan", 3, "1~loss:lsgan~k:3~1")
    assert viewer.frames[-1]["steps_D"] == 4


def test_the_same_seed_is_the_same_game_for_another_viewer_and_from_its_link(viewer, host):
    viewer.new(seed=9)
    viewer.ask("pace", value=0)
    viewer.ask("play")
    viewer.until(lambda v: rounds(v) > 30)
    viewer.ask("set", name="lr_D", value=0.01)
    viewer.ask("pause")
    viewer.until(lambda v: v.last("state").get("is_playing") is False and v.frames and v.frames[-1]["state"] == 0 and v.last("state")["played"])
    viewer.read(0.2)
    with Viewer(host) as other:
        other.new(viewer.last("state")["played"], seed=9)
        other.until(lambda v: v.last("state").get("played") and v.frames and v.frames[-1]["steps_G"] == rounds(viewer))
        other.read(0.2)
        for name in ("fakes", "arrows", "grid", "heat"):
            assert np.array_equal(other.frames[-1][name], viewer.frames[-1][name])
        assert other.last("state")["is_playing"] is False and other.last("state")["config"]["lr_D"] == 0.01


def test_measures_come_with_words(viewer):
    viewer.new("5")
    viewer.until(lambda v: v.last("measured").get("updates_G") == 5)
    found = viewer.last("measured")
    assert 0 < found["js"] < 0.7 and found["w1"] > 0 and found["modes_in_all"] == 8 and found["health"]["state"] in ("good", "going", "bad")


def test_drawn_points_are_the_data(viewer):
    viewer.new(shape="drawn", points=[[1.0, 1.0], [-1.0, -1.0]])
    viewer.until(lambda v: v.frames)
    real = np.array(viewer.last("new")["real"])
    assert np.linalg.norm(real[:, None] - [[1, 1], [-1, -1]], axis=2).min(1).max() < 0.7 and viewer.last("new")["modes"] is None


# -- who watches ------------------------------------------------------------------------------------------------------


def test_a_game_whose_frames_nobody_sees_stops_and_goes_on_when_they_are_seen(viewer, monkeypatch):
    monkeypatch.setattr(gameseat, "PATIENCE_S", 0.2)
    viewer.new()
    viewer.until(lambda v: v.frames)
    viewer.ask("pace", value=0)
    viewer.is_blind = True
    viewer.ask("play")
    viewer.read(0.6)
    seat = next(s for s in TABLE._seats if s.play)
    there = seat.play.game.steps_G
    time.sleep(0.2)
    assert seat.play.game.steps_G == there and len(viewer.frames) <= 1 + gameseat.FLYING
    viewer.is_blind = False
    for _ in range(gameseat.FLYING):
        viewer.ask("seen")
    viewer.until(lambda v: rounds(v) > there + 20)


def test_a_hidden_page_stops_its_game_at_once(viewer):
    viewer.new()
    viewer.ask("pace", value=0)
    viewer.ask("play")
    viewer.until(lambda v: rounds(v) > 5)
    seat = next(s for s in TABLE._seats if s.play)
    viewer.ask("hide", value=True)
    wait_until(lambda: seat.is_hidden)
    time.sleep(0.05)
    there = seat.play.game.steps_G
    time.sleep(0.2)
    assert seat.play.game.steps_G <= there + 1
    viewer.ask("hide", value=False)
    viewer.until(lambda v: rounds(v) > there + 20)


def test_a_lost_connection_ends_the_playing_and_its_page_comes_back_to_the_game(host):
    page = token.new_token()
    with Viewer(host, page) as first:
        first.new(seed=4)
        first.ask("take", who="round")
        first.until(lambda v: rounds(v) == 1)
    wait_until(lambda: len(TABLE) == 0)
    with Viewer(host, page) as second:
        second.ask("back", game="g1")
        second.until(lambda v: rounds(v) == 1)
        assert second.last("state")["config"]["seed"] == 4
        second.ask("take", who="D")
        second.until(lambda v: v.frames and v.frames[-1]["steps_D"] == 2)
    with Viewer(host) as stranger:
        stranger.ask("back", game="g1")
        stranger.until(lambda v: v.last("gone"))


def test_ten_games_share_the_time_and_none_stalls(host):
    """A heavy game among light ones takes no more of the thread's time than they do, and every one of them gets frames."""
    viewers = [Viewer(host) for _ in range(10)]
    try:
        for i, viewer in enumerate(viewers):
            viewer.new(**({"hidden": 256, "layers": 3, "batch": 512, "loss": "wgan-gp", "k": 5} if i == 0 else {}))
            viewer.ask("pace", value=0)
            viewer.ask("play")
        for viewer in viewers:
            viewer.until(lambda v: rounds(v) > 0)
        before = {id(s): s.used for s in TABLE._seats}
        counts = [len(v.frames) for v in viewers]
        for _ in range(40):
            for viewer in viewers:
                viewer.read(0.01)
        spent = sorted(s.used - before[id(s)] for s in TABLE._seats)
        assert len(spent) == 10 and spent[0] > 0.3 * spent[-1]
        assert all(len(v.frames) > n for v, n in zip(viewers, counts, strict=True))
    finally:
        for viewer in viewers:
            viewer.socket.close()


# -- what breaks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("config", "words"), [({"k": 0}, "k = 0"), ({"lr_D": 1e9}, "lr_D"), ({"shape": "rign"}, "did you mean 'ring'"),
                                               ({"layer": 1}, "layer"), ({"shape": "drawn"}, "nothing is drawn")])
def test_a_bad_config_is_refused_and_the_game_before_it_goes_on(viewer, config, words):
    viewer.new()
    viewer.until(lambda v: v.frames)
    viewer.new(**config)
    viewer.until(lambda v: words in v.last("refused").get("text", ""))
    viewer.ask("take", who="D")
    viewer.until(lambda v: v.frames and v.frames[-1]["steps_D"] == 1)


@pytest.mark.parametrize(("name", "value"), [("k", 0), ("lr_G", -1), ("hidden", 32), ("D", 5), ("loss", "hinge"), ("lr_D", "much")])
def test_a_bad_setting_is_refused(viewer, name, value):
    viewer.new()
    viewer.ask("set", name=name, value=value)
    viewer.until(lambda v: name in v.last("refused").get("text", ""))
    viewer.ask("take", who="round")
    viewer.until(lambda v: rounds(v) == 1)


def test_absurd_rates_are_named_rewound_and_rest_with_a_remedy(viewer):
    viewer.new(loss="lsgan", optimizer="sgd", lr_D=1.0, lr_G=1.0)
    viewer.ask("pace", value=0)
    viewer.ask("play")
    viewer.until(lambda v: "rewound" in v.last("measured").get("health", {}).get("words", ""))
    assert viewer.last("state")["is_playing"] is False and viewer.last("measured")["health"]["remedies"][0]["changes"] == {"lr_D": 0.1, "lr_G": 0.1}
    viewer.until(lambda v: v.frames and v.frames[-1]["state"] == 0)   # a word may come before the first frame
    assert all(np.isfinite(viewer.frames[-1]["fakes"]).ravel()) and rounds(viewer) == 0
    viewer.ask("set", name="lr_D", value=0.01)
    viewer.ask("set", name="lr_G", value=0.01)
    viewer.ask("play")
    viewer.until(lambda v: rounds(v) > 20)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"op": "dance"}', '{"op": []}', '{"op": "pace"}', '{"op": "pace", "value": NaN}',
                                  '{"op": "take", "who": 3}', '{"op": "new", "game": "../x", "config": {}}', '{"op": "play", "more": 1}', "[" * 9999])
def test_what_is_no_request_is_refused(viewer, text):
    viewer.socket.send(text)
    viewer.until(lambda v: v.last("refused"))
    viewer.new()
    viewer.until(lambda v: v.frames)


def test_strangers_and_crowds_stay_outside(host, monkeypatch):
    with Viewer(host, "no-token") as stranger:
        assert stranger.closed()[0] == 4403
    page = token.new_token()
    few = [Viewer(host, page) for _ in range(DOOR.per_page)]
    with Viewer(host, page) as one_more:
        assert one_more.closed() == (4429, f"too many sockets; a page has {DOOR.per_page} and the server {DOOR.in_all}")
    for viewer in few:
        viewer.socket.close()
    wait_until(lambda: not DOOR.open)


def test_messages_too_large_or_too_many_close_the_socket(viewer, host):
    viewer.socket.send(json.dumps({"op": "new", "game": "g", "config": {"shape": "x" * LARGEST_REQUEST}}))
    assert viewer.closed()[0] == 4429
    with Viewer(host) as hasty:
        with suppress(ConnectionClosed):   # the server may hang up while the rest is still being said
            for _ in range(400):
                hasty.ask("seen")
        assert hasty.closed()[0] == 4429


def test_an_error_in_the_lab_ends_one_game_alone(viewer, host, monkeypatch):
    with Viewer(host) as other:
        other.new()
        other.until(lambda v: v.frames)
        viewer.new(seed=77)
        viewer.until(lambda v: v.frames)
        real = Play.take
        monkeypatch.setattr(Play, "take", lambda play, who, times=1: 1 / 0 if play.game.config.seed == 77 else real(play, who, times))
        viewer.ask("take", who="D")
        viewer.until(lambda v: "error in the lab" in v.last("refused").get("text", ""))
        other.ask("take", who="D")
        other.until(lambda v: v.frames and v.frames[-1]["steps_D"] == 1)


def test_every_op_is_described():
    from genlab.server import gameframe
    assert all(f'"op": "{op}"' in gameframe.__doc__ for op in OPS)
