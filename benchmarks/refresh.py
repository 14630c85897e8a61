"""A run on the page Train: Start to first picture, and what looking on costs the server.

    python -m benchmarks.refresh [--seconds 15] [--viewers 1 10 30]

A refresh is one answer about the run with the pictures that are new in it. Its cost is the server's own CPU time while so many viewers
look on, less what the server takes with nobody there, divided by the answers. Training runs in other processes, which are not counted.
"""

import argparse
import http.client
import json
import os
import statistics
import threading
import time
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import Page, sync_playwright

from benchmarks.report import show, write
from benchmarks.shell import AT_REST, started

FORM = {"width": 8, "latent_dim": 8, "batch_size": 64, "epochs": 90_000}   # small and without end


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=15, help="how long each number of viewers looks on")
    parser.add_argument("--viewers", type=int, nargs="+", default=[1, 10, 30])
    parser.add_argument("--starts", type=int, default=5, help="runs started, the first of which warms up and is not counted")
    args = parser.parse_args()
    with sync_playwright() as playwright, started() as (url, server):
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        picture_s = [start_run(page, url, keep=i == args.starts - 1) for i in range(args.starts)][1:]
        run_id = page.url.split("run=")[1]
        page.close()
        idle = cpu_share(server, args.seconds)
        rows = [look_on(url, run_id, server, n, args.seconds, idle) for n in args.viewers]
        browser.close()
    show("Start to first picture, warm worker", ["median s", "worst s"], [[statistics.median(picture_s), max(picture_s)]])
    show("Looking on", list(rows[0]), [list(row.values()) for row in rows])
    write("refresh", {"start_to_picture_s": picture_s, "idle_share": idle, "viewers": rows})


def start_run(page: Page, url: str, *, keep: bool) -> float:
    """Seconds from the click on Start until the run's first picture is on the screen; the run is stopped unless it is kept."""
    page.goto(f"{url}/train")
    page.wait_for_selector(AT_REST, timeout=60_000)
    for name, value in FORM.items():
        field = page.locator(f".st-key-train-{name} input")
        field.fill(str(value))
        field.press("Enter")
    page.wait_for_timeout(1000)
    page.wait_for_selector(AT_REST)
    start = time.perf_counter()
    page.locator(".st-key-train-start button").click()
    page.wait_for_url("**/train?run=*")
    page.wait_for_selector(f'canvas[data-address*="{page.url.split("run=")[1]}"]', timeout=300_000)
    seconds = time.perf_counter() - start
    if not keep:
        page.locator(".st-key-train-stop button").click()
        page.locator(".st-key-train-resume button").wait_for(timeout=60_000)
    return seconds


def cpu_share(server: psutil.Process, seconds: float) -> float:
    """Share of one core that the server takes over so many seconds."""
    before = sum(server.cpu_times()[:2])
    time.sleep(seconds)
    return (sum(server.cpu_times()[:2]) - before) / seconds


class Viewer(threading.Thread):
    """Asks as the page's own script does: what is new, then new pictures, then a wait as long as the server says."""

    def __init__(self, url: str, run_id: str, done: threading.Event):
        super().__init__(daemon=True)
        self.host, self.run_id, self.done = urlsplit(url).netloc, run_id, done
        self.answers, self.pictures, self.waits = 0, 0, []

    def run(self) -> None:
        cursor, seen = "", 0
        while not self.done.is_set():
            start = time.perf_counter()
            answer = json.loads(self.get(f"/api/run/{self.run_id}/live?since={cursor}"))
            self.waits.append(time.perf_counter() - start)
            cursor, self.answers = answer["cursor"], self.answers + 1
            if answer["pictures"]["live"] != seen:
                seen = answer["pictures"]["live"]
                for kind in ("recon", "samples"):
                    self.get(f"/api/preview/{self.run_id}/live-{kind}.png?v={seen}")
                    self.pictures += 1
            self.done.wait(answer["wait_s"])

    def get(self, path: str) -> bytes:
        connection = http.client.HTTPConnection(self.host, timeout=30)
        connection.request("GET", path)
        data = connection.getresponse().read()
        connection.close()
        return data


def look_on(url: str, run_id: str, server: psutil.Process, n: int, seconds: float, idle: float) -> dict[str, float]:
    """What n viewers cost and how soon they are answered."""
    done = threading.Event()
    viewers = [Viewer(url, run_id, done) for _ in range(n)]
    for viewer in viewers:
        viewer.start()
    time.sleep(6)   # the first answers are long ones, and the pace settles
    before = sum(v.answers for v in viewers), sum(v.pictures for v in viewers)
    share = cpu_share(server, seconds)
    answers, pictures = sum(v.answers for v in viewers) - before[0], sum(v.pictures for v in viewers) - before[1]
    done.set()
    waits = [wait for v in viewers for wait in v.waits]
    return {"viewers": n, "refresh_ms_cpu": 1000 * (share - idle) * seconds / max(answers, 1), "core_share": share - idle,
            "answers_per_s": answers / seconds, "pictures_per_s": pictures / seconds, "answer_ms_median": 1000 * statistics.median(waits)}


if __name__ == "__main__":
    main()
