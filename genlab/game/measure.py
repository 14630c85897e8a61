"""What can be said of a game in numbers: taken from it in a moment, and worked out while it goes on."""

from dataclasses import dataclass

import numpy as np

from genlab.data.shapes2d import EXTENT
from genlab.game.config import GameConfig
from genlab.game.divergence import DRAWN, Divergences, divergences_of, modes_found
from genlab.game.engine import Game

BEYOND = 1e6


@dataclass(frozen=True)
class Look:
    """A game at one moment. fakes: float32 (n, 2); accuracy: D's, on real points and on fakes; at_bound: share of D's weights at wgan's clip."""

    config: GameConfig
    steps_D: int
    steps_G: int
    fakes: np.ndarray
    accuracy: tuple[float, float]
    grad_G: float
    at_bound: float


@dataclass(frozen=True)
class Measured:
    """What a look says. modes: how many of the data's G finds, None where they have none; outside: the share of fakes beyond the plane;

    spread: the mean standard deviation of the fakes as a share of the data's.
    """

    look: Look
    distances: Divergences
    modes: int | None
    modes_in_all: int | None
    outside: float
    spread: float

    @property
    def row(self) -> dict[str, float | int | None]:
        """The numbers by name."""
        look = self.look
        return {"updates_G": look.steps_G, "updates_D": look.steps_D, "js": self.distances.js, "kl": self.distances.kl,
                "kl_back": self.distances.kl_back, "w1": self.distances.w1, "modes": self.modes, "modes_in_all": self.modes_in_all,
                "acc_real": look.accuracy[0], "acc_fake": look.accuracy[1], "grad_G": look.grad_G, "outside": self.outside}


def look(game: Game, n: int = DRAWN) -> Look:
    """What of a game its measures need; some milliseconds."""
    fakes = np.nan_to_num(game.fakes(n).numpy(), nan=BEYOND, posinf=BEYOND, neginf=-BEYOND)   # a broken G is found out at its next update
    return Look(game.config, game.steps_D, game.steps_G, fakes, game.accuracy(), game.gradient_norm("G"), _at_bound(game))


def measure(look: Look) -> Measured:
    """The measures of a look; about a twentieth of a second, the first time for a new distribution half a second."""
    config, fakes = look.config, look.fakes
    data = config.data
    modes = modes_found(fakes, data.modes)
    spread = fakes.std(0).mean() / data.sample(4000, 0).std(0).mean()
    return Measured(look, divergences_of(fakes, config.shape, config.points), modes, None if modes is None else len(data.modes),
                    float((np.abs(fakes) > EXTENT).any(1).mean()), float(spread))


def _at_bound(game: Game) -> float:
    if game.config.loss != "wgan":
        return 0.0
    weights = np.concatenate([p.detach().numpy().ravel() for p in game.D.parameters()])
    return float((np.abs(weights) >= 0.999 * game.config.clip).mean())
