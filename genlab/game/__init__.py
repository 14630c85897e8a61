"""The adversarial game in the plane: the same D, G and losses as on images, small enough to be watched update by update."""

from genlab.game.config import GameConfig
from genlab.game.divergence import Divergences, divergences, modes_covered
from genlab.game.engine import Game
from genlab.game.view import arrows, heat_map, warped_grid

__all__ = ["Divergences", "Game", "GameConfig", "arrows", "divergences", "heat_map", "modes_covered", "warped_grid"]
