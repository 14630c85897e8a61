"""The app as a user starts it, and a page of it as a visitor sees it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"


@contextmanager
def running_server(folder: Path, script: str = "app.py", base: str = "") -> Iterator[str]:
    """`streamlit run` on a free port with everything it writes below `folder`; the address, which ends with base. Its log is folder/server.log."""
    port = free_port()
    env = {**os.environ, "GENLAB_RUNS": str(folder / "runs"), "GENLAB_CACHE": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true",
               *([f"--server.baseUrlPath={base}"] if base else [])]
    url = "/".join([f"http://127.0.0.1:{port}", *([base] if base else [])])
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_healthy(url, server, folder / "server.log")
        yield url
    finally:
        stop_group(server)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@contextmanager
def running_proxy(folder: Path, server: str, prefix: str, *more: str) -> Iterator[str]:
    """small_proxy.py before a server; the address at which the lab is to be had through it."""
    port, upstream = free_port(), urlsplit(server)
    url = f"http://127.0.0.1:{port}/{prefix}{upstream.path}"
    command = [sys.executable, str(ROOT / "tests/small_proxy.py"), str(port), prefix, upstream.netloc, *more]
    with (folder / "proxy.log").open("w") as log:
        proxy = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        wait_healthy(url, proxy, folder / "proxy.log")
        yield url
    finally:
        stop_group(proxy)


def wait_healthy(url: str, server: subprocess.Popen, log: Path, patience_s: float = 120) -> None:
    """Return when the server answers; fail with its log where it stops or stays silent."""
    end = time.monotonic() + patience_s
    while server.poll() is None and time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return
        except OSError:
            time.sleep(0.05)
    pytest.fail(f"the server did not come up:\n{log.read_text()[-3000:]}")


def stop_group(process: subprocess.Popen) -> None:
    """End a process and all that it started, politely first."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(15)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


def visit(page: Page, url: str) -> Page:
    """Open an address and wait until its script has come to rest."""
    page.goto(url)
    page.wait_for_selector(AT_REST, timeout=60_000)
    return page


def fill_in(page: Page, key: str, value: object) -> None:
    """Type a value into the field of a widget, Enter, and wait for the rerun; again where an earlier rerun took the letters away."""
    field = page.locator(f".st-key-{key} input")
    for _ in range(5):
        field.fill(str(value))
        field.press("Enter")
        page.wait_for_timeout(150)   # for the rerun to begin
        page.wait_for_selector(AT_REST)
        if field.input_value() == str(value):
            return
    pytest.fail(f"{key} does not take {value}")
