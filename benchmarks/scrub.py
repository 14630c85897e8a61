"""Scrubbing, as fast as it feels: the report's decoder at 64x64 behind the decode socket.

    python -m benchmarks.scrub [--seconds 10] [--clients 30] [--only idle training clients grid]

    idle       a real drag in headless Chromium: frames a second, and milliseconds from the pointer event to the frame that shows it
               (from the event's handler to the start of the next animation frame after the picture was drawn)
    training   the same while the report's VAE trains at nice 10 on the same cores, and what is left of its images/s
    clients    many sockets at once, each asking at 60 Hz at most, its next request when the last was answered, and what the server
               holds before and after; --only clients --seconds 600 shows whether its memory grows
    grid       16 x 16 latents in one request
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright
from websockets.asyncio.client import connect

from benchmarks.report import show, write
from benchmarks.shell import AT_REST, ROOT, started
from genlab.lens.models import NEWEST
from genlab.server.decode import SUBPROTOCOL
from genlab.server.protocol import pack_request, read_reply

D, BATCH = 50, 128   # of the run that is scrubbed and of the one that trains
VIEW = "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.scrubber')).find(Boolean)"
WANTED = {"frames_per_s": "58 or more", "p95_ms": "18 at most", "client_frames_per_s": "25 or more", "client_p95_ms": "60 at most",
          "grid_ms": "250 at most"}


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=float, default=10)
    options.add_argument("--clients", type=int, default=30)
    options.add_argument("--only", nargs="*", default=["idle", "training", "clients", "grid"], choices=["idle", "training", "clients", "grid"])
    options = options.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENLAB_RUNS"] = folder
        run_id = reports_run()
        with started("benchmarks/scrub_app.py") as (url, server):
            if "idle" in options.only:
                found["idle"] = drag(url, run_id, options.seconds)
            if "training" in options.only:
                found["training"] = drag_while_training(url, run_id, options.seconds)
            if "clients" in options.only:
                found["clients"] = crowd(url, run_id, options.clients, options.seconds, server)
            if "grid" in options.only:
                found["grid"] = asyncio.run(grid(url, run_id))
    rows = [[what, name, value, WANTED.get(name, "")] for what, values in found.items() for name, value in values.items()]
    show(f"Scrubbing the report's decoder at 64x64 ({options.seconds:g} s each)", ["", "what", "measured", "wanted"], rows)
    write("scrub", {"seconds": options.seconds, "clients": options.clients, "found": found, "wanted": WANTED})


def reports_run(**changes):
    """A run of the report's VAE, two steps old: how its pictures look changes no time."""
    from genlab.data import DataSpec
    from genlab.runs import create_run, execute
    from genlab.training import TrainPlan

    plan = {"data": DataSpec(name="digits", size=64, channels=3, n=256), "max_steps": 2}
    run = create_run(TrainPlan(**{**plan, **changes}))
    if not changes:
        execute(run)
    return run.id


# -- one browser ----------------------------------------------------------------------------------------------------


def drag(url, run_id, seconds):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1366, "height": 768})
        page.goto(f"{url}/?run={run_id}")
        page.wait_for_selector(AT_REST, timeout=60_000)
        page.wait_for_function(f"{VIEW}?.stats.frames > 0", timeout=60_000)
        slide(page, 1)   # warm
        before = page.evaluate(f"{VIEW}.stats.frames")
        page.evaluate("window.beats = 0; (function beat() { window.beats++; requestAnimationFrame(beat) })()")
        page.evaluate(f"{VIEW}.stats.latencies.length = 0")
        took = slide(page, seconds)
        frames, latencies, micros = page.evaluate(f"(({{frames, latencies, micros}}) => [frames, latencies, micros])({VIEW}.stats)")
        beats = page.evaluate("beats")
        browser.close()
    return {"frames_per_s": (frames - before) / took, "screen_frames_per_s": beats / took,
            "median_ms": statistics.median(latencies), "p95_ms": float(np.percentile(latencies, 95)),
            "worst_ms": max(latencies), "last_server_ms": micros / 1000}


def slide(page, seconds):
    """Move the pointer along a slider, to and fro, faster than frames come; the seconds it took."""
    box = page.get_by_role("slider", name="z 1", exact=True).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    began = time.perf_counter()
    while (t := time.perf_counter() - began) < seconds:
        page.mouse.move(box["x"] + box["width"] * (0.5 + 0.45 * np.sin(3 * t)), box["y"] + 10)
        time.sleep(max(0.0, began + t + 0.006 - time.perf_counter()))
    page.mouse.up()
    return time.perf_counter() - began


def drag_while_training(url, run_id, seconds):
    training = reports_run(max_steps=None, epochs=100_000)
    code = f"import os; os.nice(10); from genlab.runs import *; execute(find_run({training!r}))"
    trainer = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        rates(training, least=4)
        time.sleep(seconds)
        alone = rates(training)[-max(2, int(seconds / 2)):]
        n = len(rates(training))
        found = drag(url, run_id, seconds)
        beside = rates(training)[n:]
    finally:
        trainer.terminate()
        trainer.wait(30)
    return {**found, "trainer_alone_images_per_s": statistics.median(alone), "trainer_beside_images_per_s": statistics.median(beside or [0.0])}


def rates(run_id, least=1):
    """Images a second from each row to the next; waits until there are enough."""
    path = Path(os.environ["GENLAB_RUNS"]) / run_id / "metrics.jsonl"
    while True:
        rows = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
        seen = [(row["step"], row["seconds"]) for row in rows if "images_per_s" in row]
        found = [BATCH * (b[0] - a[0]) / (b[1] - a[1]) for a, b in zip(seen, seen[1:], strict=False)]
        if len(found) >= least:
            return found
        time.sleep(0.2)


# -- many clients ---------------------------------------------------------------------------------------------------


def crowd(url, run_id, clients, seconds, server):
    asyncio.run(drag_together(url, run_id, clients, 5))   # what is loaded once is no growth
    before = server.memory_info().rss
    cpu = sum(server.cpu_times()[:2])
    results = asyncio.run(drag_together(url, run_id, clients, seconds))
    latencies = np.concatenate([r["latencies"] for r in results])
    return {"client_frames_per_s": min(r["frames"] for r in results) / seconds,
            "mean_client_frames_per_s": sum(r["frames"] for r in results) / seconds / clients,
            "client_median_ms": 1000 * float(np.median(latencies)), "client_p95_ms": 1000 * float(np.percentile(latencies, 95)),
            "server_cores": (sum(server.cpu_times()[:2]) - cpu) / seconds,
            "server_mb_before": before / 1e6, "server_mb_after": server.memory_info().rss / 1e6}


async def drag_together(url, run_id, clients, seconds):
    end = time.perf_counter() + seconds + 1
    return await asyncio.gather(*(one_client(url, run_id, i, end, seconds) for i in range(clients)))


async def one_client(url, run_id, seed, end, seconds):
    rng, latencies, frames = np.random.default_rng(seed), [], 0
    async with opened(url) as client:
        z = rng.standard_normal((1, D)).astype(np.float32)
        while (began := time.perf_counter()) < end:
            z[0, 0] = np.sin(3 * began + seed)
            await client.send(pack_request(1, [(run_id, NEWEST)], z))
            read_reply(await client.recv())
            took = time.perf_counter() - began
            if began > end - seconds:
                latencies.append(took)
                frames += 1
            await asyncio.sleep(max(0.0, 1 / 60 - took))
    return {"frames": frames, "latencies": np.array(latencies)}


def opened(url):
    token = urllib.request.urlopen(f"{url}/token").read().decode()
    return connect(f"{url.replace('http', 'ws')}/api/decode", subprotocols=[SUBPROTOCOL, token], origin=url, compression=None, max_size=None)


async def grid(url, run_id, rounds=15):
    z, times = np.random.default_rng(0).standard_normal((256, D)).astype(np.float32), []
    async with opened(url) as client:
        for _ in range(rounds + 1):
            began = time.perf_counter()
            await client.send(pack_request(1, [(run_id, NEWEST)], z))
            read_reply(await client.recv())
            times.append(1000 * (time.perf_counter() - began))
    return {"grid_ms": statistics.median(times[1:]), "grid_worst_ms": max(times[1:])}


if __name__ == "__main__":
    main()
