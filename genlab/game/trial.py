"""A game played to its end without anybody watching, and measured on its way: what the command line and the benchmark count."""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from genlab.errors import ConfigError
from genlab.game.config import GameConfig
from genlab.game.health import Health, broken, health
from genlab.game.measure import Measured, look, measure
from genlab.game.moves import Move
from genlab.game.play import Play

MOST_ROUNDS = 1_000_000


@dataclass(frozen=True)
class Trial:
    """One game. looks: its measures, evenly on its way, the last at its end; rounds_per_s: without the looks; fault: "" or what broke it."""

    config: GameConfig
    looks: tuple[Measured, ...]
    health: Health
    rounds_per_s: float
    fault: str

    @property
    def steady(self) -> float | None:
        """The share of the looks of the second half that found every mode; None where the data have none."""
        late = self.looks[len(self.looks) // 2 :]
        return None if not late or late[-1].modes is None else float(np.mean([found.modes == found.modes_in_all for found in late]))


def play_out(config: GameConfig, rounds: int, looks: int = 10, again: list[Move] = ()) -> Trial:
    """What was played before, then so many rounds; a game that breaks ends there. ConfigError for numbers that are not allowed."""
    if not 1 <= rounds <= MOST_ROUNDS or not 1 <= looks <= rounds:
        raise ConfigError(f"{rounds} rounds with {looks} looks: 1 to {MOST_ROUNDS} rounds and 1 look to one for each are allowed")
    play = Play(config, again)
    while play.again or not play.is_between_rounds:
        play.play()
    seen, seconds, played = [], 0.0, 0
    for end in np.linspace(0, rounds, looks + 1).astype(int)[1:]:
        begun = time.perf_counter()
        while played < end and not play.fault:
            play.take("round")
            played += 1
        seconds += time.perf_counter() - begun
        seen.append(measure(look(play.game)))
        if play.fault:
            break
    verdict = broken(play.game.config, play.fault) if play.fault else health(seen[-1])
    return Trial(config, tuple(seen), verdict, played / max(seconds, 1e-9), play.fault)


def trials(config: GameConfig, seeds: int, rounds: int, looks: int = 10) -> Iterator[Trial]:
    """The same game with this seed and the next ones."""
    for seed in range(config.seed, config.seed + seeds):
        yield play_out(config.model_copy(update={"seed": seed}), rounds, looks)
