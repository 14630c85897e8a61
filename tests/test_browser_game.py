"""The game in 2D in a real browser: its clock, what changes in flight, what a link brings back, and what breaks."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect
from real_app import visit

pytestmark = pytest.mark.browser

TINY = "hidden=8&layers=1&batch=16"
STATS = "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.game')).find(Boolean)?.stats"


def counts(page: Page) -> tuple[int, int]:
    """Updates of D and of G, as the page says them."""
    return tuple(int(re.sub(r"\D", "", page.locator(f".counts .{name}").inner_text())) for name in ("nD", "nG"))


def opened(page: Page, url: str) -> Page:
    visit(page, url)
    page.wait_for_function(f"{STATS}?.frames > 0")
    expect(page.locator(".counts .nG")).to_be_visible()
    return page


def settled(page: Page) -> tuple[int, int]:
    """Pause it; the counts at rest."""
    page.keyboard.press(" ")
    expect(page.locator(".play")).to_have_text("Play")
    page.wait_for_url(re.compile(r"played=\d+$"))
    page.wait_for_function(f"{STATS}.steps_G === {parse_qs(urlsplit(page.url).query)['played'][0]}")
    return counts(page)


@pytest.fixture
def game(server, tab):
    return opened(tab, f"{server}/plane?{TINY}&loss=non-saturating&r1=0.1&k=2")


def test_it_plays_pauses_and_each_player_takes_steps_alone(game):
    game.wait_for_function(f"{STATS}.steps_G > 20 && {STATS}.frames > 5")
    D, G = settled(game)
    assert D == 2 * G
    for press, more in [("d", (1, 0)), ("d", (1, 0)), ("g", (0, 1)), ("n", (2, 1))]:
        game.keyboard.press(press)
        D, G = D + more[0], G + more[1]
        game.wait_for_function(f"{STATS}.steps_D === {D} && {STATS}.steps_G === {G}")
    game.get_by_role("button", name="D +1", exact=True).click()
    expect(game.locator(".counts .nD")).to_have_text(re.compile(rf"^{D + 1}$"))
    assert counts(game) == (D + 1, G)
    game.keyboard.press(" ")
    game.wait_for_function(f"{STATS}.steps_G > {G + 10}")


def test_the_loss_changes_in_flight_and_the_game_goes_on(game):
    D, G = settled(game)
    game.get_by_role("combobox", name=re.compile("Loss")).click()
    game.get_by_role("option", name="Least squares").click()
    game.wait_for_url(re.compile("lsgan"))
    assert counts(game) == (D, G) and parse_qs(urlsplit(game.url).query)["played"][0].endswith("~loss:lsgan")
    game.keyboard.press(" ")   # the choice has given the keys back
    game.wait_for_function(f"{STATS}.steps_G > {G + 10}")


def test_a_hidden_page_stops_and_goes_on_when_it_is_seen(game):
    game.wait_for_function(f"{STATS}.steps_G > 5")
    hide = """value => {
        Object.defineProperty(document, 'hidden', {value, configurable: true})
        document.dispatchEvent(new Event('visibilitychange')) }"""
    game.evaluate(hide, True)
    game.wait_for_timeout(300)
    there = game.evaluate(f"{STATS}.steps_G")
    game.wait_for_timeout(500)
    assert game.evaluate(f"{STATS}.steps_G") == there
    game.evaluate(hide, False)
    game.wait_for_function(f"{STATS}.steps_G > {there + 10}")


def test_a_link_brings_back_the_very_game(game, server, chromium):
    there = settled(game)
    pixels = "c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data.filter((_, i) => i % 401 === 0))"
    game.wait_for_timeout(200)
    other = chromium.new_page(viewport={"width": 1366, "height": 768})
    opened(other, game.url)
    other.wait_for_function(f"{STATS}.steps_G === {there[1]}")
    expect(other.locator(".play")).to_have_text("Play")
    other.wait_for_timeout(300)
    assert counts(other) == there
    assert other.locator("canvas.sheet").evaluate(pixels) == game.locator("canvas.sheet").evaluate(pixels)
    other.close()


TELL = """root => {
    const stage = root.querySelector('.stage'), lit = () => [...root.querySelectorAll('.diagram .lit')].map(part => part.dataset.part).sort()
    window.told = []
    new MutationObserver(() => stage.textContent && told.push([stage.textContent, lit()])).observe(stage, {childList: true}) }"""


def test_slow_motion_names_its_stages_and_makes_one_update_after_the_other(server, tab):
    game = opened(tab, f"{server}/plane?{TINY}&loss=non-saturating&r1=0.1")
    D, G = settled(game)
    game.locator(".game").evaluate(TELL)
    game.get_by_role("button", name="Slow motion").click()
    game.wait_for_function("told.some(([text]) => text.startsWith('Update of G, stage 5'))")
    game.keyboard.press(" ")
    expect(game.locator(".play")).to_have_text("Play")
    told = game.evaluate("told")
    names = [re.match(r"Update of ([DG]), stage (\d) of [45]", text).groups() for text, _ in told]
    assert names[:9] == [*(("D", str(i)) for i in range(1, 5)), *(("G", str(i)) for i in range(1, 6))]
    assert re.search(r"how wrong it was: \d", told[2][0]) and re.search(r"saw through them: [\d\u2212]", told[6][0])
    assert told[0][1] == ["G", "Gfake", "fake", "noise", "noiseG"] and told[7][1] == ["D", "fake", "gradG", "lossG"]
    assert game.evaluate(f"[{STATS}.steps_D, {STATS}.steps_G]") in ([D + 1, G + 1], [D + 2, G + 1])


def test_absurd_rates_are_rewound_and_the_remedy_cures(server, tab):
    opened(tab, f"{server}/plane?{TINY}&loss=lsgan&optimizer=sgd&lr_D=1&lr_G=1")
    expect(tab.locator(".words")).to_have_text("Not finite: rewound", timeout=20_000)
    expect(tab.locator(".play")).to_have_text("Play")
    tab.get_by_role("button", name="A tenth of the learning rates").click()
    tab.wait_for_function(f"{STATS}.steps_G > 10")
    expect(tab.get_by_role("combobox", name=re.compile("lr of D"))).to_have_value(re.compile("0.1"))


def test_drawn_points_are_the_data_and_stand_in_the_link(game):
    game.get_by_role("button", name="Draw your own data").click()
    box = game.locator("canvas.sheet").bounding_box()
    game.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.5 * box["height"])
    game.mouse.down()
    game.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=30)
    game.mouse.up()
    expect(game.locator(".drawsaid")).to_have_text(re.compile(r"^\d\d points$"))
    game.get_by_role("button", name="Play with these points").click()
    game.wait_for_url(re.compile("shape=drawn.*points=p"))
    expect(game.locator(".play")).to_have_text("Pause")
    game.wait_for_function(f"{STATS}.config.shape === 'drawn' && {STATS}.steps_G > 5")


def test_a_preset_is_one_click(game):
    game.get_by_role("button", name="WGAN-GP", exact=True).click()
    game.wait_for_url(re.compile("loss=wgan-gp"))
    expect(game.locator(".presets [aria-pressed=true]")).to_have_text("WGAN-GP")
    game.wait_for_function(f"{STATS}.steps_G > 2 && {STATS}.steps_D >= 5 * {STATS}.steps_G")


def test_it_fits_a_phone(server, chromium):
    page = chromium.new_page(viewport={"width": 390, "height": 780})
    opened(page, f"{server}/plane?{TINY}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator("canvas.sheet").bounding_box()
    assert box["x"] >= 0 and 300 < box["width"] <= 390
    page.close()


# -- vanishing gradients ------------------------------------------------------------------------------------------------


@pytest.fixture
def vanishing(server, tab):
    visit(tab, f"{server}/vanishing?n=5&d=1")
    expect(tab.locator(".vanish output")).to_have_text("n = 5 updates of D")
    return tab


def test_d_gets_ahead_by_the_slider_and_the_link_follows(vanishing):
    minimax = vanishing.locator(".vanish figcaption b").first
    before = float(minimax.inner_text())
    slider = vanishing.get_by_role("slider", name="Updates of D while G waits")
    slider.press("End")
    expect(vanishing.locator(".vanish output")).to_have_text("n = 600 updates of D")
    assert float(minimax.inner_text()) < 0.1 * before
    vanishing.wait_for_url(re.compile("n=600"))
    expect(vanishing.locator(".logchart path[data-line]")).to_have_count(4)


def test_two_gaussians_are_dragged_apart(vanishing):
    js, w1 = (vanishing.locator(f".values b[data-of={name}]") for name in ("JS", "W1"))
    expect(w1).to_have_text("1.00")
    canvas = vanishing.locator(".line-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    vanishing.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 60)
    vanishing.mouse.down()
    vanishing.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 60, steps=6)
    vanishing.mouse.up()
    expect(js).to_have_text("0.693 of 0.69 nats")
    vanishing.wait_for_url(re.compile(r"d=5\.7"))
    assert float(w1.inner_text()) == 5.7
