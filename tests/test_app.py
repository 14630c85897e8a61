"""The app as a user starts it: `streamlit run app.py` in a process of its own."""

import os
import signal
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from http.cookies import SimpleCookie

import psutil
import pytest
from playwright.sync_api import expect
from real_app import ROOT, running_server, visit

from genlab.server.visitor import COOKIE, is_visitor_token


def get(url, **headers):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10) as answer:
        return answer, answer.read()


def test_it_is_healthy_and_serves_its_own_routes(server):
    assert get(f"{server}/_stcore/health")[1] == b"ok"
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(f"{server}/api/preview/nothing/live-samples.png")
    assert refused.value.code == 404 and b"'nothing' is not known" in refused.value.read()


def test_the_first_page_brings_the_visitor_cookie_and_the_second_does_not(server):
    answer, _ = get(server, Accept="text/html")
    cookie = SimpleCookie("; ".join(answer.headers.get_all("set-cookie")))
    assert is_visitor_token(cookie[COOKIE].value)
    answer, _ = get(server, Accept="text/html", Cookie=f"{COOKIE}={cookie[COOKIE].value}")
    assert COOKIE not in "".join(answer.headers.get_all("set-cookie") or [])


@pytest.mark.browser
def test_a_deep_link_is_right_on_the_very_first_visit(tmp_path, chromium):
    """Nobody has opened the landing page of this server yet: the menu, the frame and the page must be there all the same."""
    with running_server(tmp_path) as url:
        page = visit(chromium.new_page(), f"{url}/machine?run=some-run")
        expect(page.get_by_role("heading", name="Machine", exact=True)).to_be_visible()
        expect(page.locator("[data-testid=stSidebarNavLink]", has_text="GenLab")).to_have_count(1)
        assert page.url == f"{url}/machine?run=some-run"
        page.close()


def test_it_ends_when_asked_and_leaves_nothing_behind(tmp_path):
    with running_server(tmp_path) as url:
        port = int(url.rsplit(":", 1)[1])
        server = next(p for p in psutil.process_iter(["cmdline"]) if f"--server.port={port}" in (p.info["cmdline"] or []))
        children = server.children(recursive=True)
        os.kill(server.pid, signal.SIGTERM)
        gone, alive = psutil.wait_procs([server, *children], timeout=20)
        assert not alive
    log = (tmp_path / "server.log").read_text()
    assert "Traceback" not in log, log


def test_settings_are_ones_that_streamlit_knows():
    """Streamlit warns about an unknown setting and goes on, so a misspelt one would pass unseen."""
    done = subprocess.run([sys.executable, "-m", "streamlit", "config", "show"], cwd=ROOT, capture_output=True, text=True)
    assert "not a valid config option" not in done.stdout + done.stderr
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())
    assert settings["runner"] == {"postScriptGC": False, "magicEnabled": False}
    assert {"light", "dark"} <= set(settings["theme"])
