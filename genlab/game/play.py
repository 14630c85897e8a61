"""A game as somebody plays it: one update at a time, with a record of all that was done, so that it can be played again."""

from collections import deque

from genlab.errors import Diverged
from genlab.game.config import GameConfig
from genlab.game.engine import Game
from genlab.game.moves import ROUND, D, G, Move, Moves


class Play:
    """A game, what is left of an earlier one to be played again, and the record of what was done.

    fault: what went wrong last, in words; the game is then back at a good state. Losses are means since they were taken.
    """

    def __init__(self, config: GameConfig, again: list[Move] = ()):
        self.game = Game(config)
        self.again, self.moves = deque(again), Moves()
        self.fault = ""
        self._left: deque[str] = deque()   # updates that the round still has to make
        self._losses: dict[str, list[float]] = {D: [], G: []}

    @property
    def is_between_rounds(self) -> bool:
        return not self._left

    def play(self) -> None:
        """The next update: of the round that was begun, of what is to be played again, or of a new round."""
        if not self._left:
            self._begin(*(self._next_again() if self.again else (ROUND, 1)))
        if self._left:
            self._update(self._left.popleft())

    def take(self, name: str, times: int = 1) -> None:
        """Rounds, or updates of D or G alone; what was to be played again is forgotten."""
        self.again.clear()
        for _ in range(times):
            self._begin(name, 1)
            while self._left:
                self._update(self._left.popleft())

    def set(self, name: str, value: object) -> None:
        """A live setting changes; ConfigError as Game.set_live. What was to be played again is forgotten."""
        self.again.clear()
        self._set(name, value)

    def losses(self) -> tuple[float, float]:
        """Mean loss of D and of G since this was asked last, NaN where there was no update."""
        means = tuple(sum(values) / len(values) if values else float("nan") for values in self._losses.values())
        self._losses = {D: [], G: []}
        return means

    def _next_again(self) -> Move:
        """One update or change of what is to be played again."""
        name, value = self.again.popleft()
        if name in (ROUND, D, G):
            if value > 1:
                self.again.appendleft((name, value - 1))
            return name, min(value, 1)
        return name, value

    def _begin(self, name: str, value: object) -> None:
        if name not in (ROUND, D, G):
            self._set(name, value)
        elif value:
            self._left.extend([D] * self.game.config.k + [G] if name == ROUND else [name])
            self.moves.add(name)
            self.fault = ""

    def _set(self, name: str, value: object) -> None:
        self.game.set_live(name, value)
        self.moves.add(name, getattr(self.game.config, name))

    def _update(self, who: str) -> None:
        try:
            self._losses[who].append(self.game.step_D() if who == D else self.game.step_G())
        except Diverged as error:   # it is back at a good state and says so; whoever plays decides whether it goes on
            self._left.clear()
            self.fault = str(error)
