"""Where addresses are made: relative to the page, in one file here and in one in the browser; and which page may ask."""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from genlab.server import token
from genlab.server.address import RelativeRedirects, address
from genlab.server.routes import routes_under
from genlab.server.token import is_same_origin, trust

ROOT = Path(__file__).resolve().parent.parent
MAKERS = {"genlab/ui/shell/address.js", "genlab/server/address.py", "genlab/server/routes.py"}


def test_addresses_are_relative_and_quoted():
    assert address("thumb", "prior", "my run", "0,1.png", columns=4) == "api/thumb/prior/my%20run/0,1.png?columns=4"
    assert address("run", "a/b?c", "live") == "api/run/a%2Fb%3Fc/live"


@pytest.mark.parametrize(("base", "root"), [("", ""), ("lab", "/lab"), ("/lab/", "/lab"), ("courses/lab", "/courses/lab")])
def test_routes_lie_below_the_base_path_alone(base, root):
    api = TestClient(Starlette(routes=routes_under(base)))
    assert api.get(f"{root}/api/token").status_code == 200
    assert api.get("/elsewhere/api/token").status_code == 404 and (not root or api.get("/api/token").status_code == 404)


IN_JS = [r"new WebSocket\((?!socketAt\()", r"fetch\((?!routeAt\()", r"document\.baseURI", r"new URL\([^)]*location", r"['\"`]/api"]
IN_PYTHON = [r"['\"]/?api/", r"baseUrlPath"]


@pytest.mark.parametrize(("ending", "pattern"), [*(("js", p) for p in IN_JS), *(("py", p) for p in IN_PYTHON)])
def test_no_other_file_makes_addresses(ending, pattern):
    def code(file: Path) -> str:
        return re.sub(r"(?s)\"\"\".*?\"\"\"|^//.*?$", "", file.read_text())

    files = [file for folder in ("genlab", "pages") for file in (ROOT / folder).rglob(f"*.{ending}")]
    found = {str(file.relative_to(ROOT)) for file in files if re.search(pattern, code(file))}
    assert found - MAKERS <= {"genlab/ui/shell/copy_link.js"}   # the address of the page itself, with another query


@pytest.mark.parametrize(("asked", "sent", "told"), [
    ("/here", "there", "there"),
    ("/sliders/", "/sliders?a=1", "../sliders?a=1"), ("/lab", "http://testserver/lab/", "lab/"), ("/a/b/c", "/a/x", "../x"), ("/here", "/", "./"),
    ("/here", "https://login.example/x", "https://login.example/x"), ("/here", "//login.example/x", "//login.example/x")])
def test_redirects_are_told_from_where_one_is(asked, sent, told):
    app = Starlette(routes=[Route("/{rest:path}", lambda request: RedirectResponse(sent))], middleware=[Middleware(RelativeRedirects)])
    assert TestClient(app).get(asked, follow_redirects=False).headers["location"] == told


@pytest.fixture
def trusted():
    before = set(token._TRUSTED)
    yield trust
    trust(before)


def asks(origin: str, host: str, **headers: str) -> bool:
    def told(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(is_same_origin(request)))

    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return TestClient(Starlette(routes=[Route("/", told)])).get("/", headers={"Origin": origin, "Host": host, **named}).text == "True"


@pytest.mark.parametrize(("origin", "host", "headers", "may"), [
    ("https://lab.example", "lab.example", {}, True),
    ("https://lab.example", "lab.example:443", {}, True),
    ("http://lab.example", "LAB.example:80", {}, True),
    ("https://lab.example:8443", "lab.example:8443", {}, True),
    ("https://lab.example", "127.0.0.1:8501", {"x_forwarded_host": "inner, lab.example:443"}, True),
    ("https://lab.example", "127.0.0.1:8501", {"sec_fetch_site": "same-origin"}, True),
    ("https://lab.example", "127.0.0.1:8501", {}, False),
    ("https://lab.example:8443", "lab.example", {}, False),
    ("https://lab.example", "lab.example:80", {}, False),
    ("https://other.example", "lab.example", {"sec_fetch_site": "cross-site"}, False),
    ("https://lab.example.other", "lab.example", {}, False),
    ("http://[", "lab.example", {}, False), ("http://lab.example:x", "lab.example", {}, False), ("null", "", {}, False), ("null", "null", {}, False)])
def test_which_page_may_ask(origin, host, headers, may):
    assert asks(origin, host, **headers) is may


def test_whom_the_settings_name_may_ask_too(trusted):
    trusted(["localhost", "https://lab.example"])
    assert asks("http://localhost:9000", "127.0.0.1:8501") and asks("https://lab.example:8443", "127.0.0.1:8501")
    assert not asks("https://other.example", "127.0.0.1:8501") and not asks("null", "127.0.0.1:8501")
    trusted(["*"])
    assert asks("https://other.example", "127.0.0.1:8501")
