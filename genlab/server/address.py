"""Addresses of what the server hands out. All are relative to the page that asks, as in ui/shell/address.js, since only the browser knows
what the lab is served under: a proxy may take a part of the path away before it asks this server.

Pages have addresses of one part below the lab's root, so that a relative address means the same on each of them.
"""

import posixpath
from urllib.parse import quote, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "api"   # all routes but the pages lie below it


def address(*parts: str, **query: str | int) -> str:
    """The address of a route by the parts of its path below API, as a page writes it: api/thumb/prior/RUN/0.png?columns=4"""
    path = "/".join([API, *(quote(part, safe=",") for part in parts)])
    return f"{path}?{urlencode(query)}" if query else path


class RelativeRedirects:
    """ASGI middleware: whoever is sent on to another address of this server is told the way from where he is.

    Streamlit and Starlette say where to go from the root, or with the name of the host that they were asked for, and behind a proxy
    neither is what the browser knows.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_relative(message: Message) -> None:
            if message["type"] == "http.response.start" and 300 <= message["status"] < 400:
                headers = MutableHeaders(scope=message)
                if "location" in headers:
                    headers["location"] = _from_here(headers["location"], scope)
            await send(message)

        await self.app(scope, receive, send_relative if scope["type"] == "http" else send)


def _from_here(location: str, scope: Scope) -> str:
    """A location of this server relative to the path that was asked for; one elsewhere, or one that is relative, as it is."""
    to = urlsplit(location)
    if to.netloc not in ("", Headers(scope=scope).get("host")) or not to.path.startswith("/"):
        return location
    folder, name = posixpath.split(to.path)
    path = posixpath.join(posixpath.relpath(folder, posixpath.dirname(quote(scope["path"]))), name)
    return to._replace(scheme="", netloc="", path=path).geturl()
