"""The routes on a real uvicorn, and a client of the decode socket."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import uvicorn
from starlette.applications import Starlette
from websockets.sync.client import ClientConnection, connect

from genlab.server.decode import SUBPROTOCOL
from genlab.server.protocol import pack_request, read_reply
from genlab.server.routes import ROUTES
from genlab.server.token import new_token


@contextmanager
def running_routes() -> Iterator[str]:
    """host:port of the routes, served from a thread of this process."""
    config = uvicorn.Config(Starlette(routes=ROUTES), host="127.0.0.1", port=0, log_level="error", ws_max_size=2**24, ws_per_message_deflate=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    yield "{}:{}".format(*server.servers[0].sockets[0].getsockname())
    server.should_exit = True
    thread.join(20)


def open_socket(host: str, token: str | None = None, **how) -> ClientConnection:
    """A socket as the page opens it; origin=... says which page."""
    how = {"subprotocols": [SUBPROTOCOL, new_token() if token is None else token], "origin": f"http://{host}", **how}
    return connect(f"ws://{host}/api/decode", compression=None, max_size=None, open_timeout=20, legacy=True, **how)


def ask(socket: ClientConnection, targets: list, z: np.ndarray, id: int = 1) -> tuple:
    """Send a request and take its reply: (id, pictures), or the server's words as a LabError."""
    socket.send(pack_request(id, targets, np.asarray(z, np.float32)))
    return read_reply(socket.recv(timeout=20))
