"""/api/game: a game in the plane that goes on for as long as somebody watches it. The messages are described in gameframe.py."""

import asyncio
import json
import re
import time
from contextlib import suppress

from starlette.websockets import WebSocket, WebSocketDisconnect

from genlab.server.admission import TOO_MUCH, Door
from genlab.server.gameframe import told
from genlab.server.gameseat import Seat
from genlab.server.gametable import TABLE
from genlab.server.protocol import ProtocolError

DOOR = Door("genlab.game.1", per_page=4, in_all=64)
LARGEST_REQUEST = 32_768   # bytes: 400 drawn points and all settings
PER_SECOND = 300           # messages of a socket: a frame seen is one
MOST_WAITING = 128         # messages for a client that reads slowly
UNREAD_S = 10.0

OPS: dict[str, dict[str, tuple[type, ...]]] = {
    "new": {"game": (str,), "config": (dict,), "played": (str,)}, "back": {"game": (str,)}, "play": {}, "pause": {}, "seen": {},
    "hide": {"value": (bool,)}, "pace": {"value": (int, float)}, "take": {"who": (str,)}, "set": {"name": (str,), "value": (int, float, str)},
}


async def game(websocket: WebSocket) -> None:
    """One viewer's socket, from its token to its end."""
    async with DOOR.admit(websocket) as page:
        if page:
            await _Viewer(websocket, page).serve()


class _Viewer:
    """One open socket: a task that reads, one that sends, and a seat at the table between them."""

    def __init__(self, websocket: WebSocket, page: str):
        self.websocket, self.page, self.name = websocket, page, ""
        self.loop = asyncio.get_running_loop()
        self.out: asyncio.Queue[bytes | str] = asyncio.Queue(MOST_WAITING)
        self.seat: Seat = TABLE.sit(self.deliver)

    async def serve(self) -> None:
        """Until the client leaves, sends too much, or reads nothing."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._send())]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                with suppress(WebSocketDisconnect, TimeoutError):
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            TABLE.leave(self.seat, (self.page, self.name) if self.name else None)
            await asyncio.gather(*tasks, return_exceptions=True)

    def deliver(self, message: bytes | str) -> None:
        """From the table's thread to this client; nothing where the server is ending."""
        with suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._put, message)

    def _put(self, message: bytes | str) -> None:
        with suppress(asyncio.QueueFull):   # it reads nothing; _send gives it up soon
            self.out.put_nowait(message)

    async def _send(self) -> None:
        while True:
            message = await self.out.get()
            send = self.websocket.send_bytes if isinstance(message, bytes) else self.websocket.send_text
            await asyncio.wait_for(send(message), UNREAD_S)

    async def _read(self) -> None:
        second, in_second = 0.0, 0
        while (message := await self.websocket.receive())["type"] == "websocket.receive":
            now, content = time.monotonic(), message.get("text") or message.get("bytes") or ""
            if now - second >= 1:
                second, in_second = now, 0
            in_second += 1
            if in_second > PER_SECOND or len(content) > LARGEST_REQUEST:
                fault = f"more than {PER_SECOND} messages a second" if in_second > PER_SECOND else f"a message of {len(content)} bytes"
                return await self.websocket.close(TOO_MUCH, fault)
            try:
                self._take(read_request(content))
            except ProtocolError as error:
                self._put(told("refused", text=str(error)))
        return None

    def _take(self, request: dict) -> None:
        if request["op"] == "seen":
            self.seat.seen()
        elif request["op"] == "hide":
            self.seat.look_away(request["value"])
        elif request["op"] == "back":
            self._come_back(request["game"])
        else:
            self.name = request.get("game", self.name)
            self.seat.ask(request)
        TABLE.wake()

    def _come_back(self, name: str) -> None:
        seat = TABLE.back((self.page, name), self.deliver)
        if seat:
            TABLE.leave(self.seat, None)
            self.seat, self.name = seat, name
        self.seat.ask({"op": "back"})


def read_request(content: str | bytes) -> dict:
    """A message with its op and values of the right kinds; ProtocolError where it is not one."""
    try:
        request = json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ProtocolError("a message came that is not JSON") from None
    op = request.get("op") if isinstance(request, dict) else None
    if not isinstance(op, str) or op not in OPS:
        raise ProtocolError(f"op is {str(op)[:20]!r}; it is one of {', '.join(OPS)}")
    values = {name: value for name, value in request.items() if name != "op"}
    if missing := [name for name in OPS[op] if name not in values and name != "played"]:
        raise ProtocolError(f"{op}: {missing[0]} is missing")
    for name, value in values.items():
        if name not in OPS[op] or not isinstance(value, OPS[op][name]):
            raise ProtocolError(f"{op}: {name[:20]} = {str(value)[:20]!r} is not understood")
    if "game" in values and not re.fullmatch(r"[A-Za-z0-9-]{1,40}", values["game"]):
        raise ProtocolError("game is not a name of letters and digits")
    return request


def _refuse(constant: str) -> None:
    raise ValueError(constant)
