"""Who may keep a socket open: pages that this server handed out, on the same host, and so many of them."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.websockets import WebSocket

from genlab.server.token import is_same_origin, page_of

UNKNOWN, TOO_MUCH = 4403, 4429


@dataclass
class Door:
    """The door of one kind of socket. The token comes as second subprotocol, the one header of a WebSocket that a page can set,

    and so stays out of addresses.
    """

    subprotocol: str
    per_page: int
    in_all: int
    open: Counter[str] = field(default_factory=Counter)   # by page; touched in the event loop alone

    @asynccontextmanager
    async def admit(self, websocket: WebSocket) -> AsyncIterator[str | None]:
        """The page of an accepted socket for as long as it is open; None, and the socket is closed, where it may not come in."""
        offered = websocket.scope["subprotocols"]
        page = page_of(offered[1]) if len(offered) == 2 and offered[0] == self.subprotocol else None
        await websocket.accept(subprotocol=self.subprotocol if self.subprotocol in offered else None)
        if refusal := self._refusal(websocket, page):
            await websocket.close(*refusal)
            yield None
            return
        self.open[page] += 1
        try:
            yield page
        finally:
            self.open[page] -= 1
            if not self.open[page]:
                del self.open[page]

    def _refusal(self, websocket: WebSocket, page: str | None) -> tuple[int, str] | None:
        if not is_same_origin(websocket):
            return UNKNOWN, "this page is of another host"
        if page is None:
            return UNKNOWN, "the page is from before a restart; reload it"
        if self.open[page] >= self.per_page or self.open.total() >= self.in_all:
            return TOO_MUCH, f"too many sockets; a page has {self.per_page} and the server {self.in_all}"
        return None
