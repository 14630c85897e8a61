"""A game as it is played: what was done can be played again, drawn points stand in a link, and its state is put into words."""

import numpy as np
import pytest
import torch

from genlab.data.shapes2d import EXTENT, find_shape
from genlab.errors import ConfigError
from genlab.game import GAMES, Game, GameConfig, Play, health, look, measure, preset, read_moves, shades
from genlab.game.drawn import points_from_text, points_to_text, snapped
from genlab.game.health import BAD, GOOD, broken
from genlab.game.moves import MOST_UPDATES, Moves
from genlab.game.presets import preset_of
from genlab.server.gameframe import pack_frame, read_frame

SMALL = {"hidden": 16, "batch": 32}


def weights(game):
    return torch.cat([p.detach().flatten().clone() for net in (game.D, game.G) for p in net.parameters()])


def finish(play):
    while play.again or not play.is_between_rounds:
        play.play()


# -- the record -------------------------------------------------------------------------------------------------------


def test_what_was_played_is_played_again_bit_for_bit_from_its_text():
    config = GameConfig(**SMALL, k=2)
    first = Play(config)
    for _ in range(6):
        first.play()   # two rounds of two updates of D and one of G
    first.take("D", 3)
    first.set("loss", "wgan-gp")
    first.set("lr_G", 0.004)
    first.set("beta1", 0.0)
    first.take("G")
    first.take("round", 2)
    assert first.moves.text == "2~D3~loss:wgan-gp~lr_G:0.004~beta1:0.0~G~2"
    again = Play(config, read_moves(first.moves.text, config))
    finish(again)
    assert again.moves.text == first.moves.text and torch.equal(weights(again.game), weights(first.game))
    assert (again.game.steps_D, again.game.steps_G) == (11, 5) and again.game.config == first.game.config


def test_a_change_of_mind_is_one_move():
    moves = Moves()
    for name, value in [("k", 2), ("k", 3), ("round", 1), ("round", 1), ("k", 4)]:
        moves.add(name, value)
    assert moves.text == "k:3~2~k:4"
    moves.add("round", MOST_UPDATES)
    assert moves.text is None


@pytest.mark.parametrize(("text", "words"), [
    ("300~x5", "'x5' is no move"), ("k:0", "k = '0'"), ("hidden:32", "cannot be changed"), ("999999", "at most"), ("~".join("DG" * 101), "at most"),
    ("lr_D:nan", "lr_D"), ("D-5", "is no move"), ("²", "is no move")])
def test_damaged_records_are_named(text, words):
    with pytest.raises(ConfigError, match=words):
        read_moves(text, GameConfig())


def test_a_game_that_breaks_is_rewound_keeps_what_was_asked_for_and_breaks_again_alike():
    config = GameConfig(**SMALL, loss="lsgan", optimizer="sgd", lr_D=1e-3, lr_G=1e-3)
    play = Play(config)
    play.take("round", 2)
    play.set("lr_D", 1.0)
    play.set("lr_G", 1.0)
    while not play.fault:
        play.play()
    assert "no longer finite" in play.fault and play.game.steps_G == 0 and play.game.config.lr_D == 1.0
    assert bool(weights(play.game).isfinite().all())
    again = Play(config, read_moves(play.moves.text, config))
    finish(again)
    assert torch.equal(weights(again.game), weights(play.game)) and again.fault == play.fault
    verdict = broken(play.game.config, play.fault)
    assert verdict.state == BAD and verdict.remedies[0].changes == {"lr_D": 0.1, "lr_G": 0.1}
    play.take("round")
    assert play.fault == "" and play.game.steps_G == 1


def test_losses_are_means_since_they_were_taken():
    play = Play(GameConfig(**SMALL))
    twin = Game(GameConfig(**SMALL))
    play.take("round", 2)
    expected = [twin.step() for _ in range(2)]
    assert play.losses() == pytest.approx((sum(e["loss_D"] for e in expected) / 2, sum(e["loss_G"] for e in expected) / 2))
    assert all(np.isnan(play.losses()))


# -- drawn points -----------------------------------------------------------------------------------------------------


def test_drawn_points_come_back_from_their_text_and_make_the_same_game():
    points = snapped([(0.5, -1.23456), (2.75, -2.75), (9, 0)])
    assert points_from_text(points_to_text(points)) == points and points[1] == (EXTENT, -EXTENT) and points[2][0] == EXTENT
    assert np.abs(np.array(points[0]) - (0.5, -1.23456)).max() < EXTENT / 127
    GameConfig(shape="drawn", points=points)


@pytest.mark.parametrize("text", ["", "p", "q0000", "p0", "p!!", "p" + "A" * 1200])
def test_damaged_points_are_named(text):
    with pytest.raises(ConfigError, match="damaged"):
        points_from_text(text)


# -- in words ---------------------------------------------------------------------------------------------------------


def test_presets_are_games_and_are_known_again():
    for name in GAMES:
        assert preset_of(preset(name, shape="moons", seed=7)) == name
    assert preset_of(preset("r1", lr_D=0.01)) is None


@pytest.mark.parametrize(("name", "changes", "state", "words", "cure"), [
    ("r1", {}, GOOD, "8 of 8 modes covered", None), ("minimax", {}, BAD, "Mode collapse", {"r1": 0.1}),
    ("outrun", {}, BAD, "G outruns D", {"optimizer": "adam", "lr_D": 2e-3, "lr_G": 2e-3, "beta1": 0.5, "beta2": 0.99})])
def test_a_preset_goes_as_it_promises(name, changes, state, words, cure):
    """The ring with seed 0: what works, what collapses and what is outrun; and the first remedy cures it."""
    play = Play(preset(name, **changes))
    play.take("round", 900)
    found = measure(look(play.game, 4000))
    verdict = health(found)
    assert verdict.state == state and words in verdict.words, verdict
    if cure:
        assert verdict.remedies[0].changes == cure
        for setting, value in cure.items():
            play.set(setting, value)
        play.take("round", 900)
        assert health(measure(look(play.game, 4000))).state == GOOD


def test_d_wins_is_said_with_the_gradient_that_is_left():
    play = Play(preset("minimax", optimizer="adam", lr_D=2e-3, lr_G=1e-6, k=1))
    play.take("D", 400)
    play.take("round", 301)
    verdict = health(measure(look(play.game, 2000)))
    assert verdict.words.startswith("D wins") and "gradient of G" in verdict.reason
    assert {"loss": "non-saturating"} in [remedy.changes for remedy in verdict.remedies]


def test_g_beyond_the_plane_and_one_point_without_modes():
    play = Play(preset("r1", shape="moons"))
    play.take("round", 1)
    play.game.steps_G = 1000
    play.game.fakes = lambda n=1: torch.full((n, 2), 9.0)
    assert "left the plane" in health(measure(look(play.game, 500))).words
    play.game.fakes = lambda n=1: torch.full((n, 2), 0.3)
    assert "nearly one point" in health(measure(look(play.game, 500))).words


def test_shades_put_the_border_in_the_middle():
    play = Play(GameConfig(**SMALL, loss="wgan-gp"))
    play.take("round", 5)
    for loss in ("wgan-gp", "lsgan", "minimax"):
        play.set("loss", loss)
        heat, border, reach = shades(play.game, play.game.scores(), 8)
        assert heat.shape == (8, 8) and heat.dtype == np.uint8 and reach > 0
        assert (border, reach) == (0.5, 0.5) or (loss == "wgan-gp" and {int(heat.min()), int(heat.max())} & {0, 254})


@pytest.mark.parametrize("loss", ["minimax", "wgan-gp"])
def test_a_broken_net_can_be_looked_at_and_is_found_out_at_the_next_update(loss):
    play = Play(GameConfig(**SMALL, loss=loss))
    play.take("round", 2)
    for net in (play.game.G, play.game.D):
        with torch.no_grad():
            net.layers[0].weight[0] = float("nan")
    frame = read_frame(pack_frame(play.game, 0, play.losses(), 0.0))
    assert np.isfinite(frame["fakes"]).all() and np.isfinite(frame["arrows"]).all() and measure(look(play.game, 500)).outside == 1
    play.take("D")
    assert "no longer finite" in play.fault and bool(weights(play.game).isfinite().all())


def test_measures_of_the_data_itself_are_good():
    game = Game(GameConfig(shape="grid"))
    game.fakes = lambda n=1: torch.from_numpy(find_shape("grid").sample(n, 1))
    found = measure(look(game))
    assert found.modes == found.modes_in_all == 25 and found.distances.js < 0.02 and found.spread == pytest.approx(1, abs=0.05)
