"""The shell in a real browser: menu, links, themes, a narrow screen."""

import re
from contextlib import suppress

import pytest
from playwright.sync_api import TimeoutError, expect
from real_app import AT_REST, visit
from test_pages import table

pytestmark = pytest.mark.browser

WIDTHS = [1366, 390]


TOO_WIDE = """() => {
    const beyond = e => e.getBoundingClientRect().right > innerWidth + 1
    const isScroller = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && !beyond(e)
    const scrolls = e => e && !e.matches('[data-testid=stMain]') && (isScroller(e) || scrolls(e.parentElement))
    const isForReaders = e => [e, e.parentElement].some(p => p.getBoundingClientRect().width <= 1)   // what only a screen reader is told
    return [...document.querySelectorAll('[data-testid=stMain] *')].filter(e => beyond(e) && !isForReaders(e) && !scrolls(e.parentElement))
        .map(e => e.outerHTML.slice(0, 160))
}"""


def test_the_menu_leads_to_every_page(server, tab):
    visit(tab, server)
    links = tab.locator("[data-testid=stSidebarNavLink]")
    names = links.all_inner_texts()
    assert len(names) >= 2
    for i, name in enumerate(names):
        title = name.strip().splitlines()[-1]
        links.nth(i).click()
        expect(tab.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
        tab.wait_for_selector(AT_REST)
        assert tab.locator("[data-testid=stException]").count() == 0


def test_a_link_on_the_landing_page_opens_its_page_without_a_reload(server, tab):
    visit(tab, server)
    tab.evaluate("window.stayed = true")
    tab.locator("[data-testid=stPageLink]", has_text="Machine").click()
    expect(tab.get_by_role("heading", level=1, name="Machine", exact=True)).to_be_visible()
    assert tab.evaluate("window.stayed") and tab.url == f"{server}/machine"


def test_an_unknown_address_says_so_and_shows_the_landing_page(server, tab):
    visit(tab, f"{server}/nowhere")
    expect(tab.get_by_role("heading", level=1, name="GenLab", exact=True)).to_be_visible()
    expect(tab.get_by_text("Page not found")).to_be_visible()


@pytest.mark.parametrize("path", ["", *(entry.path for entry in table()[1:])])
def test_no_page_is_wider_than_the_screen(server, tab, path):
    for width in sorted(WIDTHS):   # it is opened on a phone, and finds its place on a wide screen, too
        tab.set_viewport_size({"width": width, "height": 768})
        if width == min(WIDTHS):
            visit(tab, f"{server}/{path}")
        with suppress(TimeoutError):   # what is drawn late, on a busy machine, may find its frame later still
            tab.wait_for_function(f"({TOO_WIDE})().length === 0", timeout=10_000)
        assert tab.evaluate(TOO_WIDE) == [], width


@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_are_whole_and_not_smoothed(server, tab, width):
    tab.set_viewport_size({"width": width, "height": 768})
    visit(tab, f"{server}/sliders")
    image = tab.locator("[class*=st-key-crisp-] img").first
    expect(image).to_be_visible(timeout=30_000)
    assert image.evaluate("e => getComputedStyle(e).imageRendering") == "pixelated"
    natural, shown, alt = image.evaluate("e => [[e.naturalWidth, e.naturalHeight], [e.clientWidth, e.clientHeight], e.alt]")
    assert abs(shown[0] * natural[1] / natural[0] - shown[1]) <= 1
    assert "σ" in alt


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_both_themes(server, chromium, scheme):
    """WCAG asks for a contrast of 4.5 for text; a projector needs more."""
    context = chromium.new_context(color_scheme=scheme)
    page = visit(context.new_page(), server)
    text, ground = page.evaluate("""() => { const app = document.querySelector('[data-testid=stApp]'), style = getComputedStyle(app)
        return [style.color, style.backgroundColor] }""")
    assert (luminance(ground) > 0.5) == (scheme == "light")
    assert contrast(text, ground) > 12
    context.close()


def luminance(color):
    channels = [int(c) / 255 for c in re.findall(r"\d+", color)[:3]]
    r, g, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a, b):
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_a_browser_keeps_its_cookie_over_a_reload(server, tab):
    visit(tab, server)
    first = [c for c in tab.context.cookies() if c["name"] == "genlab_visitor"]
    tab.reload()
    tab.wait_for_selector(AT_REST)
    assert [c for c in tab.context.cookies() if c["name"] == "genlab_visitor"] == first and len(first) == 1
    assert first[0]["httpOnly"] and "genlab_visitor" not in tab.evaluate("document.cookie")
