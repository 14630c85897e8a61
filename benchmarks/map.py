"""The page "Latent map", as long as it takes and as smooth as it is, in headless Chromium.

    python -m benchmarks.map [--visits 5] [--hovers 60] [--seconds 4] [--run faces-vae-sharp]

    rest    from the click in the menu to a shipped map drawn and its page at rest; the first visit reads the run's data, too
    hover   from the pointer's event to the frame that shows that point's image, and to the one that shows what is decoded there
    20 000  frames a second in which a map of 20 000 points moves while it is dragged and zoomed
"""

import argparse
import os
import statistics
import tempfile
import time

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.report import show, write
from benchmarks.shell import arrive, started, switch

MANY = 20_000
WANTED = {"rest_s": "1 at most", "image_p95_ms": "50 at most"}
WATCH = """
  window.moved = 0; window.images = []; window.decoded = []; window.paints = 0; window.beats = 0
  document.addEventListener("pointermove", () => { window.moved = performance.now() }, true)
  const later = (times, from) => requestAnimationFrame(now => { if (from) times.push(Math.max(0, now - from)) })
  for (const name of ["putImageData", "drawImage"]) {
    const was = CanvasRenderingContext2D.prototype[name]
    CanvasRenderingContext2D.prototype[name] = function (...given) {
      if (this.canvas.classList.contains("live")) later(window.decoded, window.moved)
      return was.apply(this, given)
    }
  }
  ;(function beat() { window.beats++; requestAnimationFrame(beat) })()"""
FOLLOW = """image => new MutationObserver(() => requestAnimationFrame(now => window.images.push(Math.max(0, now - window.moved))))
  .observe(image, {attributeFilter: ["data-point"]})"""
COUNT = "canvas => new MutationObserver(() => { window.paints++ }).observe(canvas, {attributeFilter: ['data-view']})"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--visits", type=int, default=5)
    options.add_argument("--hovers", type=int, default=60)
    options.add_argument("--seconds", type=float, default=4)
    options.add_argument("--run", default="faces-vae-sharp")
    options = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["GENLAB_RUNS"] = folder
        fit_many(options.run)
        with started() as (url, _), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1366, "height": 900})
            page.add_init_script(WATCH)
            found = rest(page, url, options.visits) | hover(page, url, options.run, options.hovers) | move(page, url, options.run, options.seconds)
            browser.close()
    show("Latent map", ["what", "measured", "wanted"], [[name, value, WANTED.get(name, "")] for name, value in found.items()])
    write("map", {"found": found, "wanted": WANTED})


def fit_many(run_id: str) -> None:
    """A map of as many points as one may have; how it was laid out changes nothing."""
    from genlab.maps import MapPlan
    from genlab.maps.store import fit_map, map_step
    from genlab.runs import find_run

    fit_map(run_id, map_step(find_run(run_id)), MapPlan(method="pca", n=MANY).model_dump())


def rest(page: Page, url: str, visits: int) -> dict[str, float]:
    """Between the first screen and the map, from the menu."""
    page.goto(url)
    arrive(page, "GenLab")
    time.sleep(10)   # a new server gets ready for other pages
    times = []
    for _ in range(visits):
        began = time.perf_counter()
        switch(page, "Latent map")
        page.wait_for_selector(".lab-map[data-ready]")
        times.append(time.perf_counter() - began)
        switch(page, "GenLab")
    return {"first_visit_s": times[0], "rest_s": statistics.median(times[1:]), "rest_worst_s": max(times[1:])}


def visit(page: Page, url: str, run_id: str, query: str = "") -> dict:
    """A run's map, at rest; where its canvas is."""
    page.goto(f"{url}/map?run={run_id}{query}")
    page.wait_for_selector(".lab-map[data-ready]", timeout=60_000)
    arrive(page, "Latent map")
    page.locator(".real img").evaluate(FOLLOW)
    page.locator("canvas.map").evaluate(COUNT)
    time.sleep(2)
    return page.locator("canvas.map").bounding_box()


def hover(page: Page, url: str, run_id: str, count: int) -> dict[str, float]:
    """The pointer goes from spot to spot of the map's middle and rests on each for a moment."""
    box, rng = visit(page, url, run_id), np.random.default_rng(0)
    for x, y in rng.uniform(0.25, 0.75, (count, 2)):
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])
        time.sleep(0.15)
    images, decoded = page.evaluate("[window.images, window.decoded]")
    return {"images_seen": len(images), "image_median_ms": statistics.median(images), "image_p95_ms": float(np.percentile(images, 95)),
            "decoded_median_ms": statistics.median(decoded), "decoded_p95_ms": float(np.percentile(decoded, 95))}


def move(page: Page, url: str, run_id: str, seconds: float) -> dict[str, float]:
    """Dragged in circles, then zoomed to and fro."""
    box = visit(page, url, run_id, f"&method=pca&n={MANY}")
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    dragged, _ = _rate(page, seconds, lambda t: page.mouse.move(x + 120 * np.sin(3 * t), y + 80 * np.cos(3 * t)))
    page.mouse.up()
    zoomed, turned = _rate(page, seconds, lambda t: page.mouse.wheel(0, 40 * np.sign(np.sin(3 * t))))
    return {"drag_frames_per_s": dragged, "zoom_frames_per_s": zoomed, "wheel_events_per_s": turned}


def _rate(page: Page, seconds: float, act) -> tuple[float, float]:   # noqa: ANN001
    """Frames a second in which the map moved while something was done every 8 ms, or as often as the browser takes it; and how often."""
    times, before, began = 0, page.evaluate("window.paints"), time.perf_counter()
    while (t := time.perf_counter() - began) < seconds:
        act(t)
        times += 1
        time.sleep(max(0.0, began + t + 0.008 - time.perf_counter()))
    took = time.perf_counter() - began
    return (page.evaluate("window.paints") - before) / took, times / took


if __name__ == "__main__":
    main()
