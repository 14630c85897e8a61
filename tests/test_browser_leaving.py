"""A page is left while the server is still at work on it: what it says of its own address comes late, and must not become the next page's.

The line is held up by hand, so that it happens each time and not only on a busy machine.
"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect
from real_app import AT_REST, visit
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

pytestmark = pytest.mark.browser


@pytest.fixture
def line(tab: Page) -> "Line":
    return Line(tab)


class Line:
    """The socket between the page and the server. What the server says can be kept back for a while."""

    def __init__(self, page: Page):
        self.page = page
        self.held: list[bytes] | None = None
        page.route_web_socket(re.compile("/_stcore/stream"), self._connect)

    def _connect(self, browser: WebSocketRoute) -> None:
        server = browser.connect_to_server()
        self.deliver: Callable = browser.send
        browser.on_message(server.send)
        server.on_message(lambda message: browser.send(message) if self.held is None else self.held.append(message))

    def hold(self) -> None:
        self.held = []

    def wait_for_address(self) -> None:
        """Until the server has said an address that the browser has not heard."""
        for _ in range(600):
            if any(ForwardMsg.FromString(message).WhichOneof("type") == "page_info_changed" for message in self.held):
                return
            self.page.wait_for_timeout(50)
        pytest.fail("the page says no address")

    def let_go(self) -> None:
        held, self.held = self.held, None
        for message in held:
            self.deliver(message)


def opened_once(page: Page, path: str) -> None:
    """The next page is open at exactly this address; a rerun, for which the browser says what it takes the address to be, leaves it so."""
    page.wait_for_url(re.compile(re.escape(path) + "$"))
    page.wait_for_selector(AT_REST)
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("r")   # Streamlit's key for a rerun
    page.wait_for_timeout(500)
    page.wait_for_selector(AT_REST)
    assert page.url.endswith(path)


def test_a_run_is_opened_while_its_dialog_still_closes(server, tab, line):
    visit(tab, f"{server}/runs")
    run_id = re.search(r"st-key-runs-row-(\S+)", tab.locator("[class*=st-key-runs-row-]").first.get_attribute("class"))[1]
    visit(tab, f"{server}/runs?compare={run_id}&run={run_id}")
    expect(tab.get_by_role("dialog")).to_contain_text(run_id)
    line.hold()
    tab.keyboard.press("Escape")
    expect(tab.get_by_role("dialog")).to_have_count(0)
    line.wait_for_address()
    tab.locator(f".st-key-runs-row-{run_id} [data-testid=stPageLink] a:visible").click()
    tab.wait_for_timeout(300)
    line.let_go()
    expect(tab.get_by_role("heading", level=1, name="Train", exact=True)).to_be_visible()
    opened_once(tab, f"/train?run={run_id}")
    expect(tab.get_by_role("link", name="New run like this")).to_be_visible()


def test_a_link_of_a_page_to_itself_changes_its_address(server, tab):
    visit(tab, f"{server}/train?run=digits-vae-16")
    tab.get_by_role("link", name="New run", exact=True).click()
    expect(tab.get_by_text("Or choose yourself")).to_be_visible()
    opened_once(tab, "/train?new=1")
    expect(tab.get_by_text("Or choose yourself")).to_be_visible()


def test_a_page_that_writes_its_address_is_left_by_the_menu(server, tab, line):
    visit(tab, f"{server}/points?shape=ring&seed=1&n=500")
    line.hold()
    tab.locator(".st-key-points-shape").get_by_text("Two spirals").first.click()
    line.wait_for_address()
    tab.locator("[data-testid=stSidebarNavLink]", has_text="Machine").click()
    tab.wait_for_timeout(300)
    line.let_go()
    expect(tab.get_by_role("heading", level=1, name="Machine", exact=True)).to_be_visible()
    opened_once(tab, "/machine")
