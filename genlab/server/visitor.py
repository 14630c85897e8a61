"""Tells browsers apart without asking anybody who they are: a random cookie, set with the first page."""

import re
import secrets

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "genlab_visitor"
ONE_YEAR_S = 365 * 24 * 3600
REDIRECTS = (301, 302, 303, 307, 308)


def is_visitor_token(text: object) -> bool:
    """True for 128 bits in hexadecimal, the only thing that this server hands out."""
    return isinstance(text, str) and re.fullmatch(r"[0-9a-f]{32}", text) is not None


class VisitorCookie:
    """ASGI middleware: a browser that asks for a page without a valid token gets one with the answer.

    The request decides, not the answer: a page from the browser's cache is confirmed by a 304 without a content type. The cookie
    names no path, so that a browser sends it wherever the lab's pages are to be had, and nowhere else; a redirect may stand outside of that.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _needs_token(scope):
            send = _adding_cookie(send, is_secure=scope["scheme"] == "https")
        await self.app(scope, receive, send)


def _needs_token(scope: Scope) -> bool:
    request = HTTPConnection(scope)
    asks_for_page = scope["method"] == "GET" and "text/html" in request.headers.get("accept", "")
    return asks_for_page and not is_visitor_token(request.cookies.get(COOKIE))


def _adding_cookie(send: Send, *, is_secure: bool) -> Send:
    cookie = f"{COOKIE}={secrets.token_hex(16)}; Max-Age={ONE_YEAR_S}; HttpOnly; SameSite=Lax" + ("; Secure" if is_secure else "")

    async def send_with_cookie(message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] not in REDIRECTS:
            MutableHeaders(scope=message).append("set-cookie", cookie)
        await send(message)

    return send_with_cookie
