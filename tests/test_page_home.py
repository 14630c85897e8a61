"""Home: a face that follows the pointer, rows of pages with pictures, tours."""

import json
import re

import numpy as np
import pytest
from playwright.sync_api import expect
from real_app import AT_REST, running_server, visit
from streamlit.testing.v1 import AppTest
from test_pages import PAGES, table
from tiny_runs import tiny_run, use_folders

from genlab.latent.lattice import between
from genlab.lens.morph import MORPHS, SIDE, MorphCache, face_run, worth_showing
from genlab.runs import load_model
from genlab.ui.shell.links import z_from_text
from genlab.ui.shell.tour import TOURS


@pytest.fixture
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)


def home(**query: str) -> AppTest:
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception[0].stack_trace
    return app


def components_of(app: AppTest, name: str) -> list[dict]:
    return [json.loads(c.proto.json) for c in app.get("bidi_component") if c.proto.component_name.endswith(name)]


# -- the face -----------------------------------------------------------------------------------------------------------


def test_without_any_run_drawn_portraits_stand_there(places):
    app = home()
    assert not app.error and not components_of(app, "morph") and len(app.get("image")) == 1


def test_the_face_is_that_of_a_vae(places):
    tiny_run("autoencoder", epochs=1)
    assert face_run() is None
    run = tiny_run(epochs=1)
    assert face_run() == run
    shown = components_of(home(), "morph")[0]
    assert shown["target"] == run.id and shown["first"].startswith("data:image/png;base64,") and "from 3 numbers" in shown["about"]


def test_a_square_is_chosen_the_same_way_again(places):
    run = tiny_run(epochs=2)
    one, two = MorphCache().get(run), MorphCache().get(run)
    np.testing.assert_array_equal(one.z, two.z)
    assert one.first == two.first and one.z.shape == (SIDE * SIDE, 3) and len(np.unique(one.z, axis=0)) == SIDE * SIDE


def test_friendly_faces_that_are_rebuilt_well_come_first():
    from genlab.data import DataSpec
    from genlab.data.faces import stream

    images = stream(DataSpec(name="faces", size=16, channels=3), 0, 300)
    error = np.random.default_rng(0).random(300)
    chosen = worth_showing(images, error)
    smile = images.attributes[:, images.attribute_names.index("smile")]
    assert len(chosen) >= SIDE * SIDE and smile[chosen].min() >= 0.2 and error[chosen].max() < 0.75


# -- rows and tours -----------------------------------------------------------------------------------------------------


def test_every_other_page_has_a_card(places):
    tiny_run(epochs=1)
    app = home()
    said = {c.value for c in app.caption}
    assert {entry.question for entry in table() if not entry.file.startswith("start/")} <= said


@pytest.mark.parametrize("name", TOURS)
def test_every_stop_is_a_page_and_has_its_bar(places, name):
    tiny_run(epochs=1)
    app, stops = home(), TOURS[name].stops
    files = {entry.file for entry in table()}
    assert {stop.file for stop in stops} <= files
    for number in (1, len(stops)):
        app.query_params.clear()
        app.switch_page(stops[number - 1].file)
        app.query_params["tour"] = f"{name}-{number}"
        app.run()
        assert not app.exception, app.exception[0].stack_trace
        assert any(f"{number} of {len(stops)}.** {stops[number - 1].say}" in m.value for m in app.markdown)
        assert dict(app.query_params)["tour"] in (f"{name}-{number}", [f"{name}-{number}"])
    app.button(key="tour.leave").click().run()
    assert not any(stops[-1].say in m.value for m in app.markdown) and "tour" not in app.query_params


@pytest.mark.parametrize("wrong", ["lecture-0", "lecture-99", "lecture-x", "nobody-1", "lecture", "-"])
def test_a_tour_that_is_none_is_passed_over(places, wrong):
    app = home()
    app.switch_page("data/points.py")
    app.query_params["tour"] = wrong
    app.run()
    assert not app.exception and not app.error and not any(" of " in m.value and "**" in m.value for m in app.markdown)


# -- in a browser -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, folder)
        run = tiny_run(epochs=5)
        with running_server(folder) as url:
            yield url, run


def pixels(page):
    """What is on the canvas, red alone; empty before anything was drawn there."""
    rgba = page.locator(".morph .face").evaluate("c => [c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    return np.array(rgba[1:]).reshape(-1, rgba[0], 4)[..., 0]


def settled(page, expected):
    for _ in range(100):
        now = pixels(page)
        if now.shape == expected.shape and np.abs(now - expected).max() <= 2:
            return
        page.wait_for_timeout(50)
    raise AssertionError("the face did not become what lies below the pointer")


def below(lab, x, y):
    import torch

    z = torch.from_numpy(between(MORPHS.get(lab[1]).z, x, y)).float()
    with torch.no_grad():
        return load_model(lab[1]).decode(z[None])[0, 0].mul(255).round().numpy()


@pytest.mark.browser
def test_the_face_wanders_follows_the_pointer_and_goes_to_the_sliders(lab, tab):
    visit(tab, lab[0])
    frame = tab.locator(".morph .frame")
    expect(frame.locator("img")).to_be_visible(timeout=30_000)   # before any script has decoded anything
    for _ in range(600):
        if tab.locator(".morph").evaluate("m => m.stats.frames") > 10:
            break
        tab.wait_for_timeout(50)
    wandered = pixels(tab)
    tab.wait_for_timeout(1500)
    assert not np.array_equal(pixels(tab), wandered)
    box = frame.bounding_box()
    for x, y in ((0.1, 0.2), (0.85, 0.7)):
        tab.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"], steps=4)
        settled(tab, below(lab, x, y))
    there = below(lab, 0.85, 0.7)
    tab.mouse.down()
    tab.mouse.up()
    tab.wait_for_url("**/sliders**from=z**")
    tab.wait_for_selector(AT_REST)
    text = re.search(r"from=z%3A([\w-]+)", tab.url)[1]
    np.testing.assert_allclose(z_from_text(text, 3), between(MORPHS.get(lab[1]).z, 0.85, 0.7), atol=0.02)   # a pointer has whole pixels
    canvas = tab.locator(".scrubber .stage canvas")
    canvas.wait_for()
    for _ in range(100):
        shown = canvas.evaluate("c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")[::4]
        off = np.abs(np.array(shown) - there.ravel()).max() if len(shown) == there.size else 255   # not drawn yet: it has another size
        if off <= 2:
            break
        tab.wait_for_timeout(50)
    assert off <= 2


@pytest.mark.browser
def test_keys_move_the_face_and_open_it(lab, tab):
    visit(tab, lab[0])
    tab.locator(".morph .frame").focus()
    for _ in range(12):
        tab.keyboard.press("ArrowRight")
    settled(tab, below(lab, 0.98, 0.5))
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/sliders**from=z**")


@pytest.mark.browser
def test_a_finger_moves_the_face_and_the_button_opens_it(lab, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = visit(context.new_page(), lab[0])
    box = page.locator(".morph .frame").bounding_box()
    page.touchscreen.tap(box["x"] + 0.25 * box["width"], box["y"] + 0.25 * box["height"])
    settled(page, below(lab, 0.25, 0.25))
    assert page.url.rstrip("/") == lab[0]
    page.get_by_role("button", name="Take it apart").tap()
    page.wait_for_url("**/sliders**from=z**")
    context.close()


@pytest.mark.browser
def test_who_wants_no_motion_gets_none(lab, chromium):
    context = chromium.new_context(reduced_motion="reduce")
    page = visit(context.new_page(), lab[0])
    page.wait_for_timeout(3000)
    assert page.locator(".morph").evaluate("m => m.stats.frames") == 0
    context.close()


@pytest.mark.browser
def test_a_tour_leads_from_page_to_page(lab, tab):
    visit(tab, lab[0])
    tab.locator(".st-key-ways").get_by_text(TOURS["lecture"].title).first.click()
    for stop in TOURS["lecture"].stops[:3]:
        expect(tab.locator(".st-key-tour")).to_contain_text(stop.say)
        tab.wait_for_selector(AT_REST)
        tab.wait_for_url("**tour=lecture**")
        tab.locator(".st-key-tour").get_by_text("Next").first.click()
    expect(tab.locator(".st-key-tour")).to_contain_text("4 of 8")
    tab.get_by_role("button", name="Leave the tour").click()
    expect(tab.locator(".st-key-tour")).to_have_count(0)
