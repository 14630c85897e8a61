"""D trained ahead while G waits: how much of each loss's gradient still reaches G after n updates of D."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.utils import get_total_norm

from genlab.game.config import PRESETS, GameConfig
from genlab.game.engine import Game
from genlab.game.view import arrows, shades
from genlab.objectives import adversarial
from genlab.settings import build_config

COMPARED = ("minimax", "non-saturating", "lsgan", "wgan-gp")
TRAINED_WITH = {"minimax": "non-saturating", "non-saturating": "non-saturating", "lsgan": "lsgan", "wgan-gp": "wgan-gp"}
"""The loss that D plays for: log D + log(1 - D) for both of G's logistic losses, so one D serves both."""

STEPS = (1, 2, 3, 5, 7, 10, 14, 20, 30, 45, 70, 100, 140, 200, 300, 420, 600)
SHOWN, CELLS, FAKES = 96, 32, 512   # fakes with arrows; side of the heat maps; fakes that a gradient is the mean of


@dataclass(frozen=True)
class Moment:
    """After n updates of D. norms, arrows, heats by G's loss: |dL_G / d theta_G|; (SHOWN, 2); uint8 (CELLS, CELLS), see view.shades.

    accuracy: of the D that plays for the logistic loss, on real points and on fakes; D_fake: the probability that it gives a fake, on average.
    """

    n: int
    norms: dict[str, float]
    arrows: dict[str, np.ndarray]
    heats: dict[str, np.ndarray]
    accuracy: tuple[float, float]
    D_fake: float


def ahead(shape: str = "ring", seed: int = 0, lr_D: float = 2e-3, steps: tuple[int, ...] = STEPS) -> Iterator[Moment]:
    """Moments of three games of one seed, in which G never moves; a second for 600 updates of each D."""
    games = {loss: Game(config(loss, shape, seed, lr_D)) for loss in set(TRAINED_WITH.values())}
    for before, n in zip((0, *steps), steps, strict=False):
        for game in games.values():
            for _ in range(n - before):
                game.step_D()
        yield _moment(n, games)


def config(loss: str, shape: str, seed: int, lr_D: float) -> GameConfig:
    """The game of one of the three Ds."""
    return build_config(GameConfig, {"loss": loss, **PRESETS[loss], "shape": shape, "seed": seed, "lr_D": lr_D})


def start(shape: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Real points and the fakes that G makes before any update, float32 (SHOWN, 2) each."""
    game = Game(config("lsgan", shape, seed, 2e-3))
    return game.pool[:SHOWN].numpy(), game.fakes(SHOWN).numpy()


def gradient_of_G(game: Game, loss: str) -> float:
    """Norm of the gradient of G's loss by G's weights, on FAKES fakes that are always the same."""
    z = game.draw(FAKES, torch.Generator().manual_seed(game.seed_z))
    return float(get_total_norm(torch.autograd.grad(adversarial.loss_G(loss, game.D(game.G(z)).flatten()), list(game.G.parameters()))))


def _moment(n: int, games: dict[str, Game]) -> Moment:
    norms, ways, heats = {}, {}, {}
    for loss in COMPARED:
        game = games[TRAINED_WITH[loss]]
        norms[loss] = gradient_of_G(game, loss)
        trained = game.config.loss
        game.set_live("loss", loss)
        ways[loss], heats[loss] = arrows(game, SHOWN)[1], shades(game, game.scores(512), CELLS)[0]
        game.set_live("loss", trained)
    logistic = games["non-saturating"]
    return Moment(n, norms, ways, heats, logistic.accuracy(), float(torch.sigmoid(logistic.scores(FAKES)[1]).mean()))
