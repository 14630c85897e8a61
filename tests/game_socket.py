"""A client of the game socket, as a page is one."""

import json
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from genlab.server.game import DOOR
from genlab.server.gameframe import read_frame
from genlab.server.token import new_token

SMALL = {"hidden": 8, "layers": 1, "batch": 16}


class Viewer:
    """One open socket. frames and said: what came so far; frames are told to be seen unless is_blind."""

    def __init__(self, host: str, token: str | None = None):
        self.token = token or new_token()
        self.socket = connect(f"ws://{host}/api/game", subprotocols=[DOOR.subprotocol, self.token], origin=f"http://{host}", compression=None,
                              max_size=None, open_timeout=20, legacy=True)
        self.frames, self.said, self.is_blind = [], [], False

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def ask(self, op: str, **values: object) -> None:
        self.socket.send(json.dumps({"op": op, **values}))

    def new(self, played: str = "", **config: object) -> None:
        self.ask("new", game="g1", config={**SMALL, **config}, played=played)

    def read(self, seconds: float = 0.0) -> None:
        """All that comes within so many seconds, the next message at least."""
        end = time.monotonic() + seconds
        while True:
            try:
                message = self.socket.recv(timeout=max(0.0, end - time.monotonic()) if seconds else 20)
            except TimeoutError:
                return
            if isinstance(message, bytes):
                self.frames.append(read_frame(message))
                if not self.is_blind:
                    self.ask("seen")
            else:
                self.said.append(json.loads(message))
            if time.monotonic() >= end:
                return

    def until(self, is_there: object, patience_s: float = 20) -> None:
        """Read until something is the case."""
        end = time.monotonic() + patience_s
        while not is_there(self):
            assert time.monotonic() < end, (self.said[-3:], self.frames[-1:])
            self.read()

    def last(self, kind: str) -> dict:
        return next((m for m in reversed(self.said) if m["kind"] == kind), {})

    def closed(self) -> tuple[int, str]:
        """Code and reason of the close that comes."""
        try:
            while True:
                self.socket.recv(timeout=20)
        except ConnectionClosed as error:
            return error.rcvd.code, error.rcvd.reason
