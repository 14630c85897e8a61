"""The copy-link button in a real browser, on a page of its own."""

import pytest
from playwright.sync_api import expect
from real_app import running_server, visit

pytestmark = pytest.mark.browser

SCRIPT = """
import streamlit as st
from genlab.ui.shell.links import copy_link

copy_link({"run": "a b&c", "step": st.number_input("Step", value=12)}, key="link")
"""


@pytest.fixture(scope="module")
def page_with_button(tmp_path_factory):
    folder = tmp_path_factory.mktemp("links")
    (folder / "page.py").write_text(SCRIPT)
    with running_server(folder, str(folder / "page.py")) as url:
        yield url


def test_the_link_is_this_page_with_exactly_these_parameters(page_with_button, tab):
    visit(tab, f"{page_with_button}/?old=1#there")
    tab.get_by_role("button", name="Copy link").click()
    expect(tab.get_by_text("Copied")).to_be_visible()
    assert tab.evaluate("navigator.clipboard.readText()") == f"{page_with_button}/?run=a+b%26c&step=12"


def test_the_link_follows_the_page(page_with_button, tab):
    visit(tab, page_with_button)
    tab.get_by_label("Step").fill("7")
    tab.get_by_label("Step").press("Enter")
    copied = None
    for _ in range(50):
        tab.get_by_role("button", name="Copy link").click()
        copied = tab.evaluate("navigator.clipboard.readText()")
        if copied.endswith("step=7"):
            break
        tab.wait_for_timeout(100)
    assert copied == f"{page_with_button}/?run=a+b%26c&step=7"


def test_where_the_clipboard_is_closed_the_link_is_shown(page_with_button, tab):
    tab.add_init_script("delete Navigator.prototype.clipboard; document.execCommand = () => false")
    visit(tab, page_with_button)
    tab.get_by_role("button", name="Copy link").click()
    expect(tab.get_by_label("Link to this view")).to_have_value(f"{page_with_button}/?run=a+b%26c&step=12")
    expect(tab.get_by_text("Copied")).to_have_count(0)


def test_over_plain_http_the_link_is_copied_the_old_way(page_with_button, tab):
    tab.add_init_script("delete Navigator.prototype.clipboard")
    visit(tab, page_with_button)
    tab.get_by_role("button", name="Copy link").click()
    expect(tab.get_by_text("Copied")).to_be_visible()
