"""A real server and a real browser for whoever wants one."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")   # tiny nets lose more at the threads' barriers than they gain, above all on a busy machine

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from real_app import running_server

from genlab import jobs

CHROMIUM_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--use-gl=angle", "--use-angle=swiftshader",
                  "--enable-unsafe-swiftshader"]


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one server that all tests share."""
    with running_server(tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="module")
def nobody_trains() -> Iterator[None]:
    """A queue whose workers cannot be reached: what is started waits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GENLAB_SCHEDULER", "tcp://127.0.0.1:9")
        jobs.shutdown()   # of a queue that an earlier page asked for
        yield
        jobs.shutdown()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """CHROMIUM, or the one on this machine, or the one that `playwright install chromium` put there."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Page]:
    """A new visitor's window, 1366 x 768. An exception in its scripts fails the test that uses it."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768}, permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults, faults
