"""All games of the server at one table: one thread plays them in turns, so that each gets as much time as the others."""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from genlab.server.gameseat import Seat, Share

LOG = logging.getLogger(__name__)

LOOK_AGAIN_S = 0.004   # while a pace or a frame is waited for
KEPT, KEPT_S = 24, 120.0   # games whose connection was lost, and how long they can be come back to

Deliver = Callable[[bytes | str], None]
Key = tuple[str, str]


class Table:
    """Seats, and the thread that plays. The seat that has had the least time is next; one that comes late begins where the others are."""

    def __init__(self):
        self._seats: list[Seat] = []
        self._kept: OrderedDict[Key, tuple[float, Seat]] = OrderedDict()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._measuring = ThreadPoolExecutor(1, thread_name_prefix="game-measures")
        self._clock = 0.0   # time that whoever played last has had

    def __len__(self) -> int:
        return len(self._seats)

    def sit(self, deliver: Deliver) -> Seat:
        """A place without a game yet; what it has to say goes to deliver, from the table's thread."""
        return self._take(Seat(deliver, self._measuring))

    def leave(self, seat: Seat, key: Key | None) -> None:
        """Nobody watches any more. With a key the game can be come back to for a while."""
        with self._changed:
            self._seats.remove(seat)
            seat.deliver = lambda message: None
            if key and seat.play:
                self._kept[key] = time.monotonic(), seat
                self._kept.move_to_end(key)
            while len(self._kept) > KEPT or (self._kept and time.monotonic() - next(iter(self._kept.values()))[0] > KEPT_S):
                self._kept.popitem(last=False)

    def back(self, key: Key, deliver: Deliver) -> Seat | None:
        """The seat that was left with this key; None where it is gone."""
        with self._changed:
            left, seat = self._kept.pop(key, (0.0, None))
        if seat is None or time.monotonic() - left > KEPT_S:
            return None
        seat.deliver = deliver
        return self._take(seat)

    def wake(self) -> None:
        """Something was asked, or a frame was seen."""
        with self._changed:
            self._changed.notify()

    def _take(self, seat: Seat) -> Seat:
        with self._changed:
            self._seats.append(seat)
            if self._thread is None:
                self._thread = threading.Thread(target=self._play, name="games", daemon=True)
                self._thread.start()
            self._changed.notify()
        return seat

    def _play(self) -> None:
        while True:
            seat, share = self._next()
            began = time.perf_counter()
            try:
                seat.turn(share)
            except Exception:   # a bug in one game must not end the others
                LOG.exception("a game ended by an error in the lab")
                seat.end()
            self._clock = max(self._clock, seat.used)
            seat.used = self._clock + time.perf_counter() - began

    def _next(self) -> tuple[Seat, Share]:
        """Whose turn it is, and what each game gets; waits until there is somebody."""
        with self._changed:
            while True:
                now = time.monotonic()
                share = Share.among(sum(seat.is_playing and seat.is_watched(now) for seat in self._seats))
                ready = [seat for seat in self._seats if seat.wants(now, share)]
                if ready:
                    return min(ready, key=lambda seat: seat.used), share
                self._changed.wait(LOOK_AGAIN_S if any(seat.is_alive(now) for seat in self._seats) else None)


TABLE = Table()
"""The server's own."""
