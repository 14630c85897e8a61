"""What was done to a game, as short text: with the game's config it brings back any state of it, bit for bit.

    300~D5~G~k:2~150      300 rounds, five updates of D alone, one of G alone, k set to 2, 150 more rounds
"""

import re

from genlab.errors import ConfigError
from genlab.game.config import GameConfig
from genlab.settings import build_config

ROUND, D, G = "round", "D", "G"
MOST_MOVES, MOST_UPDATES = 200, 50_000   # of a link: about 1500 letters, and less than a minute and a half to be played again

Move = tuple[str, int | str]
"""ROUND, D or G and how often; or the name of a live setting and its new value."""


class Moves:
    """A list that grows: equal updates one after the other are counted, and so are changes of mind."""

    def __init__(self, moves: list[Move] = ()):
        self.all: list[Move] = list(moves)

    def add(self, name: str, value: int | str = 1) -> None:
        last = self.all[-1] if self.all else ("", 0)
        if last[0] == name:
            self.all[-1] = (name, last[1] + value if name in (ROUND, D, G) else value)
        else:
            self.all.append((name, value))

    @property
    def text(self) -> str | None:
        """As it stands in a link; None where it is too long for one."""
        fits = len(self.all) <= MOST_MOVES and updates(self.all) <= MOST_UPDATES
        return "~".join(_written(*move) for move in self.all) if fits else None


def updates(moves: list[Move]) -> int:
    """How many rounds and updates there are in all."""
    return sum(value for name, value in moves if name in (ROUND, D, G))


def read_moves(text: str, config: GameConfig) -> list[Move]:
    """The moves of a text; ConfigError where one is damaged, not allowed in this game, or where there are too many."""
    moves = [_read(part) for part in text.split("~")] if text else []
    if len(moves) > MOST_MOVES or updates(moves) > MOST_UPDATES:
        raise ConfigError(f"played: {len(moves)} moves with {updates(moves)} updates; at most {MOST_MOVES} with {MOST_UPDATES} can be played again")
    for name, value in moves:
        if name not in (ROUND, D, G):
            config = changed(config, name, value)
    return moves


def changed(config: GameConfig, name: str, value: object) -> GameConfig:
    """The config with one live setting changed; ConfigError where that is not one or the value is not allowed."""
    live = config.live_fields()
    if name not in live:
        raise ConfigError(f"{name} cannot be changed while a game goes; {', '.join(live)} can")
    return build_config(GameConfig, {**config.model_dump(), name: value})


def _written(name: str, value: int | str) -> str:
    if name == ROUND:
        return str(value)
    return (name if value == 1 else f"{name}{value}") if name in (D, G) else f"{name}:{value}"


def _read(part: str) -> Move:
    if found := re.fullmatch(r"([DG]?)(\d{1,6})|([DG])", part, re.ASCII):
        who, times, alone = found.groups()
        return alone or who or ROUND, int(times or 1)
    if found := re.fullmatch(r"([A-Za-z0-9_]{1,20}):([\w.+-]{1,30})", part, re.ASCII):
        return found[1], found[2]
    raise ConfigError(f"played: {part[:30]!r} is no move; 300, D5, G and k:2 are")
