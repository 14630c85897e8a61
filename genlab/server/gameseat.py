"""One viewer's place at the table: what was asked for, the game, and what goes out to the browser."""

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from genlab.errors import LabError
from genlab.game import GameConfig, Play, health, look, measure, read_moves
from genlab.game.health import broken
from genlab.game.measure import Look, Measured
from genlab.game.moves import ROUND, D, G
from genlab.server.gameframe import health_values, new_message, pack_frame, told
from genlab.settings import build_config

FLYING = 4            # frames that may be on their way: what a slow line needs to show 30 a second
PATIENCE_S = 1.0      # a frame that nobody has seen by then: nobody watches
LONGEST = 20_000      # rounds until a game rests by itself: somebody may have left a projector on


@dataclass(frozen=True)
class Share:
    """What a game gets when so many play: seconds between two frames, of updates in a turn, between two measures."""

    frame_s: float
    turn_s: float
    measure_s: float

    @classmethod
    def among(cls, games: int) -> "Share":
        """40 frames a second for one, 25 for ten; six tenths of the time go into updates."""
        n = max(1, games)
        frame_s = max(1 / 40, 0.004 * n)
        return cls(frame_s, min(0.008, 0.6 * frame_s / n), max(0.5, 0.25 * n))


class Seat:
    """A game that somebody watches. Called by the table's thread alone, except for ask(), seen() and look_away()."""

    def __init__(self, deliver: Callable[[bytes | str], None], measuring: Executor):
        self.deliver, self.measuring = deliver, measuring
        self.play: Play | None = None
        self.asked: deque[dict] = deque()
        self.is_playing, self.pace, self.owed, self.rounds_left = False, 0.0, 0.0, LONGEST
        self.used = 0.0               # seconds that this seat has had
        self.sent = self.taken = 0    # frames that went out, and those that were drawn
        self.heard, self.is_hidden = time.monotonic(), False
        self.is_again = False         # it plays what was played before
        self.is_shown = False         # the last frame says how things stand
        self.last_frame = self.last_time = self.last_measure = 0.0
        self.rate, self.rate_from = 0.0, (0.0, 0)
        self.measured: Future[Measured] | None = None
        self.measured_at = (-1, -1)

    # -- from other threads -------------------------------------------------------------------------------------------

    def ask(self, message: dict) -> None:
        self.asked.append(message)

    def seen(self) -> None:
        self.taken, self.heard = min(self.taken + 1, self.sent), time.monotonic()

    def look_away(self, is_hidden: bool) -> None:
        self.is_hidden, self.heard = is_hidden, time.monotonic()

    def end(self) -> None:
        """Stop for good, and say so."""
        self.play, self.measured = None, None
        self.asked.clear()
        self.deliver(told("refused", text="the game ended by an error in the lab; start a new one"))

    # -- when is it this seat's turn ------------------------------------------------------------------------------------

    @property
    def flying(self) -> int:
        return self.sent - self.taken

    def is_watched(self, now: float) -> bool:
        return not self.is_hidden and (self.flying == 0 or now - self.heard < PATIENCE_S)

    def wants(self, now: float, share: Share) -> bool:
        """True where there is something to do now."""
        if self.asked or (self.measured and self.measured.done()):
            return True
        return self.play is not None and self.is_watched(now) and (self._is_due(now, share) or self._may_play(now))

    def is_alive(self, now: float) -> bool:
        """True where there will be something to do before anything is asked."""
        return self.play is not None and (self.measured is not None or (self.is_watched(now) and (
            not self.is_shown or self.is_playing or not self.play.is_between_rounds or self._is_unmeasured)))

    def _may_play(self, now: float) -> bool:
        if not self.play.is_between_rounds:
            return True
        self._earn(now)
        return self.is_playing and (self.is_again or not self.pace or self.owed >= 1)

    def _is_due(self, now: float, share: Share) -> bool:
        """True where a frame or a measure is."""
        return self._frame_is_due(now, share) or (self._is_unmeasured and now - self.last_measure >= share.measure_s and self.measured is None)

    def _frame_is_due(self, now: float, share: Share) -> bool:
        return not self.is_shown and now - self.last_frame >= share.frame_s and self.flying < FLYING

    @property
    def _is_unmeasured(self) -> bool:
        game = self.play.game
        return self.measured_at != (game.steps_D, game.steps_G)

    def _earn(self, now: float) -> None:
        """Rounds that are due at this pace; what was missed is not made up for."""
        self.owed = min(self.owed + (now - self.last_time) * self.pace, max(1.0, self.pace * 0.1)) if self.is_playing else 0.0
        self.last_time = now

    # -- its turn -------------------------------------------------------------------------------------------------------

    def turn(self, share: Share) -> None:
        """What was asked, some updates, and a frame when one is due."""
        while self.asked and (self.play is None or self.play.is_between_rounds):
            self._answer(self.asked.popleft())
        if self.play is None:
            return
        end = time.monotonic() + share.turn_s
        while (now := time.monotonic()) < end and self.is_watched(now) and self._may_play(now):
            self._update()
            if self.asked and self.play.is_between_rounds:
                break
        self._take_measures(now, share.measure_s)
        if self._frame_is_due(now, share):
            self._show(now)

    def _update(self) -> None:
        play = self.play
        if play.is_between_rounds and not self.is_again:
            self.owed, self.rounds_left = self.owed - 1, self.rounds_left - 1
        play.play()
        self.is_shown = False
        if self.is_again and play.is_between_rounds and not play.again:
            self.is_again = False
            self._rest(play.fault)
        elif not self.is_again and (play.fault or (play.is_between_rounds and self.rounds_left <= 0)):
            self._rest(play.fault)

    def _rest(self, fault: str = "") -> None:
        self.is_playing = False
        self._say_state()
        if fault:
            self.deliver(told("measured", health=health_values(broken(self.play.game.config, fault))))

    def _answer(self, message: dict) -> None:
        try:
            getattr(self, f"_do_{message['op']}")(**{name: value for name, value in message.items() if name not in ("op", "game")})
        except LabError as error:
            self.deliver(told("refused", text=str(error)))

    def _do_new(self, config: dict, played: str = "") -> None:
        checked = build_config(GameConfig, config)
        self.play = Play(checked, read_moves(played, checked))
        self.is_playing = self.is_again = bool(self.play.again)
        self.owed, self.rounds_left, self.measured_at = 0.0, LONGEST, (-1, -1)
        self.measured, self.rate, self.rate_from = None, 0.0, (time.monotonic(), 0)
        self.deliver(new_message(self.play.game))
        self._change()

    def _do_back(self) -> None:
        if self.play is None:
            return self.deliver(told("gone"))
        self.taken, self.measured_at = self.sent, (-1, -1)
        return self._change()

    def _do_play(self) -> None:
        self.is_playing, self.rounds_left = True, LONGEST
        self.rate_from = time.monotonic(), self._rounds()
        self._change()

    def _do_pause(self) -> None:
        self.is_playing = False
        self._change()

    def _do_pace(self, value: float) -> None:
        self.pace, self.owed = min(max(float(value), 0.0), 1e4), 0.0

    def _do_take(self, who: str) -> None:
        if self.play and who in (ROUND, D, G):
            self.play.losses()   # the next frame's losses are of this update alone
            self.play.take(who)
            self.is_again, self.is_shown = False, False
            self._rest(self.play.fault)

    def _do_set(self, name: str, value: object) -> None:
        if self.play:
            self.play.set(name, value)
            self.is_again = False
            self._change()

    def _change(self) -> None:
        self.is_shown = False
        self._say_state()

    def _say_state(self) -> None:
        if self.play:
            config = self.play.game.config.model_dump(exclude={"points"})
            self.deliver(told("state", config=config, is_playing=self.is_playing, is_again=self.is_again,
                              played=None if self.is_again else self.play.moves.text))

    # -- what goes out ------------------------------------------------------------------------------------------------------

    def _show(self, now: float) -> None:
        play = self.play
        self._pace_of(now)
        if self.flying == 0:
            self.heard = now
        self.is_shown, self.last_frame, self.sent = True, now, self.sent + 1
        state = 2 if self.is_again else int(self.is_playing)
        self.deliver(pack_frame(play.game, state, play.losses(), self.rate if self.is_playing else 0.0))

    def _pace_of(self, now: float) -> None:
        """Rounds a second over the last half second."""
        begun, rounds = self.rate_from
        if now - begun >= 0.5:
            self.rate, self.rate_from = (self._rounds() - rounds) / (now - begun), (now, self._rounds())

    def _rounds(self) -> int:
        return self.play.game.steps_G if self.play else 0

    def _take_measures(self, now: float, measure_s: float) -> None:
        if self.measured and self.measured.done():
            found, self.measured = self.measured.result(), None
            if not self.play.fault:
                self.deliver(told("measured", **found.row, health=health_values(health(found))))
        game = self.play.game
        if self.measured is None and self._is_unmeasured and now - self.last_measure >= measure_s and self.play.is_between_rounds:
            self.last_measure, self.measured_at = now, (game.steps_D, game.steps_G)
            seen: Look = look(game)
            self.measured = self.measuring.submit(measure, seen)
