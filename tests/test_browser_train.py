"""The main job in a real browser: start a run on digits, see it learn, steer it, leave it, come back, stop, go on, compare."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from real_app import fill_in, visit

pytestmark = pytest.mark.browser
PATIENCE = 90_000   # ms; a busy machine is slow, and none of this is about time


@pytest.fixture(scope="module")
def trainer(chromium: Browser) -> Iterator[Page]:
    """One visitor's window, kept for the whole story."""
    context = chromium.new_context(viewport={"width": 1366, "height": 768})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults, faults


@pytest.fixture(scope="module")
def address(server: str, trainer: Page) -> str:
    """The address of a long small run, started from the form."""
    visit(trainer, f"{server}/train")
    for name, value in {"width": 8, "latent_dim": 4, "batch_size": 32, "epochs": 4000}.items():
        fill_in(trainer, f"train-{name}", value)
    trainer.locator(".st-key-train-start button").click()
    trainer.wait_for_url("**/train?run=vae-digits-*")
    yield trainer.url
    visit(trainer, trainer.url)
    if (stop := trainer.locator(".st-key-train-stop button")).is_visible():
        stop.click()


def say(page: Page, state: str) -> None:
    expect(page.locator("[data-part=state]")).to_have_text(state, timeout=PATIENCE)


def steps(page: Page) -> int:
    found = re.search(r"([\d\s]+) of [\d\s]+ steps", page.locator("[data-part=facts]").inner_text().replace("\n", " "))
    return int(re.sub(r"\s", "", found[1]))


def curve(page: Page) -> str:
    return page.locator("[data-metric=elbo] path[data-line=train]").get_attribute("d")


def picture(page: Page, part: str = "samples") -> str:
    return page.locator(f"[data-part={part}] canvas").evaluate("c => c.toDataURL()")


def changed(page: Page, look, before) -> object:
    """What `look` sees once it is not what it was."""
    for _ in range(PATIENCE // 200):
        if (now := look(page)) != before:
            return now
        page.wait_for_timeout(200)
    pytest.fail(f"{look.__name__} did not change")


def test_the_curve_moves_and_the_pictures_change_in_place(trainer, address):
    say(trainer, "Training")
    trainer.wait_for_selector("[data-part=samples] canvas[data-address]")
    trainer.wait_for_selector("[data-metric=elbo] path[data-line=train]")
    trainer.evaluate("window.stayed = true")
    trainer.locator("[data-part=samples] canvas").evaluate("c => { c.stayed = true }")
    changed(trainer, curve, curve(trainer))
    changed(trainer, picture, picture(trainer))
    changed(trainer, lambda p: picture(p, "recon"), picture(trainer, "recon"))
    assert trainer.evaluate("window.stayed")
    assert trainer.locator("[data-part=samples] canvas").evaluate("c => c.stayed"), "the picture's place was built anew: that is a flicker"
    assert {card.get_attribute("data-metric") for card in trainer.locator("[data-metric]").all()} == {"elbo", "recon", "kl", "mse"}
    assert trainer.locator("[data-part=kl] rect").count() == 4
    expect(trainer.locator("[data-part=facts]")).to_contain_text("images/s")


def test_beta_changes_in_flight_and_leaves_a_mark(trainer, address):
    trainer.locator("[class*=st-key-train-live-beta] input").press("ArrowRight")
    expect(trainer.locator("[data-part=events]")).to_contain_text("beta = 2", timeout=PATIENCE)
    expect(trainer.locator("[data-metric=elbo] text.mark")).to_have_text("beta 2", timeout=PATIENCE)


def test_pause_step_and_resume(trainer, address):
    trainer.locator(".st-key-train-pause button").click()
    say(trainer, "Paused")
    at = steps(trainer)
    trainer.locator(".st-key-train-step button").click()
    assert changed(trainer, steps, at) == at + 1
    trainer.locator(".st-key-train-resume button").click()
    say(trainer, "Training")


def test_a_reload_finds_the_same_run_still_going(trainer, address):
    at = steps(trainer)
    visit(trainer, address)
    say(trainer, "Training")
    expect(trainer.locator("[data-metric=elbo] text.mark")).to_have_text("beta 2", timeout=PATIENCE)
    assert steps(trainer) >= at
    expect(trainer.locator("[class*=st-key-train-live-beta]")).to_contain_text("2")


def test_somebody_else_sees_it_and_cannot_touch_it(tab, address, trainer):
    visit(tab, address)
    say(tab, "Training")
    changed(tab, steps, steps(tab))
    assert tab.locator(".st-key-train-stop").count() == 0 and tab.locator("[class*=st-key-train-live-]").count() == 0


def test_stop_and_go_on(trainer, address):
    trainer.locator(".st-key-train-stop button").click()
    say(trainer, "Stopped")
    at = steps(trainer)
    trainer.wait_for_timeout(1000)
    assert steps(trainer) == at
    trainer.locator(".st-key-train-resume button").click()
    say(trainer, "Training")
    assert changed(trainer, steps, at) > at


def test_training_time_can_be_scrubbed(trainer, address):
    slider = trainer.locator("[data-part=scrub]")
    expect(slider).to_be_visible(timeout=60_000)   # from the second kept picture on
    now = picture(trainer)
    slider.press("Home")
    expect(trainer.locator("[data-part=when]")).to_have_text("epoch 1")
    assert changed(trainer, picture, now) != now
    slider.press("End")


def test_the_runs_page_draws_it_and_opens_it(trainer, server, address):
    run_id = address.split("run=")[1]
    visit(trainer, f"{server}/runs?compare={run_id}")
    trainer.wait_for_selector("[data-part=plot] path[data-line]")
    trainer.locator("[data-part=plot] svg").hover()
    expect(trainer.locator(".comparison .note")).to_contain_text("epoch")
    trainer.locator(f".st-key-runs-more-{run_id} button").click()
    expect(trainer.get_by_role("dialog")).to_contain_text(run_id)
    assert f"run={run_id}" in trainer.url
    trainer.keyboard.press("Escape")
    expect(trainer.get_by_role("dialog")).to_have_count(0)
    trainer.locator(f".st-key-runs-row-{run_id} [data-testid=stPageLink] a:visible").click()
    trainer.wait_for_url(f"**/train?run={run_id}")
    say(trainer, "Training")
