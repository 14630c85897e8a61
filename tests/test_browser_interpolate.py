"""The player of the page Interpolate in a real browser: plays, pauses, is scrubbed by keys, pointer and finger; waypoints; downloads."""

import io

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from real_app import AT_REST, running_server, visit
from tiny_runs import tiny_run, use_folders

from genlab.lens.models import MODELS

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("interpolate")
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, folder)
        runs = tiny_run("autoencoder", epochs=20, lr=2e-2), tiny_run("vae", epochs=1)
        with running_server(folder) as url:
            yield url, *runs


def address(lab, **query):
    url, ae, _ = lab
    named = {"run": ae.id, "via": "image:0,image:1,image:2", "beside": "none", "frames": "120", **query}
    return f"{url}/interpolate?" + "&".join(f"{name}={value}" for name, value in named.items())


def opened(tab, url):
    visit(tab, url)
    tab.locator(".player .stage canvas").first.wait_for()
    tab.wait_for_function(f"({STATS}).loaded === 1")
    return tab


@pytest.fixture
def page(lab, tab):
    return opened(tab, address(lab))


ROOT_OF = "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.player')).find(Boolean)"
STATS = f"({ROOT_OF}?.stats ?? {{frames: 0, loaded: 0, fps: 0}})"


def pixels(page, i=0):
    rgba = page.locator(".player .stage canvas").nth(i).evaluate("c => [c.width, ...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")
    return np.array(rgba[1:]).reshape(-1, rgba[0], 4)[..., 0]


def slider(page):
    return page.get_by_role("slider", name="Frame")


def frame(page):
    return int(slider(page).input_value())


def paused(page):
    """The player at rest, at its first picture."""
    pause = page.get_by_role("button", name="Pause")
    if pause.count():
        pause.click()
    slider(page).press("Home")
    return page


def reconstruction(run, number):
    from genlab.lens.waypoints import code, image
    model = MODELS.get(run.id, exact=True)
    return model.decode(code(model, image(run.plan.data, number))[None])[0, ..., 0].astype(int)


def test_it_plays_by_itself_and_pauses_and_the_picture_changes_only_while_it_plays(page):
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    before = page.evaluate(f"{STATS}.frames")
    page.wait_for_function(f"{STATS}.frames > {before} + 20")
    page.wait_for_function(f"{STATS}.fps > 0")
    print(f"\n{page.evaluate(f'{STATS}.fps'):.0f} pictures a second")
    page.get_by_role("button", name="Pause").click()
    at, still, count = frame(page), pixels(page), page.evaluate(f"{STATS}.frames")
    page.wait_for_timeout(400)
    assert frame(page) == at and page.evaluate(f"{STATS}.frames") == count
    np.testing.assert_array_equal(pixels(page), still)
    page.get_by_role("button", name="Play").click()
    page.wait_for_function(f"{STATS}.frames > {count} + 5")


def test_keys_scrub_it_to_every_waypoint(lab, page):
    run, seen = lab[1], []
    paused(page)
    for keys, at in (("Home", 0), ("ArrowRight", 1), ("Shift+ArrowRight", 11), ("PageUp", 21), ("ArrowLeft", 20), ("End", 119), ("ArrowRight", 119)):
        slider(page).press(keys)
        assert frame(page) == at
        expect(page.locator(".said")).to_have_text(f"picture {at + 1} of 120")
        seen.append(pixels(page))
    assert np.abs(seen[0] - reconstruction(run, 0)).max() <= 1 and np.abs(seen[-1] - reconstruction(run, 2)).max() <= 1
    assert np.abs(seen[3] - seen[0]).max() > 10 and np.abs(seen[-1] - seen[0]).max() > 50
    slider(page).press("Space")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.wait_for_function(f"{ROOT_OF}.querySelector('input').value !== '119'")
    slider(page).press("Space")
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    slider(page).press("-")
    expect(page.get_by_label("Speed")).to_have_value("0.5")


def test_pointers_scrub_on_the_strip_and_on_the_picture_and_a_click_plays(page):
    paused(page)
    box = page.locator(".reel").bounding_box()
    page.mouse.click(box["x"] + 0.5 * box["width"], box["y"] + 5)
    assert abs(frame(page) - 60) <= 1
    box = page.locator(".stage").bounding_box()
    page.mouse.move(box["x"] + 100, box["y"] + 50)
    page.mouse.down()
    page.mouse.move(box["x"] + 50, box["y"] + 50, steps=5)
    assert 40 <= frame(page) < 60
    page.mouse.up()
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.locator(".stage canvas").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()


def test_two_runs_play_in_step_and_the_chart_follows(lab, tab):
    page = paused(opened(tab, address(lab, beside=lab[2].id)))
    for keys, number in (("Home", 0), ("End", 2)):
        slider(page).press(keys)
        for i, run in enumerate(lab[1:]):
            assert np.abs(pixels(page, i) - reconstruction(run, number)).max() <= 1
    expect(page.locator(".pace .hair line")).to_have_count(1)
    left = float(page.locator(".pace .hair line").get_attribute("x1"))
    slider(page).press("Home")
    assert float(page.locator(".pace .hair line").get_attribute("x1")) < left - 100
    page.locator(".pace .chart").click(position={"x": 200, "y": 60})
    assert frame(page) > 5


def test_waypoints_are_added_moved_and_removed(page):
    paused(page)
    page.get_by_role("button", name="add image 5").click()
    page.wait_for_url("**image%3A2%2Cimage%3A5&**")
    page.get_by_role("button", name="Add a draw").click()
    page.wait_for_url("**image%3A5%2Cseed%3A0&**")
    page.get_by_role("option", name="waypoint 5, seed 0").click()
    page.get_by_role("button", name="Move left").click()
    page.wait_for_url("**seed%3A0%2Cimage%3A5&**")
    page.get_by_role("button", name="Remove").click()
    page.wait_for_url("**image%3A2%2Cimage%3A5&**")
    page.get_by_role("option", name="waypoint 1, image 0").press("Delete")
    page.wait_for_url("**via=image%3A1%2Cimage%3A2%2Cimage%3A5&**")
    page.wait_for_function(f"({STATS}).loaded === 1")
    assert page.locator(".marks").inner_text().split() == ["image", "1", "image", "2", "image", "5"]


def test_ones_own_picture_becomes_a_waypoint_and_stands_in_the_address_as_its_code(page):
    paused(page)
    picture = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 60, 3), np.uint8)).save(picture, "PNG")
    page.get_by_text("Your own picture").click()
    page.locator("input[type=file]").set_input_files({"name": "own.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    page.wait_for_url("**image%3A2%2Cz%3A**")
    expect(page.get_by_role("option", name="waypoint 4, yours")).to_be_visible()
    assert page.locator("[data-testid=stException], [data-testid=stAlert]").count() == 0


def test_films_and_latents_can_be_taken_along(page, tmp_path):
    paused(page)
    page.wait_for_selector(AT_REST)
    files = {}
    for name in ("GIF", "MP4", "WebP", "Strip", "z"):
        with page.expect_download() as taken:
            page.get_by_role("button", name=name, exact=True).click()
        files[name] = tmp_path / taken.value.suggested_filename
        taken.value.save_as(files[name])
    assert [Image.open(files[name]).format for name in ("GIF", "WebP", "Strip")] == ["GIF", "WEBP", "PNG"]
    assert imageio_ffmpeg.count_frames_and_secs(str(files["MP4"]))[0] == 2 * 120 - 2
    assert np.load(files["z"], allow_pickle=False).shape == (120, 3)


def test_it_stands_still_for_who_wants_less_motion_and_a_finger_scrubs(lab, chromium):
    context = chromium.new_context(viewport={"width": 390, "height": 780}, has_touch=True, is_mobile=True, reduced_motion="reduce")
    page = opened(context.new_page(), address(lab, beside=lab[2].id))
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert frame(page) == 0
    reel = page.locator(".reel")
    reel.scroll_into_view_if_needed()
    box, cdp = reel.bounding_box(), context.new_cdp_session(page)
    point = lambda share: [{"x": box["x"] + box["width"] * share, "y": box["y"] + 10}]   # noqa: E731
    cdp.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": point(0.1)})
    for share in np.linspace(0.1, 0.75, 12):
        cdp.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": point(share)})
    cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    assert frame(page) == pytest.approx(90, abs=3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()
