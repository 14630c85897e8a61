"""Who may open a socket: a page that this very process handed out, on the same host."""

import hmac
import re
import secrets
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

_SECRET = secrets.token_bytes(32)   # of this process: a restart makes every page ask for a new token, which it does by itself


def new_token() -> str:
    """A token to hand out with a page: a random id and a signature of it, which nobody else can make."""
    page = secrets.token_hex(16)
    return f"{page}-{_signature(page)}"


def page_of(token: str) -> str | None:
    """The id inside a token, None where it was not handed out here."""
    found = re.fullmatch(r"([0-9a-f]{32})-([0-9a-f]{32})", token)
    return found[1] if found and hmac.compare_digest(found[2], _signature(found[1])) else None


def hand_out(request: Request) -> Response:
    """A token for a page that is open while the server is started anew. Only pages of this host can read the answer."""
    if not is_same_origin(request) or request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return PlainTextResponse("this page is of another host", 403)
    return PlainTextResponse(new_token(), headers={"Cache-Control": "no-store"})


def _signature(page: str) -> str:
    return hmac.digest(_SECRET, page.encode(), "sha256").hex()[:32]


def is_same_origin(request: HTTPConnection) -> bool:
    """False where a browser says that a page of another host asks. Programs that send no Origin need the token alone.

    A proxy may put its own name into Host; the one it was asked for is then in X-Forwarded-Host, which no page can set.
    """
    origin = request.headers.get("origin")
    if origin is None:
        return True
    hosts = {request.headers.get("host"), *(h.strip() for h in request.headers.get("x-forwarded-host", "").split(","))}
    return urlsplit(origin).netloc in hosts - {"", None}
