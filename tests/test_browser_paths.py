"""The lab under a path, and behind a proxy that takes its prefix away: every page works, and nothing is asked for outside of it."""

import re
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from playwright.sync_api import WebSocketRoute, expect
from real_app import AT_REST, running_proxy, running_server, visit

pytestmark = pytest.mark.browser

INSIDE = "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('{}')).find(Boolean)"
LOADED = "e => e.complete && e.naturalWidth > 0"
PLACES = ["root", "base path", "stripped prefix", "prefix before a base path"]
below = pytest.mark.parametrize("place", [PLACES[1], PLACES[3]], indirect=True)   # what other tests see at the root, and a proxy adds nothing to


@pytest.fixture(scope="module")
def under_lab(tmp_path_factory):
    with running_server(tmp_path_factory.mktemp("base"), base="lab") as url:
        yield url


@pytest.fixture(scope="module", params=PLACES)
def place(request, server, under_lab, tmp_path_factory):
    """Where the lab is to be had. The second proxy keeps its own name to itself, so that no Host says what the browser sees."""
    folder = tmp_path_factory.mktemp("proxy")
    match request.param:
        case "root":
            yield server
        case "base path":
            yield under_lab
        case "stripped prefix":
            with running_proxy(folder, server, "user/ada/proxy/8501") as url:
                yield url
        case _:
            with running_proxy(folder, under_lab, "hub", "--own-host") as url:
                yield url


@pytest.fixture
def seen(place, tab):
    """A window, and every address that its pages ask for; all of them lie in the place."""
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("websocket", lambda socket: asked.append(socket.url.replace("ws", "http", 1)))
    tab.on("response", lambda answer: asked.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None)
    yield tab
    outside = [a for a in asked if not a.startswith((place + "/", "data:", "blob:")) and not a.endswith(("/_stcore/health", "/_stcore/host-config"))]
    assert outside == [] and any("/api/" in a for a in asked)


def test_a_slider_is_scrubbed(place, seen):
    visit(seen, f"{place}/sliders?run=digits-vae-16&axes=dims&from=seed:1")
    stats = f"({INSIDE.format('.scrubber')}?.stats ?? {{frames: 0}})"
    seen.wait_for_function(f"{stats}.frames > 0")
    picture = "c => c.toDataURL()"
    before = seen.locator(".stage canvas").first.evaluate(picture)
    box = seen.locator(".scrubber [role=slider]").first.bounding_box()
    seen.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    seen.mouse.down()
    seen.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2, steps=5)
    seen.mouse.up()
    seen.wait_for_function(f"{stats}.frames > 2")
    assert seen.locator(".stage canvas").first.evaluate(picture) != before
    seen.wait_for_url(re.compile(re.escape(place) + r"/sliders\?.*a="))   # what was set stands in the address, below the place


@below
def test_a_page_from_before_a_restart_gets_another_token(place, seen):
    """The server knows nobody after a restart and says so with a code of its own."""
    turned_away = []

    def first_turned_away(socket: WebSocketRoute) -> None:
        turned_away.append(socket)
        if len(turned_away) == 1:
            socket.close(code=4403)
        else:
            socket.connect_to_server()

    seen.route_web_socket(re.compile("/api/decode$"), first_turned_away)
    with seen.expect_response(f"{place}/api/token", timeout=60_000) as answer:
        visit(seen, f"{place}/sliders?run=digits-vae-16&axes=dims&from=seed:1")
    assert answer.value.status == 200
    seen.wait_for_function(f"({INSIDE.format('.scrubber')}?.stats ?? {{frames: 0}}).frames > 0")


def test_the_game_plays(place, seen):
    visit(seen, f"{place}/plane?hidden=8&layers=1&batch=16")
    seen.wait_for_function(f"{INSIDE.format('.game')}?.stats?.steps_G > 5")


def test_the_map_is_hovered(place, seen):
    visit(seen, f"{place}/map?run=digits-vae-2")
    seen.wait_for_selector(".lab-map[data-ready]")
    box = seen.locator("canvas.map").bounding_box()
    for k in range(1, 20):   # somewhere along the middle there is a point
        seen.mouse.move(box["x"] + k / 20 * box["width"], box["y"] + box["height"] / 2)
        if seen.get_attribute(".lab-map", "data-over") not in (None, "-1"):
            break
    seen.wait_for_function(f"{INSIDE.format('.lab-map img[data-point]')}?.naturalWidth > 0")


@below
def test_home_shows_its_pictures_and_leads_on(place, seen):
    visit(seen, f"{place}/")
    seen.wait_for_function(f"{INSIDE.format('.morph')}?.stats?.frames > 0")
    for picture in seen.locator("[class*=st-key-cards-] img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate(LOADED), picture.get_attribute("src")
    seen.locator("[data-testid=stPageLink]", has_text="Machine").click()
    expect(seen.get_by_role("heading", level=1, name="Machine", exact=True)).to_be_visible()
    assert seen.url == f"{place}/machine"


@below
def test_a_run_is_followed_and_a_face_is_drawn(place, seen):
    visit(seen, f"{place}/train?run=digits-vae-16")
    expect(seen.locator("canvas.sheet[data-address]")).to_have_count(2)
    seen.wait_for_selector("path[data-line]")
    seen.get_by_role("link", name="Portrait").first.click()
    expect(seen.get_by_role("heading", level=1, name="Portrait", exact=True)).to_be_visible()
    with seen.expect_response(f"{place}/api/faces") as drawn:
        seen.wait_for_selector(AT_REST)
    assert drawn.value.status == 200


@below
def test_a_film_is_fetched(place, seen):
    visit(seen, f"{place}/interpolate?run=digits-vae-16&via=image:1,image:2&beside=none")
    seen.wait_for_function(f"{INSIDE.format('.player')}?.stats?.loaded === 1")
    seen.wait_for_function(f"{INSIDE.format('.chosen img')}?.naturalWidth > 0")


# -- without a browser ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["sliders/?run=digits-vae-16", "api/token/", ""])
def test_who_is_sent_on_stays_there(place, path):
    """Of the place itself without a slash only a base path knows; a proxy's own prefix is its own affair."""
    asked = f"{place}/{path}" if path else place
    if not path and not place.endswith("/lab"):
        return
    answer = httpx.get(asked, headers={"Accept": "text/html"})
    assert 300 <= answer.status_code < 400 and "set-cookie" not in answer.headers
    to = urljoin(asked, answer.headers["location"])
    assert to == (asked.replace("/?", "?").removesuffix("/") if path else f"{place}/")
    assert httpx.get(to).status_code == 200


def test_a_visitor_is_known_in_the_place_and_nowhere_else(place, tab):
    visit(tab, f"{place}/machine")
    cookies = [cookie for cookie in tab.context.cookies() if cookie["name"] == "genlab_visitor"]
    assert [cookie["path"] for cookie in cookies] == [urlsplit(place).path or "/"]
    visit(tab, f"{place}/")
    visit(tab, f"{place}/plane")
    assert [cookie for cookie in tab.context.cookies() if cookie["name"] == "genlab_visitor"] == cookies


def test_a_page_of_another_host_gets_no_token(place):
    assert httpx.get(f"{place}/api/token", headers={"Origin": "http://elsewhere.example"}).status_code == 403
    assert httpx.get(f"{place}/api/token", headers={"Origin": "http://" + urlsplit(place).netloc}).status_code == 200
