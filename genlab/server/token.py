"""Who may open a socket: a page that this very process handed out, on the same host."""

import hmac
import re
import secrets
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

PORTS = {"http": 80, "https": 443}
_TRUSTED: set[str] = set()   # names of hosts whose pages may ask, too; "*" for all
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

    A proxy may put its own name into Host; the one it was asked for is then in X-Forwarded-Host, or the browser itself says that
    page and address are of one origin. No page can set either.
    """
    text = request.headers.get("origin")
    if text is None or request.headers.get("sec-fetch-site") == "same-origin":
        return True
    hosts = [request.headers.get("host", ""), *request.headers.get("x-forwarded-host", "").split(",")]
    try:
        origin = urlsplit(text)
        return bool({origin.hostname, "*"} & _TRUSTED) or any(_is_at(origin, urlsplit(f"//{host.strip()}")) for host in hosts)
    except ValueError:   # what is no address, or has a port that is none
        return False


def trust(hosts: Iterable[str]) -> None:
    """Let pages of these hosts in as well, by name or by origin; "*" is every host. What was trusted before is forgotten."""
    _TRUSTED.clear()
    _TRUSTED.update(urlsplit(host if "//" in host else f"//{host}").hostname or "" for host in hosts)
    _TRUSTED.discard("")


def _is_at(origin: SplitResult, host: SplitResult) -> bool:
    """Whether a page of this origin is at this host. Either may leave out the port that is usual."""
    usual = PORTS.get(origin.scheme)
    return bool(host.hostname) and (origin.hostname, origin.port or usual) == (host.hostname, host.port or usual)
