"""The page Latent sliders in a real browser: start, axes, sliders, plane, film, links."""

import io
import re
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import expect
from real_app import AT_REST, running_server, visit
from tiny_runs import tiny_run, use_folders

from genlab.data import load_dataset
from genlab.runs import load_model
from genlab.ui.shell.links import z_from_text

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sliders")
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, folder)
        rival = tiny_run("autoencoder", latent_dim=4, epochs=2)   # made first: the newest run is the one that the page opens
        run = tiny_run(epochs=5)
        with running_server(folder) as url:
            yield url, run, rival


@pytest.fixture
def page(lab, tab):
    return opened(tab, f"{lab[0]}/sliders")


def opened(tab, url):
    visit(tab, url)
    tab.locator(".scrubber .stage canvas").first.wait_for()
    tab.wait_for_selector(AT_REST)
    tab.wait_for_url("**from=**")
    return tab


def query(page):
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def pixels(page, selector):
    rgba = page.locator(selector).first.evaluate("c => [c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    return np.array(rgba[1:]).reshape(-1, rgba[0], 4)[..., 0]


def settled(page, selector, different_from=None, equal_to=None):
    """The pixels of a canvas once they are others, or these."""
    for _ in range(100):
        now = pixels(page, selector)
        if different_from is not None and not np.array_equal(now, different_from):
            return now
        if equal_to is not None and now.shape == equal_to.shape and np.abs(now - equal_to).max() <= 1:
            return now
        page.wait_for_timeout(50)
    raise AssertionError("the picture did not change as it should")


def amounts(page):
    return [float(s.get_attribute("aria-valuenow")) for s in page.get_by_role("slider").all() if s.get_attribute("aria-label") != "Time of training"]


def press(page, name, keys):
    page.get_by_role("slider", name=name, exact=True).focus()
    for key in keys:
        page.keyboard.press(key)
    page.wait_for_url("**a=**")
    page.wait_for_selector(AT_REST)


LIVE, STILL = ".stage canvas", ".still canvas"


def test_it_opens_with_an_image_of_the_data_and_what_the_model_makes_of_it(lab, page):
    test_set = load_dataset(lab[1].plan.data)[1]
    np.testing.assert_array_equal(pixels(page, STILL), test_set.x[0, 0])
    model = load_model(lab[1])

    with torch.no_grad():
        x_hat = model.decode(model.encode(torch.from_numpy(test_set.x[:1]).float() / 255).mean)[0, 0].mul(255).round().numpy()
    settled(page, LIVE, equal_to=x_hat)
    assert query(page) == {"run": lab[1].id, "axes": "dims", "from": "image:0"}


def test_the_address_brings_back_what_was_seen(lab, page, chromium):
    before = pixels(page, LIVE)
    press(page, page.get_by_role("slider").first.get_attribute("aria-label"), ["PageUp", "PageUp", "ArrowRight"])
    moved = settled(page, LIVE, different_from=before)
    np.testing.assert_allclose(sorted(z_from_text(query(page)["a"], 3)), [0, 0, 2.1], atol=2e-3)
    context = chromium.new_context()
    other = opened(context.new_page(), page.url)
    settled(other, LIVE, equal_to=moved)
    np.testing.assert_allclose(amounts(other), amounts(page), atol=2e-3)
    context.close()


def test_another_image_is_a_click_away_and_keeps_the_axes(lab, page):
    page.get_by_role("option", name="image 3", exact=True).click()
    page.wait_for_url("**from=image%3A3**")
    settled(page, STILL, equal_to=load_dataset(lab[1].plan.data)[1].x[3, 0])
    expect(page.get_by_role("option", name="image 3", exact=True)).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Others").click()
    expect(page.get_by_role("option", name="image 20", exact=True)).to_be_visible()
    assert query(page)["from"] == "image:3"


def test_a_draw_the_mean_and_an_own_picture_are_starts_too(page):
    first = pixels(page, LIVE)
    page.get_by_role("radio", name="A draw").or_(page.get_by_role("button", name="A draw")).first.click()
    page.wait_for_url("**from=seed%3A0**")
    draw = settled(page, LIVE, different_from=first)
    page.get_by_role("button", name="Another").click()
    page.wait_for_url("**from=seed%3A1**")
    settled(page, LIVE, different_from=draw)
    page.get_by_text("The mean", exact=True).click()
    page.wait_for_url("**from=mean**")
    page.get_by_text("Your own", exact=True).click()
    picture = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)).save(picture, "PNG")
    page.locator("input[type=file]").set_input_files({"name": "own.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    page.wait_for_url("**from=z%3A**")
    assert pixels(page, STILL).shape == (16, 16)
    expect(page.locator(".still figcaption").first).to_have_text("Original")


def test_a_file_that_is_no_picture_is_said(page):
    page.get_by_text("Your own", exact=True).click()
    page.locator("input[type=file]").set_input_files({"name": "own.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(page.get_by_text("own.png is no picture that can be read")).to_be_visible()
    assert page.locator("[data-testid=stException]").count() == 0


def test_undo_and_redo(page):
    name = page.get_by_role("slider").first.get_attribute("aria-label")
    press(page, name, ["ArrowRight"])
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("slider").first).to_have_attribute("aria-valuenow", "0.000")
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_role("slider").first).to_have_attribute("aria-valuenow", "0.100")
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_every_kind_of_axis_moves_the_picture(page):
    for words, kind, name in (("Principal components", "pca", "component 1"), ("Attributes", "attributes", None),
                              ("Random directions", "random", "direction 1")):
        page.get_by_text(words, exact=True).first.click()
        page.wait_for_url(f"**axes={kind}**")
        page.wait_for_selector(AT_REST)
        slider = page.get_by_role("slider", name=name, exact=True) if name else page.get_by_role("slider", name=re.compile("^digit: ")).first
        slider.wait_for()
        before = pixels(page, LIVE)
        slider.focus()
        page.keyboard.press("End")
        settled(page, LIVE, different_from=before)


def test_what_is_kept_fixed_is_no_axis_and_stands_in_the_address(lab, tab):
    page = opened(tab, f"{lab[0]}/sliders?run={lab[1].id}&axes=attributes&lock=digit: 3")
    page.get_by_role("slider", name=re.compile("^digit: ")).first.wait_for()
    names = {s.get_attribute("aria-label") for s in page.get_by_role("slider").all()}
    assert "digit: 3" not in names and "digit: 4" in names
    assert query(page)["lock"] == "digit: 3"


def test_the_picture_follows_over_the_plane_goes_back_and_a_click_takes_it(page):
    there = ".plane .picture"
    page.locator(".plane .map").scroll_into_view_if_needed()
    page.wait_for_timeout(500)
    before, box = pixels(page, there), page.locator(".plane .map").bounding_box()
    page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.2 * box["height"], steps=5)
    far = settled(page, there, different_from=before)
    page.mouse.move(box["x"] - 30, box["y"] - 5)
    settled(page, there, equal_to=before)
    page.mouse.click(box["x"] + 0.9 * box["width"], box["y"] + 0.2 * box["height"])
    page.wait_for_url("**a=**")
    settled(page, LIVE, equal_to=far)
    np.testing.assert_allclose(sorted(z_from_text(query(page)["a"], 3)), [0, 2.1, 2.8], atol=0.1)


def test_the_film_shows_every_kept_moment(lab, page):
    said = page.locator(".film .said")
    expect(said).to_have_text("epoch 5 · step 20")
    last = pixels(page, ".film canvas")
    page.get_by_role("slider", name="Time of training").press("Home")
    expect(said).to_have_text("epoch 1 · step 4")
    settled(page, ".film canvas", different_from=last)
    page.get_by_role("button", name="Play").click()
    expect(said).to_have_text("epoch 5 · step 20")


def test_image_and_z_can_be_taken_along(page):
    with page.expect_download() as taken:
        page.get_by_role("button", name="z", exact=True).click()
    assert np.load(taken.value.path(), allow_pickle=False).shape == (3,)
    with page.expect_download() as taken:
        page.get_by_role("button", name="Image", exact=True).click()
    assert np.asarray(Image.open(taken.value.path())).shape == (16, 16)


@pytest.mark.parametrize("wrong", ["run=nothing", "from=z:xyz", "from=image:99999", "a=hAAAA", "axes=none&lock=nobody", "from=seed:-1",
                                   "from=seed:1e9"])
def test_a_damaged_address_is_said_or_passed_over_and_the_page_stands(lab, tab, wrong):
    visit(tab, f"{lab[0]}/sliders?{wrong}")
    tab.get_by_text("Start from").wait_for()
    tab.wait_for_selector(AT_REST)
    assert tab.locator("[data-testid=stException]").count() == 0


def decoded(run, z, step=None):
    with torch.no_grad():
        return load_model(run, step).decode(torch.as_tensor(np.asarray(z)[None], dtype=torch.float32))[0, 0].mul(255).round().numpy()


def test_another_run_beside_starts_from_its_own_code_and_follows(lab, tab):
    page = opened(tab, f"{lab[0]}/sliders?run={lab[1].id}&axes=attributes&beside={lab[2].id}")
    x = torch.from_numpy(load_dataset(lab[1].plan.data)[1].x[:1]).float() / 255
    rival = load_model(lab[2])
    with torch.no_grad():
        mu = rival.encode(x).mean[0].numpy()
    other = ".stage figure:nth-child(2) canvas"
    before = settled(page, other, equal_to=decoded(lab[2], mu))
    expect(page.get_by_text("starts from its own code of the same image and moves along its own directions")).to_be_visible()
    name = page.get_by_role("slider", name=re.compile("^digit: ")).first.get_attribute("aria-label")
    press(page, name, ["End"])
    settled(page, other, different_from=before)
    assert query(page)["beside"] == lab[2].id


def test_an_earlier_snapshot_beside_gets_the_same_z(lab, tab):
    page = opened(tab, f"{lab[0]}/sliders?run={lab[1].id}&from=seed:3&beside=@4")
    expect(page.get_by_text("as it was at step 4")).to_be_visible()
    with torch.no_grad():
        z = load_model(lab[1]).sample(1, torch.Generator().manual_seed(3))[0].numpy()
    settled(page, ".stage figure:nth-child(1) canvas", equal_to=decoded(lab[1], z))
    settled(page, ".stage figure:nth-child(2) canvas", equal_to=decoded(lab[1], z, 4))


def test_what_cannot_stand_beside_is_said(lab, tab):
    page = opened(tab, f"{lab[0]}/sliders?run={lab[1].id}&from=seed:3&beside={lab[2].id}")
    expect(page.get_by_text("has 4 latents and not 3")).to_be_visible()
    assert page.locator(".stage canvas").count() == 1 and "beside" not in query(page)


def test_a_drawing_is_encoded_and_comes_back_decoded(lab, tab):
    page = opened(tab, f"{lab[0]}/sliders?run={lab[1].id}&from=draw")
    before, still, paper = pixels(page, LIVE), pixels(page, STILL), page.locator(".sketch .paper")
    assert pixels(page, ".sketch .paper").max() == 0   # digits are white on black
    box = paper.bounding_box()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=6)
    page.mouse.up()
    page.wait_for_url("**from=z**")
    drawn = settled(page, STILL, different_from=still)
    assert drawn.shape == (16, 16) and drawn[8, 7:9].min() > 150 and drawn[8, 2] < 50
    settled(page, LIVE, different_from=before)
    page.locator(".sketch .undo").click()
    page.wait_for_url("**from=draw**")
    settled(page, LIVE, equal_to=before)


def test_a_finger_draws_too(lab, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = opened(context.new_page(), f"{lab[0]}/sliders?run={lab[1].id}&from=draw")
    box = page.locator(".sketch .paper").bounding_box()
    page.touchscreen.tap(box["x"] + 0.5 * box["width"], box["y"] + 0.5 * box["height"])
    page.wait_for_url("**from=z**")
    context.close()
