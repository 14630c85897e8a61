"""Routes, the visitor's cookie, and what is ready before the first visitor."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from genlab.data import DataSpec
from genlab.runs import create_run
from genlab.runs.pictures import png, tile
from genlab.server.routes import ROUTES
from genlab.server.visitor import COOKIE, VisitorCookie, is_visitor_token
from genlab.server.warm import imported_by
from genlab.training import TrainPlan

ROOT = Path(__file__).resolve().parent.parent
PAGE = {"Accept": "text/html,application/xhtml+xml"}


# -- the cookie -----------------------------------------------------------------------------------------------------


def client(scheme="http", **cookies):
    app = Starlette(routes=[Route("/", lambda request: PlainTextResponse("page"), methods=["GET", "POST"])], middleware=[Middleware(VisitorCookie)])
    return TestClient(app, base_url=f"{scheme}://lab.example", cookies=cookies)


def test_a_page_brings_a_random_cookie_that_scripts_cannot_read():
    first, second = (client().get("/", headers=PAGE).headers["set-cookie"] for _ in range(2))
    name, _, rest = first.partition("=")
    token, *attributes = rest.split("; ")
    assert name == COOKIE and is_visitor_token(token)
    assert set(attributes) == {"HttpOnly", "SameSite=Lax", "Max-Age=31536000"}   # no path: the browser takes the page's
    assert token not in second


def test_over_https_the_cookie_stays_there():
    assert client("https").get("/", headers=PAGE).headers["set-cookie"].endswith("; Secure")


def test_who_has_one_keeps_it():
    assert "set-cookie" not in client(**{COOKIE: "0123456789abcdef" * 2}).get("/", headers=PAGE).headers


@pytest.mark.parametrize("forged", ["", "admin", "0" * 31, "0" * 33, "G" * 32, "0123456789ABCDEF" * 2])
def test_a_forged_one_is_replaced(forged):
    assert "set-cookie" in client(**{COOKIE: forged}).get("/", headers=PAGE).headers


def test_only_pages_bring_one():
    assert "set-cookie" not in client().get("/", headers={"Accept": "image/png"}).headers
    assert "set-cookie" not in client().post("/", headers=PAGE).headers


# -- previews -------------------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("GENLAB_CHECKPOINTS", str(tmp_path / "checkpoints"))
    run = create_run(TrainPlan(data=DataSpec(name="digits", n=16), settings={"latent_dim": 2, "width": 4}))
    run.preview_path("live-samples").write_bytes(picture(0))
    run.preview_path("12-recon").write_bytes(picture(1))
    return run


def picture(seed):
    return png(tile(np.random.default_rng(seed).integers(0, 256, (4, 1, 8, 8), np.uint8), 2))


@pytest.fixture
def api():
    return TestClient(Starlette(routes=ROUTES))


def test_a_preview_comes_as_it_lies_on_disk(run, api):
    answer = api.get(f"/api/preview/{run.id}/12-recon.png")
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png" and answer.content == picture(1)


def test_a_preview_is_sent_again_only_when_it_changed(run, api):
    address = f"/api/preview/{run.id}/live-samples.png"
    known = {"If-None-Match": api.get(address).headers["etag"]}
    assert api.get(address, headers=known).status_code == 304
    run.preview_path("live-samples").write_bytes(picture(2))
    assert api.get(address, headers=known).content == picture(2)


@pytest.mark.parametrize("name", ["live-recon", "13-samples", "config", "live", "..%2f..%2fconfig", "%2e%2e%2fstate", "12-recon%00", "-1-recon"])
def test_a_preview_that_is_not_there_is_a_404_with_its_reason(run, api, name):
    answer = api.get(f"/api/preview/{run.id}/{name}.png")
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize("run_id", ["nothing", "..", "%2e%2e", "..%2f..", "a b", "x" * 500])
def test_a_run_that_is_not_there_is_a_404(run, api, run_id):
    assert api.get(f"/api/preview/{run_id}/live-samples.png").status_code == 404


# -- before the first visitor ---------------------------------------------------------------------------------------


def test_every_import_of_a_page_is_found(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/b.py").write_text("import json.decoder as d\nfrom email import message\ndef f():\n    import wave\n")
    assert imported_by(tmp_path) == ["email", "json.decoder", "wave"]


def test_after_warming_up_the_first_screen_imports_no_package_and_later_no_page_does():
    """In a process of its own, since this one has long imported everything."""
    code = f"""
import gc, os, sys
import streamlit.web.server.starlette
from streamlit.testing.v1 import AppTest
from pathlib import Path
from genlab.machine import machine
from genlab.server.warm import warm_up, warm_up_later
import torch
pages = Path({str(ROOT / "pages")!r})
gc.disable()
warm_up(pages)
assert gc.isenabled()
assert gc.get_freeze_count() > 100_000
assert 1 <= torch.get_num_threads() <= max(1, machine().cores // 2)
packages = lambda: {{name.split(".")[0] for name in sys.modules}}
before = packages()
app = AppTest.from_file(str(pages / "main.py"), default_timeout=60).run()
assert not app.exception and packages() == before, packages() - before   # the first screen does without what comes later
warm_up_later()
before = packages()
for page in sorted(pages.glob("*/*.py")):
    assert not app.switch_page(str(page.relative_to(pages))).run().exception
assert packages() == before, packages() - before
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
