"""A WGAN-GP on digits trains from the page, and its samples are measured and get better."""

import pytest
from playwright.sync_api import Page, expect
from real_app import AT_REST, fill_in, visit

from genlab.ui.shell.components import UI, bundle

pytestmark = pytest.mark.browser
PATIENCE = 180_000   # ms; a busy machine is slow, and none of this is about time


def test_a_wgan_gp_trains_from_the_page_and_its_kid_falls(server: str, tab: Page):
    tab.set_default_timeout(PATIENCE)
    visit(tab, f"{server}/gan")
    new = tab.locator(".st-key-gan-new summary")
    if new.count():   # a shipped run is looked at first; else the form stands open
        new.click()
    tab.locator(".st-key-gan-loss button", has_text="wgan-gp").click()
    for name, value in {"width": 8, "epochs": 8}.items():
        fill_in(tab, f"gan-{name}", value)
    tab.locator(".st-key-gan-start button").click()
    tab.wait_for_url("**/gan?run=dcgan-digits-*")
    expect(tab.get_by_role("heading", name="DCGAN on digits, wgan-gp")).to_be_visible()   # until then the panel is a shipped run's
    tab.wait_for_selector(AT_REST)
    expect(tab.locator("[data-part=state]")).to_have_text("Finished", timeout=PATIENCE)
    kid = tab.locator("[data-metric=kid]")
    expect(kid.locator(".reading")).to_contain_text("Best at epoch", timeout=PATIENCE)
    expect(kid.locator("text.mark")).to_have_text("best step")
    figures = tab.evaluate("""async () => {
        const run = new URLSearchParams(location.search).get('run');
        return (await (await fetch(`api/run/${run}/live?since=`)).json()).eval.kid; }""")
    assert len(figures) == 8 and min(figures[1:]) < figures[0], figures
    expect(tab.locator("[data-part=key]")).to_contain_text("Held-out images", timeout=PATIENCE)
    expect(tab.locator("[data-testid=stCaptionContainer]", has_text="nearest of 1617 training images")).to_be_visible(timeout=PATIENCE)


@pytest.mark.parametrize(("choice", "best", "words"), [
    ([0.5, 0.4, 0.2, 0.3], 3, "Best at epoch 3: 0.250."), ([None, None, None, None], 2, "Best at epoch 2: 0.200. Samples have become worse since."),
    ([None, 0.4, 0.3, 0.1], 4, "Best at epoch 4: 0.300.")])
def test_the_best_epoch_is_the_one_that_was_chosen(tab: Page, choice, best, words):
    """By what steps are chosen by where a run has it; rows of before, null there, count with the one KID they have."""
    script = bundle(UI / "train/readings.js")
    tab.set_content("<p>")
    tab.add_script_tag(content=f"{script} window.found = (curves) => [bestEpoch(curves.eval), reading('kid', curves, {{}})]")
    curves = {"train": {}, "test": {}, "eval": {"kid": [0.5, 0.2, 0.25, 0.3], "kid_high": [0.6, 0.22, 0.4, 0.4], "kid_choice": choice,
                                                "epoch": [1, 2, 3, 4]}}
    assert tab.evaluate("(curves) => window.found(curves)", curves) == [best, words]
