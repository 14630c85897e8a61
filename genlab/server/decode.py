"""/api/decode: latents in, pixels out, as fast as a pointer moves. The messages are described in protocol.py."""

import asyncio
import time
from contextlib import suppress

import numpy as np
from starlette.websockets import WebSocket, WebSocketDisconnect

from genlab.errors import LabError
from genlab.lens.batches import BATCHER, LARGEST, Decoded, Target
from genlab.server.admission import TOO_MUCH, Door
from genlab.server.protocol import LARGEST_REQUEST, ProtocolError, Request, pack_error, pack_reply, read_request

SUBPROTOCOL = "genlab.decode.1"
PER_PAGE, IN_ALL = 8, 512   # sockets
DOOR = Door(SUBPROTOCOL, PER_PAGE, IN_ALL)
PER_SECOND = 2000           # messages of a socket: far more than a pointer that waits for its replies ever sends
UNREAD_S = 10.0             # a reply that nobody takes for so long closes the socket


async def decode(websocket: WebSocket) -> None:
    """One client's socket, from its token to its end."""
    async with DOOR.admit(websocket) as page:
        if page:
            await _Client(websocket).serve()


class _Client:
    """One open socket: a task that reads and keeps the newest request, and one that answers it."""

    def __init__(self, websocket: WebSocket):
        self.websocket = websocket
        self.newest: tuple[float, bytes | str] | None = None
        self.arrived = asyncio.Event()
        self.second, self.in_second = 0.0, 0

    async def serve(self) -> None:
        """Until the client leaves, sends too much, or reads nothing."""
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._answer())]
        try:
            ended, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in ended:
                with suppress(WebSocketDisconnect):
                    task.result()
        except TimeoutError:
            _abort(asyncio.current_task())
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _read(self) -> None:
        while (message := await self.websocket.receive())["type"] == "websocket.receive":
            now, content = time.monotonic(), message["bytes"] if message.get("bytes") is not None else message["text"]
            if now - self.second >= 1:
                self.second, self.in_second = now, 0
            self.in_second += 1
            if self.in_second > PER_SECOND:
                return await self._refuse(f"more than {PER_SECOND} messages a second")
            if len(content) > LARGEST_REQUEST:
                return await self._refuse(f"a message of {len(content)} bytes; a request has {LARGEST_REQUEST} at most")
            self.newest = now, content
            self.arrived.set()
        return None

    async def _refuse(self, reason: str) -> None:
        await asyncio.wait_for(self.websocket.close(TOO_MUCH, reason), UNREAD_S)

    async def _answer(self) -> None:
        while True:
            await self.arrived.wait()
            self.arrived.clear()
            (began, message), self.newest = self.newest, None
            reply = await _reply(message, began)
            await asyncio.wait_for(self.websocket.send_bytes(reply), UNREAD_S)


async def _reply(message: bytes | str, began: float) -> bytes:
    """Pictures, or the reason why there are none."""
    id = 0
    try:
        request = read_request(message)
        id = request.id
        pictures = await asyncio.gather(*(_decoded(target, request) for target in request.targets))
        return b"".join(pack_reply(id, pictures, _micros(began)))
    except ProtocolError as error:
        return pack_error(error.id or id, str(error), _micros(began))
    except LabError as error:
        return pack_error(id, str(error), _micros(began))


async def _decoded(target: Target, request: Request) -> Decoded:
    """One target's pictures. Many latents go in parts, between which others get their turn."""
    parts = []
    for start in range(0, len(request.z), LARGEST):
        parts.append(await asyncio.wrap_future(BATCHER.submit(target, request.z[start : start + LARGEST])))
    return parts[0] if len(parts) == 1 else Decoded(np.concatenate([p.pixels for p in parts]), parts[-1].step)


def _micros(began: float) -> int:
    return round(1e6 * (time.monotonic() - began))


def _abort(handler: asyncio.Task) -> None:
    """Cut the connection of a client that reads nothing.

    A close waits until what is buffered has been taken, which here is never, and ASGI has no other word for it; so the
    transport is found through the protocol whose coroutine this handler runs in. Where that is not uvicorn's, the server's own
    pings have to find out.
    """
    frame = getattr(handler.get_coro(), "cr_frame", None)
    protocol = frame and frame.f_locals.get("self")
    transport = getattr(protocol, "transport", None)
    if isinstance(transport, asyncio.Transport):
        transport.abort()
