"""The game in the plane on the command line: the same games as on the page."""

import json

import numpy as np
import pytest

from genlab.cli import main
from genlab.game import Game, divergences, modes_covered, preset
from genlab.game.trial import play_out

TINY = ("--set", "hidden=8", "--set", "layers=1", "--batch", "16")


def told(capsys, *words):
    assert main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_game_is_what_its_seed_makes_of_it(capsys):
    answer = told(capsys, "game", "--shape", "moons", "--seed", "4", "--updates", "6", "--looks", "3", *TINY)
    game = Game(preset("r1", shape="moons", seed=4, hidden=8, layers=1, batch=16))
    for _ in range(6):
        game.step()
    found, last = answer["games"][0], divergences(game)
    assert (found["js"], found["kl"], found["w1"]) == pytest.approx((last.js, last.kl, last.w1)) and found["modes"] is None is answer["covered"]
    assert [look["updates_G"] for look in found["looks"]] == [2, 4, 6] and found["acc_real"] == game.accuracy()[0] and answer["link"]["seed"] == "4"


def test_seeds_make_a_table(capsys):
    answer = told(capsys, "game", "--seeds", "3", "--updates", "4", "--looks", "2", *TINY)
    assert [g["seed"] for g in answer["games"]] == [0, 1, 2] and answer["covered"] == sum(g["modes"] == 8 for g in answer["games"])
    assert len({g["js"] for g in answer["games"]}) == 3 and all(g["rounds_per_s"] > 0 and g["health"] for g in answer["games"])
    assert main(["game", "--seeds", "2", "--updates", "2", "--looks", "1", *TINY]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and "of 2 seeds" in lines[-1]


def test_a_link_of_the_page_is_played_again(capsys):
    link = "?shape=ring&loss=minimax&k=2&batch=16&hidden=8&layers=1&seed=1&played=3~D2~loss%3Alsgan"
    found = told(capsys, "game", "--link", link, "--updates", "1", "--looks", "1")["games"][0]
    game = Game(preset("minimax", k=2, batch=16, hidden=8, layers=1, seed=1, optimizer="adam", lr_D=2e-3, lr_G=2e-3))
    for _ in range(3):
        game.step()
    game.step_D(), game.step_D(), game.set_live("loss", "lsgan"), game.step()
    assert (found["updates_D"], found["updates_G"]) == (10, 4) and found["modes"] == modes_covered(game, 20_000)
    assert np.isclose(found["js"], divergences(game).js)


def test_a_game_that_breaks_says_so(capsys):
    found = told(capsys, "game", "--loss", "lsgan", "--set", "optimizer=sgd", "--lr-D", "1", "--lr-G", "1", *TINY, "--updates", "200")["games"][0]
    assert "no longer finite" in found["fault"] and "rewound" in found["health"]


@pytest.mark.parametrize(("words", "said"), [(["--set", "k=0"], "k = '0'"), (["--updates", "0"], "0 rounds"), (["--seeds", "0"], "--seeds 0"),
                                             (["--shape", "rign"], "did you mean 'ring'"), (["--link", "shape=ring&played=x"], "'x' is no move"),
                                             (["--link", "shape=ring&played=3", "--seeds", "2"], "one seed")])
def test_bad_words_are_named(capsys, words, said):
    assert main(["game", *words]) == 2
    assert said in capsys.readouterr().err


def test_vanishing_prints_both_tables(capsys):
    answer = told(capsys, "vanishing", "--sigma", "0.3")
    first, last = answer["ahead"][0], answer["ahead"][-1]
    assert first["n"] == 1 and last["n"] == 600 and last["minimax"] < 0.1 * first["minimax"] and last["wgan-gp"] > 0.5
    assert answer["apart"][-1]["js"] == pytest.approx(np.log(2)) and answer["apart"][-1]["w1"] == pytest.approx(6)
    assert main(["vanishing", "--sigma", "0"]) == 2 and "sigma is 0" in capsys.readouterr().err


def test_steady_is_the_share_of_late_looks_with_every_mode():
    trial = play_out(preset("r1"), 500, looks=10)
    assert trial.steady == np.mean([found.modes == 8 for found in trial.looks[5:]]) and trial.steady > 0
