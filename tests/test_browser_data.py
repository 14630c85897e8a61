"""The pages of the section Data in a real browser: what follows the hand, and what becomes of the address."""

import re

import pytest
from playwright.sync_api import Page, expect
from real_app import visit

pytestmark = pytest.mark.browser


def pixels(page: Page) -> list[int]:
    """The portrait's pixels, thinned."""
    return page.locator("canvas.face").evaluate("""canvas => {
        const {data} = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
        return [...data.filter((_, i) => i % 97 === 0)] }""")


def drawn(page: Page, other_than: list[int]) -> list[int]:
    """The portrait once it is another one."""
    for _ in range(200):
        if (now := pixels(page)) != other_than:
            return now
        page.wait_for_timeout(50)
    raise AssertionError("the portrait did not change")


def open_portrait(page: Page, url: str) -> list[int]:
    visit(page, url)
    return drawn(page, [0] * len(pixels(page)))


def test_the_face_follows_the_hand_and_the_address_its_release(server, tab):
    before = open_portrait(tab, f"{server}/portrait?person=18")
    track = tab.get_by_role("slider", name="smile", exact=True).bounding_box()
    tab.mouse.move(track["x"] + 0.2 * track["width"], track["y"] + track["height"] / 2)
    tab.mouse.down()
    low = drawn(tab, before)
    tab.mouse.move(track["x"] + 0.9 * track["width"], track["y"] + track["height"] / 2, steps=5)
    drawn(tab, low)
    assert "smile" not in tab.url   # nothing was let go
    tab.mouse.up()
    tab.wait_for_url(re.compile(r"smile=0\.8"))
    expect(tab.locator("[data-testid=stException]")).to_have_count(0)


def test_a_switch_a_choice_and_the_way_back(server, tab):
    before = open_portrait(tab, f"{server}/portrait?person=18&size=64")
    tab.locator(".chip[data-factor=hat]").click()
    hat = drawn(tab, before)
    tab.get_by_role("radio", name="plum").click()
    both = drawn(tab, hat)
    tab.get_by_role("button", name="Reset").click()
    assert drawn(tab, both) == before
    tab.wait_for_url(lambda url: "hat=" not in url and "background=" not in url)


def test_another_person_keeps_the_attributes(server, tab):
    before = open_portrait(tab, f"{server}/portrait?person=18&size=64&smile=0.5")
    tab.get_by_role("button", name="Another person, same attributes").click()
    drawn(tab, before)
    tab.wait_for_url(lambda url: "person=18&" not in url)
    assert "smile=0.5" in tab.url and "hair_style=curly" in tab.url


def test_a_tile_of_a_strip_becomes_the_portrait(server, tab):
    before = open_portrait(tab, f"{server}/portrait?person=18&size=64")
    tab.get_by_role("button", name="no glasses").click()
    drawn(tab, before)
    tab.wait_for_url(re.compile("glasses=0"))


def test_an_image_of_the_wall_says_what_it_is(server, tab):
    visit(tab, f"{server}/images?images=faces&n=14&size=16")
    tab.get_by_role("button", name="Image 5", exact=True).click()
    dialog = tab.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Image 5")).to_be_visible()
    expect(dialog.get_by_text("ginger")).to_be_visible()
    tab.keyboard.press("ArrowRight")
    expect(dialog.get_by_role("heading", name="Image 6")).to_be_visible()
    tab.wait_for_url(re.compile("pick=6"))
    tab.keyboard.press("Escape")
    tab.wait_for_url(lambda url: "pick" not in url)


def test_a_cell_of_the_matrix_ties_its_pair(server, tab):
    visit(tab, f"{server}/images?images=faces&n=14&size=16")
    tab.get_by_role("button", name="glasses with man:").click()
    tab.wait_for_url(re.compile("correlate=glasses%2Cman%2C0.8"))
    expect(tab.get_by_role("slider", name="glasses with man")).to_have_value("0.8")


def test_points_come_and_go_with_the_hand(server, tab):
    visit(tab, f"{server}/points?shape=ring&n=70")
    expect(tab.get_by_text("70 points need")).to_be_visible()
    tab.get_by_role("button", name="2\u202f000", exact=True).click()
    expect(tab.get_by_text("2\u202f000 points need")).to_be_visible()
    tab.wait_for_url(re.compile("n=2000"))
