"""The scrubber in a real browser, on a real run: pointer, keys, wheel and touch; while it trains; when things break."""

import re
import subprocess
import sys
import time

import numpy as np
import pytest
from playwright.sync_api import expect
from real_app import ROOT, running_server, visit
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec
from genlab.latent.laws import NORMAL, UNIFORM
from genlab.runs import create_run, delete
from genlab.training import TrainPlan
from genlab.ui.explore.decoding import packed
from genlab.ui.shell.components import UI, bundle

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scrub")
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, folder)
        yield folder


@pytest.fixture(scope="module")
def lab(places):
    with running_server(places, "tests/scrub_app.py") as url:
        yield url


@pytest.fixture(scope="module")
def run(places):
    return tiny_run()


@pytest.fixture
def page(lab, run, tab):
    return opened(tab, f"{lab}/?run={run.id}")


def opened(tab, url):
    visit(tab, url)
    tab.wait_for_function("document.querySelector('.st-key-s, [class*=st-key-s]') !== null")
    expect(tab.locator(".stage canvas")).to_have_count(2)
    tab.wait_for_function(f"{STATS}.frames > 0")
    return tab


ROOT_OF = "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.scrubber')).find(Boolean)"
STATS = f"({ROOT_OF}?.stats ?? {{frames: 0}})"


def track(page, name):
    return page.get_by_role("slider", name=name, exact=True)


def amount(page, name):
    return float(track(page, name).get_attribute("aria-valuenow"))


def pixels(page, i):
    """What canvas number i shows, (H, W)."""
    rgba = page.locator("canvas").nth(i).evaluate("c => [c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    return np.array(rgba[1:]).reshape(-1, rgba[0], 4)[..., 0]


def said(page):
    """What Python was told last: how often it ran, amounts, z."""
    runs, rest = re.search(r"(\d+) runs, amounts (.*)", page.get_by_text("amounts [").inner_text()).groups()
    amounts, z = (np.array(eval(part)) for part in rest.split(", z "))
    return int(runs), amounts, z


def drag(page, name, seconds, *, release=True):
    """Slide to and fro at the pace of a screen."""
    box = track(page, name).bounding_box()
    x = lambda t: box["x"] + box["width"] * (0.5 + 0.45 * np.sin(3 * t))   # noqa: E731
    page.mouse.move(x(0), box["y"] + 10)
    page.mouse.down()
    start = time.monotonic()
    while (t := time.monotonic() - start) < seconds:
        page.mouse.move(x(t), box["y"] + 10)
        time.sleep(0.005)
    if release:
        page.mouse.up()


def figures(page, frames_before, seconds):
    frames, latencies = page.evaluate(f"[{STATS}.frames, {STATS}.latencies]")
    fps = (frames - frames_before) / seconds
    print(f"\n{fps:.0f} frames/s, pointer to paint: median {np.median(latencies):.1f} ms, p95 {np.percentile(latencies, 95):.1f} ms")
    return fps, latencies


# -- hands ----------------------------------------------------------------------------------------------------------


def test_pictures_follow_a_drag_and_python_hears_of_its_end_alone(page):
    before, runs = page.evaluate(f"{STATS}.frames"), said(page)[0]
    first = pixels(page, 1)
    drag(page, "z 0", 1, release=False)
    fps, latencies = figures(page, before, 1)
    assert fps > 0 and len(latencies) > 0 and all(ms > 0 for ms in latencies)
    assert said(page)[0] == runs
    shown, there = pixels(page, 1), amount(page, "z 0")
    assert not np.array_equal(shown, first) or abs(there) < 0.05
    page.mouse.up()
    expect(page.get_by_text(f"{runs + 1} runs, ")).to_be_visible()
    _, amounts, z = said(page)
    assert amounts[0] == pytest.approx(there, abs=2e-3) and z[0] == amounts[0] and z[1] == 0.5


def test_every_view_follows_and_fixed_pictures_stay(page):
    drag(page, "across", 0.5)
    page.wait_for_timeout(300)
    np.testing.assert_array_equal(pixels(page, 2), 200)
    np.testing.assert_array_equal(pixels(page, 0), pixels(page, 1))
    assert page.locator(".stage canvas").nth(1).evaluate("c => getComputedStyle(c).imageRendering") == "pixelated"


def test_keys_move_a_slider_by_steps_and_shift_makes_them_fine(page):
    slider = track(page, "z 0")
    slider.focus()
    steps = {"ArrowRight": 0.1, "ArrowUp": 0.2, "Shift+ArrowLeft": 0.19, "PageUp": 1.19, "Home": -3, "End": 3, "Backspace": 0}
    for keys, value in steps.items():
        page.keyboard.press(keys)
        assert amount(page, "z 0") == pytest.approx(value, abs=1e-3)
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("amounts [0.1,")).to_be_visible()
    page.keyboard.press("Tab")
    assert page.evaluate(f"{ROOT_OF}.getRootNode().activeElement.ariaLabel") == "z 1"


def test_the_wheel_moves_a_chosen_slider_and_scrolls_the_page_over_others(page):
    slider = track(page, "z 0")
    slider.hover()
    page.mouse.wheel(0, -100)
    page.wait_for_timeout(200)
    assert amount(page, "z 0") == 0
    slider.click()
    start = amount(page, "z 0")
    page.mouse.wheel(0, -100)
    page.wait_for_timeout(200)
    assert amount(page, "z 0") == pytest.approx(start + 0.1, abs=1e-3)


def test_a_double_click_goes_back_to_the_start_and_reset_takes_all_back(page):
    drag(page, "z 1", 0.3)
    track(page, "z 1").dblclick()
    assert amount(page, "z 1") == 0.5
    drag(page, "z 0", 0.3)
    page.get_by_role("button", name="Reset all").click()
    assert (amount(page, "z 0"), amount(page, "z 1")) == (0, 0.5)
    expect(page.get_by_text("amounts [0.0, 0.5, 0.0, 0.0]")).to_be_visible()


def test_shift_drags_a_tenth_as_far(page):
    box = track(page, "z 0").bounding_box()
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.75, box["y"] + 10, steps=5)
    assert amount(page, "z 0") == pytest.approx(0.1 * 0.25 * 6, abs=0.01)
    page.mouse.up()
    page.keyboard.up("Shift")


def test_folded_axes_unfold_and_quantiles_are_of_the_prior(page):
    assert not track(page, "z 2").is_visible()
    page.locator("summary").click()
    track(page, "z 2").focus()
    page.keyboard.press("PageUp")
    assert page.locator(".axis", has=track(page, "z 2")).locator(".quantile").inner_text() == "84 %"


def test_a_finger_slides(lab, run, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True)
    page = opened(context.new_page(), f"{lab}/?run={run.id}")
    slider = track(page, "z 0")
    slider.scroll_into_view_if_needed()
    box, cdp = slider.bounding_box(), context.new_cdp_session(page)
    point = lambda share: [{"x": box["x"] + box["width"] * share, "y": box["y"] + 10}]   # noqa: E731
    cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": point(0.5)})
    for share in np.linspace(0.5, 0.9, 20):
        cdp.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": point(share)})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert amount(page, "z 0") == pytest.approx(6 * 0.4, abs=0.2)
    expect(page.get_by_text("amounts [2.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


# -- Python ---------------------------------------------------------------------------------------------------------


def test_python_can_put_the_sliders_elsewhere_and_they_can_be_moved_on_from_there(page):
    drag(page, "z 1", 0.3)
    page.get_by_role("button", name="Put").click()
    expect(page.get_by_text("amounts [1.0, 0.0, 0.0, 0.0]")).to_be_visible()
    assert (amount(page, "z 0"), amount(page, "z 1")) == (1, 0)
    track(page, "z 0").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("amounts [1.1, 0.0, 0.0, 0.0]")).to_be_visible()


def test_one_scrubs_a_model_as_it_learns(lab, places, tab):
    run = create_run(TrainPlan(data=DataSpec(name="digits", n=256, size=16), settings={"latent_dim": 3, "width": 4}, epochs=100_000,
                               batch_size=32, threads=1))
    code = f"from genlab.runs import *; from genlab.training import Pace; execute(find_run({run.id!r}), pace=Pace(state_s=1.0))"
    trainer = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    try:
        end = time.monotonic() + 60
        while not run.snapshots():
            assert trainer.poll() is None and time.monotonic() < end
            time.sleep(0.05)
        page = opened(tab, f"{lab}/?run={run.id}&live=1")
        steps, before = [], page.evaluate(f"{STATS}.frames")
        for _ in range(5):
            drag(page, "z 0", 1)
            steps.append(page.locator(".step").first.inner_text())
        assert figures(page, before, 5)[0] > 0
        numbers = [int(re.fullmatch(r"step (\d+)", step)[1]) for step in steps]
        assert numbers == sorted(numbers) and numbers[-1] > numbers[0] > 0
        page.wait_for_function(f"{ROOT_OF}.querySelector('.step').textContent !== {steps[-1]!r}")   # nobody moves a thing
    finally:
        trainer.kill()
        trainer.wait()


# -- what breaks ----------------------------------------------------------------------------------------------------


def test_a_cut_connection_comes_back_by_itself(page):
    before = page.evaluate(f"{STATS}.frames")
    page.evaluate(f"{ROOT_OF}.getRootNode().host; [...document.querySelectorAll('*')]"
                  ".map(e => e.shadowRoot && [...e.shadowRoot.querySelectorAll('*'), e.shadowRoot, e]).flat()"
                  ".find(e => e?.scrubber).scrubber.sockets[0].socket.close()")
    expect(page.locator(".status")).to_have_text("connecting again")
    page.wait_for_function(f"{STATS}.frames > {before}")
    expect(page.locator(".scrubber.troubled")).to_have_count(0)
    drag(page, "z 0", 0.5)
    assert page.evaluate(f"{STATS}.frames") > before + 3


def test_a_deleted_run_is_said_and_the_page_stays(lab, tab):
    gone = tiny_run(epochs=1)
    page = opened(tab, f"{lab}/?run={gone.id}")
    delete(gone)
    page.wait_for_timeout(300)
    drag(page, "z 0", 0.3)
    expect(page.locator(".status")).to_contain_text("is not known")
    assert page.locator("[data-testid=stException]").count() == 0


@pytest.mark.parametrize(("law", "at", "below"), [(NORMAL, 0.5, 69), (UNIFORM, 0.5, 75), (UNIFORM, 2.0, 100)])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_share_that_lies_below_is_of_the_law_of_the_latents(tab, law, at, below, sign):
    script = bundle(UI / "explore/scrubber/space.js")
    tab.set_content("<p>")
    tab.add_script_tag(content=f"{script} window.Space = Space")
    axes = [{"at": [1, sign * 0.7]}, {"row": packed(np.array([0.3, 0.3]))}]
    asked = {"z0": packed(np.array([0.0, at])), "axes": axes, "std": law.std, "bound": 0 if law is NORMAL else 1}
    shares = tab.evaluate("(data) => { const s = new Space(data), z = s.latent([0, 0]); return [s.quantile(z, 0), s.quantile(z, 1)] }", asked)
    assert round(100 * shares[0]) == (below if sign > 0 else 100 - below)
    assert shares[1] == pytest.approx(float(NORMAL.share_below(at / 2**0.5 / law.std)), abs=1e-6)
