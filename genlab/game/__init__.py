"""The adversarial game in the plane: the same D, G and losses as on images, small enough to be watched update by update."""

from genlab.game.config import GameConfig
from genlab.game.divergence import Divergences, divergences, modes_covered
from genlab.game.engine import Game
from genlab.game.health import Health, health
from genlab.game.measure import look, measure
from genlab.game.moves import read_moves
from genlab.game.play import Play
from genlab.game.presets import GAMES, preset
from genlab.game.view import arrows, heat_map, shades, warped_grid

__all__ = ["GAMES", "Divergences", "Game", "GameConfig", "Health", "Play", "arrows", "divergences", "health", "heat_map", "look", "measure",
           "modes_covered", "preset", "read_moves", "shades", "warped_grid"]
