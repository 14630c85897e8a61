"""The app as a visitor meets it: start to first page at rest, page switch, and what the server holds.

    python -m benchmarks.shell [--rounds 5] [--switches 20]
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.report import show, write

ROOT = Path(__file__).resolve().parent.parent
AT_REST = "[data-testid=stApp][data-test-script-state=notRunning][data-test-connection-state=CONNECTED]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="servers started and ended")
    parser.add_argument("--switches", type=int, default=20, help="page switches in each")
    args = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        rounds = [measure(browser, args.switches) for _ in range(args.rounds)]
        browser.close()
    medians = {name: statistics.median(r[name] for r in rounds) for name in rounds[0]}
    show("The app as a visitor meets it", ["what", "median", "worst"], [[name, medians[name], max(r[name] for r in rounds)] for name in medians])
    write("shell", {"medians": medians, "rounds": rounds})


def measure(browser: Browser, switches: int) -> dict[str, float]:
    """One server from its command to its end."""
    start = time.perf_counter()
    with started() as (url, server):
        healthy_s = time.perf_counter() - start
        page = browser.new_page()
        page.goto(url)
        arrive(page, "GenLab")
        rest_s = time.perf_counter() - start
        cpu = sum(server.cpu_times()[:2])
        switch_s = [switch(page, title) for title in ["Machine", "GenLab"] * (switches // 2)]
        cpu_ms = 1000 * (sum(server.cpu_times()[:2]) - cpu) / len(switch_s)
        page.close()
        return {"start_to_healthy_s": healthy_s, "start_to_rest_s": rest_s, "switch_s": statistics.median(switch_s), "switch_worst_s": max(switch_s),
                "switch_server_cpu_ms": cpu_ms, "server_rss_mb": server.memory_info().rss / 1e6}


@contextmanager
def started(script: str = "app.py") -> Iterator[tuple[str, psutil.Process]]:
    """A server of this script: its address and process. Runs and data are in a folder that goes with it, unless GENLAB_RUNS names one."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        env = {"GENLAB_RUNS": f"{folder}/runs", "GENLAB_CACHE": f"{folder}/data", **os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "streamlit", "run", script, f"--server.port={port}", "--server.headless=true"]
        server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            wait_healthy(f"http://127.0.0.1:{port}", server)
            yield f"http://127.0.0.1:{port}", psutil.Process(server.pid)
        finally:
            server.terminate()
            server.wait(30)


def wait_healthy(url: str, server: subprocess.Popen) -> None:
    while server.poll() is None:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.01)
    raise SystemExit(f"the server ended with {server.returncode}")


def switch(page: Page, title: str) -> float:
    """Seconds from the click on a page's name in the menu until that page is at rest."""
    start = time.perf_counter()
    page.get_by_test_id("stSidebarNavItems").get_by_role("link", name=title, exact=True).click()
    arrive(page, title)
    return time.perf_counter() - start


def arrive(page: Page, title: str) -> None:
    page.get_by_role("heading", level=1, name=title, exact=True).wait_for(timeout=60_000)
    page.wait_for_selector(AT_REST, timeout=60_000)


if __name__ == "__main__":
    main()
