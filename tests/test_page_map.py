"""The page Latent map: what it shows without a browser, and in one what hovering, clicking, lassoing and playing do."""

import io
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from real_app import AT_REST, running_server, visit
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec, load_dataset
from genlab.data.base import Attribute
from genlab.lens.models import MODELS
from genlab.maps import LatentMap, MapPlan, fit_map, map_step, read_map, save_map, shipped_path
from genlab.runs import create_run, execute
from genlab.runs.ship import Recipe, ship
from genlab.training import Pace, TrainPlan
from genlab.ui.maps.mapselect import compare, selection_csv
from genlab.ui.maps.mapview import Seen, from_address, read_seen, to_address

PAGES = Path(__file__).resolve().parent.parent / "pages"
PLAN = MapPlan(method="pca", n=60, prior=10)
QUERY = {"method": "pca", "n": "60", "prior": "10"}


# -- addresses and selections ------------------------------------------------------------------------------------------------


def test_what_is_seen_survives_an_address():
    flags = np.zeros(100, bool)
    flags[[0, 7, 8, 63, 99]] = True
    seen = Seen("3", (0, 2), "glasses, no hat", ("density", "prior"), (4, 99), flags, None)
    again = read_seen(from_address(to_address(seen)), 100)
    assert (again.colour, again.hidden, again.query, again.layers, again.picks) == (seen.colour, seen.hidden, seen.query, seen.layers, seen.picks)
    np.testing.assert_array_equal(again.a, flags)
    assert again.b is None and to_address(Seen()) == {}


@pytest.mark.parametrize("answer", [{}, {"picks": [1e9, "x", -1, 100], "hidden": "abc", "layers": 3, "a": "%%%", "b": 7}, {"a": "AAAA"}])
def test_whatever_a_browser_says_is_bounded(answer):
    seen = read_seen(answer, 100)
    assert seen.picks == () and seen.hidden == () and seen.a is None and seen.b is None


def test_a_selection_is_compared_with_the_rest():
    info = (Attribute("hat"), Attribute("age", "continuous", 0, 100), Attribute("hair", "categorical", choices=("dark", "light")))
    table = compare(np.array([0, 1]), np.array([[1, 30, 0], [1, 40, 1], [0, 35, 0], [0, 36, 0]], np.float32), info)
    rows = {row["attribute"]: (row["selection"], row["rest"]) for _, row in table.iterrows()}
    assert rows["hat"] == (1, 0) and rows["age"] == (35, 35.5) and rows["hair: light"] == (0.5, 0)
    assert table["attribute"][0] == "hat"


def test_a_csv_of_a_selection_names_part_number_place_and_attributes():
    n = 4
    found = LatentMap("r", 1, "w", PLAN, {"test": 2, "train": 1, "prior": 1}, np.arange(8, dtype=np.float32).reshape(4, 2),
                      np.zeros((n, 3), np.float32), np.array([0.1, 0.2, 0.3, np.nan], np.float32), {})
    lines = selection_csv(found, np.array([1, 2, 3]), np.array([[0], [1], [0]], np.float32), (Attribute("hat"),)).splitlines()
    assert lines == ["part,number,x,y,error,hat", "test,1,2,3,0.2,1", "train,0,4,5,0.3,0", "prior,0,6,7,,"]


# -- without a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("map-page"))
        patch.setenv("GENLAB_CACHE", str(tmp_path_factory.mktemp("data")))
        run = tiny_run(epochs=2)
        fit_map(run.id, map_step(run), PLAN.model_dump())
        yield run


def opened(run, **query):
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=90).run()
    for name, value in {"run": run.id, **QUERY, **query}.items():
        app.query_params[name] = value
    return app.switch_page("explore/map.py").run()


def test_it_opens_with_a_map_and_how_true_it_is(tiny):
    app = opened(tiny)
    assert not app.exception and not app.error
    assert any("Trustworthiness" in caption.value for caption in app.caption)
    assert any(element.proto.component_name.endswith("genlab_map") for element in app.get("bidi_component"))


def test_three_dimensions_are_a_cloud(tiny):
    fit_map(tiny.id, map_step(tiny), PLAN.model_copy(update={"dims": 3}).model_dump())
    app = opened(tiny, dims="3")
    assert not app.exception and len(app.get("plotly_chart")) == 1


def test_who_has_no_film_is_shown_the_way_to_shipped_runs_that_have_one(tiny):
    ship(tiny, Recipe("whole", "All can encode", ("train",), (1, 2), is_whole=True))
    pruned = ship(tiny, Recipe("pruned", "The last alone can encode", ("train",), (1, 2)))
    fit_map("pruned", map_step(pruned), PLAN.model_dump())
    try:
        for run in (tiny, pruned):
            page = opened(run)
            ways = [link.proto.label for link in page.get("page_link") if "through its training" in link.proto.label]
            assert not page.exception and ways == ([] if run == tiny else ["The map of “All can encode” through its training"])
    finally:
        for name in ("whole", "pruned"):
            shutil.rmtree(pruned.path.parent / name)


def test_selections_have_means_galleries_and_a_direction(tiny):
    flags = np.zeros(70, bool)
    flags[:9] = True
    texts = to_address(Seen(a=flags, b=~flags))
    app = opened(tiny, a=texts["a"], b=texts["b"])
    said = [m.value for m in app.markdown]
    assert not app.exception and "**Selection A: 9 points**" in said and "**Selection B: 61 points**" in said
    assert any("from B to A" in text for text in said) and len(app.get("download_button")) >= 3


def test_a_model_without_an_encoder_shows_its_draws(tiny):
    run = tiny_run("gan", epochs=1)
    fit_map(run.id, map_step(run), PLAN.model_dump())
    flags = np.arange(60) < 9
    app = opened(run, a=to_address(Seen(a=flags))["a"])
    assert not app.exception and not app.error
    assert "**Selection A: 9 points**" in [m.value for m in app.markdown]


def test_a_setting_out_of_range_is_said(tiny):
    app = opened(tiny, neighbours="1")
    assert "neighbours" in app.error[0].value


def test_a_map_of_another_version_is_said_and_fitted_anew(tiny, tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_CHECKPOINTS", str(tmp_path))
    shipped = tmp_path / "shipped"
    tiny_run(epochs=1).path.rename(shipped)
    from genlab.runs import Run

    run = Run(shipped)
    fit_map(run.id, map_step(run), PLAN.model_dump())
    found = read_map(run.id, next(iter((Path(tiny.path.parent) / ".cache" / run.id).glob("map-*"))).stem.removeprefix("map-"))
    save_map(found, shipped_path(run))
    data = shipped_path(run).read_bytes()
    shipped_path(run).write_bytes(data.replace(b'\\"format\\": 1', b'\\"format\\": 9'))
    app = opened(run)
    assert "from another version of the lab" in app.warning[0].value
    assert any("Trustworthiness" in caption.value for caption in app.caption)   # its own copy from the cache


# -- in a browser ------------------------------------------------------------------------------------------------------------


def numbered(i):
    """A picture whose pixels say its number: 16 blocks, a bit each."""
    blocks = np.array([(i >> bit) & 1 for bit in range(16)], np.uint8).reshape(4, 4) * 255
    return np.kron(blocks, np.ones((4, 4), np.uint8))


def number_in(pixels):
    return int(sum(int(bit) << i for i, bit in enumerate((pixels.reshape(4, 4, 4, 4).mean((1, 3)) > 127).reshape(-1))))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map-browser")
    pictures = folder / "pictures"
    pictures.mkdir()
    for i in range(60):
        Image.fromarray(numbered(i)).save(pictures / f"{i:03}.png")
    (pictures / "attributes.csv").write_text("file,odd\n" + "".join(f"{i:03}.png,{i % 2}\n" for i in range(60)))
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, folder)
        spec = DataSpec(name="own", path=str(pictures), size=16, channels=1)
        run = create_run(TrainPlan(model="autoencoder", data=spec, settings={"latent_dim": 3, "width": 4}, epochs=25, batch_size=16, threads=1))
        execute(run, pace=Pace(preview_s=1e9, state_s=1e9))
        name = fit_map(run.id, map_step(run), PLAN.model_dump())
        found, (train, test) = read_map(run.id, name), load_dataset(run.plan.data)
        truth = [number_in((test if part == "test" else train).x[at, 0]) for part, at in found.places[: found.images]]
        with running_server(folder) as url:
            yield url, run, found, truth


@pytest.fixture
def page(lab, tab):
    url, run, _, _ = lab
    visit(tab, f"{url}/map?run={run.id}&" + "&".join(f"{k}={v}" for k, v in QUERY.items()))
    tab.wait_for_selector(".lab-map[data-ready]")
    tab.wait_for_selector(AT_REST)
    tab.locator("canvas.map").scroll_into_view_if_needed()
    return tab


def on_screen(page, found):
    """Where each point is on the screen, (N, 2)."""
    box = page.locator("canvas.map").bounding_box()
    x, y, scale = map(float, page.get_attribute("canvas.map", "data-view").split())
    return np.stack([box["x"] + box["width"] / 2 + (found.xy[:, 0] - x) * scale, box["y"] + box["height"] / 2 - (found.xy[:, 1] - y) * scale], 1)


def alone(at, among, least=16.0):
    """Those of `among` that have no other of them so near."""
    return [i for i in among if np.sort(np.linalg.norm(at[among] - at[i], axis=1))[1] > least]


def shown_number(page, point):
    image = page.locator(f".real img[data-point='{point}']")
    image.wait_for()
    pixels = image.evaluate("""async image => { await image.decode(); const canvas = document.createElement('canvas')
        canvas.width = canvas.height = 16
        const context = canvas.getContext('2d'); context.drawImage(image, 0, 0, 16, 16)
        return [...context.getImageData(0, 0, 16, 16).data].filter((_, i) => i % 4 === 0) }""")
    return number_in(np.array(pixels, float).reshape(16, 16))


def live(page):
    return page.locator("canvas.live").evaluate("c => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]")


@pytest.mark.browser
def test_hovering_shows_the_image_of_that_point_whatever_is_filtered(lab, page):
    _, _, found, truth = lab
    at, every = on_screen(page, found), np.arange(found.images)
    for i in alone(at, every)[:5]:
        page.mouse.move(*map(float, at[i]))
        assert shown_number(page, i) == truth[i]
    page.locator(".legend button", has_text="yes").click()   # hides the odd ones
    expect(page.locator(".legend")).to_contain_text("30 of 60 shown")
    even = np.array([i for i in every if truth[i] % 2 == 0])
    for i in alone(at, even)[:5]:
        page.mouse.move(*map(float, at[i]))
        assert shown_number(page, i) == truth[i]
        assert page.locator("dd").first.inner_text() == "no"
    page.locator(".legend button", has_text="yes").click()
    page.locator(".search").fill("odd")
    odd = np.array([i for i in every if truth[i] % 2])
    for i in alone(at, odd)[:5]:
        page.mouse.move(*map(float, at[i]))
        assert shown_number(page, i) == truth[i]
    page.locator(".search").fill("odds")
    expect(page.locator(".fault")).to_have_text("Nothing is called “odds”. Did you mean odd?")


@pytest.mark.browser
def test_between_points_the_decoder_shows_what_lies_there(lab, page):
    box = page.locator("canvas.map").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + box["height"] - 20)
    expect(page.locator(".what")).to_contain_text("No image lies here")
    page.wait_for_timeout(300)
    corner = live(page)
    page.mouse.move(box["x"] + box["width"] - 20, box["y"] + 90)   # below the button in the corner
    for _ in range(100):
        if live(page) != corner:
            return
        page.wait_for_timeout(50)
    pytest.fail("the picture did not follow the pointer")


@pytest.mark.browser
def test_in_a_film_the_picture_is_of_the_moment_and_changes_under_a_resting_pointer(lab, page):
    _, run, _, _ = lab
    found = read_map(run.id, fit_map(run.id, map_step(run), PLAN.model_dump(), film=True))
    page.reload()
    page.locator(".film").wait_for()
    moment = page.locator(".film input")
    slide = "(input, at) => { input.value = at; input.dispatchEvent(new Event('input')) }"
    moment.evaluate(slide, 0)
    expect(page.locator(".film span")).to_have_text(f"step {found.film_steps[0]}")
    at = on_screen(page, replace(found, xy=found.film[0]))
    i = alone(at, np.arange(found.film.shape[1]), least=4.0)[0]
    page.mouse.move(*map(float, at[i]))
    expect(page.locator(".lab-map")).to_have_attribute("data-over", str(i))
    moments = zip(found.film_steps, found.film_codes, strict=True)
    wanted = [MODELS.get(run.id, step).decode(z[i : i + 1])[0, :, :, 0].astype(int) for step, z in moments]
    assert np.abs(wanted[0] - wanted[-1]).max() > 20
    for at in (0, len(wanted) - 1):
        moment.evaluate(slide, at)
        for _ in range(100):
            if np.abs(np.reshape(live(page), (16, 16, 4))[..., 0] - wanted[at]).max() <= 2:
                break
            page.wait_for_timeout(50)
        else:
            pytest.fail(f"not what the weights of step {found.film_steps[at]} make of it")


@pytest.mark.browser
def test_a_click_chooses_two_make_a_path_that_plays_and_the_address_keeps_it(lab, page):
    _, _, found, _ = lab
    at = on_screen(page, found)
    a, b = alone(at, np.arange(found.images))[:2]
    page.mouse.click(*map(float, at[a]))
    expect(page.locator(".near img")).to_have_count(8)
    page.mouse.click(*map(float, at[b]))
    expect(page.locator(".lab-map")).to_have_attribute("data-frame", re.compile(r"[6-9]|\d\d"))   # one frame alone stays for 60 ms
    page.get_by_role("button", name="Pause").click()
    page.wait_for_url(re.compile(rf"pick={a}%2C{b}"))
    expect(page.get_by_role("link", name="Move its latents")).to_be_visible()
    page.keyboard.press("Tab")
    page.locator("canvas.map").focus()
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "pick=" not in url)


@pytest.mark.browser
def test_a_lasso_selects_exactly_what_is_inside(lab, page):
    _, _, found, _ = lab
    at = on_screen(page, found)[: found.images]
    left, right = np.quantile(at[:, 0], [0.2, 0.7])
    box = page.locator("canvas.map").bounding_box()
    top, low = box["y"] + 2, box["y"] + box["height"] - 2
    inside = (at[:, 0] > left) & (at[:, 0] < right) & (at[:, 1] > top) & (at[:, 1] < low)
    page.get_by_role("radio", name="Lasso").click()
    page.mouse.move(float(left), top)
    page.mouse.down()
    for x, y in ((right, top), (right, low), (left, low)):
        page.mouse.move(float(x), float(y), steps=6)
    page.mouse.up()
    assert int(page.get_attribute(".lab-map", "data-selected")) == inside.sum() > 5
    expect(page.get_by_text(f"Selection A: {inside.sum()} points")).to_be_visible(timeout=20_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV", exact=True).click()
    lines = Path(download.value.path()).read_text().splitlines()
    assert lines[0] == "part,number,x,y,error,odd" and len(lines) == 1 + inside.sum()


@pytest.mark.browser
def test_wheel_and_drag_move_the_map_and_its_button_brings_it_back(page):
    box, seen = page.locator("canvas.map").bounding_box(), page.get_attribute("canvas.map", "data-view")
    page.mouse.move(box["x"] + 200, box["y"] + 150)
    page.mouse.wheel(0, -300)
    expect(page.locator("canvas.map")).not_to_have_attribute("data-view", seen)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 190, steps=4)
    page.mouse.up()
    page.wait_for_timeout(300)
    x, y, scale = map(float, page.get_attribute("canvas.map", "data-view").split())
    assert scale > 1.2 * float(seen.split()[2])
    page.get_by_role("button", name="Whole map").click()
    expect(page.locator("canvas.map")).to_have_attribute("data-view", seen)


@pytest.mark.browser
def test_own_pictures_are_placed(lab, page):
    data = io.BytesIO()
    Image.fromarray(numbered(5)).save(data, "PNG")
    page.locator("input[type=file]").set_input_files({"name": "five.png", "mimeType": "image/png", "buffer": data.getvalue()})
    expect(page.get_by_text("five.png")).to_be_visible()
    assert page.locator("[data-testid=stException]").count() == 0
