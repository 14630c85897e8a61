"""Games worth seeing first: each shows one thing, and was played with five seeds (see `python -m genlab game --preset`)."""

from dataclasses import dataclass, field

from genlab.game.config import GameConfig
from genlab.settings import build_config


@dataclass(frozen=True)
class Preset:
    """A named game on any data. changes: what differs from GameConfig's own values."""

    title: str
    about: str
    changes: dict = field(default_factory=dict)


SGD = {"optimizer": "sgd", "lr_D": 0.1, "lr_G": 0.1}

GAMES: dict[str, Preset] = {
    "r1": Preset("Non-saturating + R1", "What works: a steep loss for G, and a D that is kept flat at real points.",
                 {"loss": "non-saturating", "r1": 0.1}),
    "minimax": Preset("Plain minimax that fails", "The game as first written down: log(1 - D), plain gradient descent, a strong D.",
                      {"loss": "minimax", "k": 5, **SGD}),
    "outrun": Preset("G outruns D", "G learns ten times as fast as D: it runs from mode to mode and D only follows.",
                     {"loss": "minimax", "lr_D": 1e-4, "lr_G": 1e-3, "beta1": 0.9, "beta2": 0.999}),
    "lsgan": Preset("Least squares", "D answers with a number, 1 for real and 0 for fake, and pays for the square of its error.", {"loss": "lsgan"}),
    "wgan": Preset("Wasserstein, clipped", "A critic whose weights are cut off at a bound; slow, for the bound makes it simple.",
                   {"loss": "wgan", "lr_D": 5e-4, "lr_G": 5e-4}),
    "wgan-gp": Preset("WGAN-GP", "A critic whose slope is held near 1 between real and fake points.", {"loss": "wgan-gp"}),
}
FIRST = "r1"


def preset(name: str, **changes: object) -> GameConfig:
    """A preset's game with further changes, its data and seed for example."""
    return build_config(GameConfig, {**GAMES[name].changes, **changes})


def preset_of(config: GameConfig) -> str | None:
    """The preset that this game was made from, whatever its data and seed; None where something else was changed."""
    same = {"shape": config.shape, "points": config.points, "seed": config.seed}
    return next((name for name in GAMES if preset(name, **same) == config), None)
