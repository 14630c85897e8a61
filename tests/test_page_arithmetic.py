"""The page Arithmetic: what is on it when it opens, what its address means, and what it says of bad input."""

import base64
import io
import shutil
from pathlib import Path

import numpy as np
import pytest
from opened_page import address, fine, opened, told
from PIL import Image
from playwright.sync_api import expect
from real_app import AT_REST, running_server, visit
from sample_pictures import picture
from streamlit.testing.v1 import AppTest
from tiny_faces import tiny_faces, tiny_lab
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec
from genlab.data.faces import FACTORS
from genlab.judge.judge import load_judge
from genlab.lens.codes import CODES
from genlab.lens.models import MODELS
from genlab.runs import Run, create_run, execute
from genlab.runs.weights import load_weights, save_weights
from genlab.sums.examples import USUAL, draw_examples
from genlab.sums.expression import parse
from genlab.sums.scoring import WORDS
from genlab.sums.worked import drawn_parts, matching_numbers, numbered_parts, read_answer, sample_parts, work_out
from genlab.training import Pace, TrainPlan
from genlab.ui.sums.sumpick import FAMOUS, OPENING_SEED

PAGES = Path(__file__).resolve().parent.parent / "pages"
CLASSIC = parse("man with glasses - man + woman", WORDS)


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sums")
    with pytest.MonkeyPatch.context() as patch:
        vae, ae = tiny_lab(folder, patch)
        yield folder, vae, ae


def cell(board: dict, i: int) -> np.ndarray:
    """One picture of the board, (3, S, S)."""
    sheet, size = np.asarray(Image.open(io.BytesIO(base64.b64decode(board["sheet"]))).convert("RGB")), board["size"]
    top, left = i // 8 * (size + 2), i % 8 * (size + 2)
    return sheet[top : top + size, left : left + size].transpose(2, 0, 1)


def markdown(app: AppTest) -> str:
    return "\n".join(m.value for m in app.markdown)


# -- what is on it --------------------------------------------------------------------------------------------------


def test_it_opens_with_the_famous_sum_and_the_true_answer(lab):
    app = opened("explore/arithmetic.py", run=lab[1].id)
    assert not app.error and app.text_input(key="arithmetic.sum").value == "man with glasses - man + woman"
    board, model = told(app, "board"), MODELS.get(lab[1].id, exact=True)
    assert [t["words"] for t in board["terms"]] == ["man, glasses", "man, no glasses", "woman, no glasses"]
    assert [len(t["cells"]) for t in board["terms"]] == [3, 3, 3] and len(board["answer"]["cells"]) == 9
    assert board["answer"]["words"] == "woman, glasses" and [s["label"] for s in board["sides"]] == ["The same in pixels", "True answer"]
    worked = work_out(model, drawn_parts(lab[1], model, CLASSIC, OPENING_SEED, USUAL))
    np.testing.assert_array_equal(cell(board, board["terms"][1]["cells"][2]), worked.parts.x[1][2])
    np.testing.assert_array_equal(cell(board, board["answer"]["cells"][4]), worked.answer)
    np.testing.assert_array_equal(cell(board, board["sides"][0]["cell"]), worked.pixels)
    np.testing.assert_array_equal(cell(board, board["sides"][1]["cell"]), worked.truth)


def test_the_judge_reads_the_answer_and_says_how_far_the_truth_is(lab):
    said = markdown(opened("explore/arithmetic.py", run=lab[1].id))
    assert "**The judge reads** woman 0." in said and "glasses 0." in said and "Squared error 0." in said and "(0 is the same, 1 a stranger)" in said


def test_the_address_says_all_and_brings_it_back(lab):
    app = opened("explore/arithmetic.py", run=lab[2].id, sum="woman + hat", seed=7, move="beard", how="means", lock="glasses,hat", protocol="free")
    assert [t["words"] for t in told(app, "board")["terms"]] == ["woman, no hat", "woman, no hat", "woman, hat"]
    assert address(app) == {"run": lab[2].id, "sum": "woman + hat", "with": "drawn", "seed": "7", "protocol": "free", "move": "beard",
                            "how": "means", "lock": "glasses,hat"}
    people = drawn_parts(lab[2], MODELS.get(lab[2].id, exact=True), parse("woman + hat", WORDS), 7, "free")
    np.testing.assert_array_equal(cell(told(app, "board"), 8), people.x[2][2])
    assert told(opened("explore/arithmetic.py", **{"with_" if k == "with" else k: v for k, v in address(app).items()}), "board") == told(app, "board")
    axes = told(app, "scrubber")["axes"]
    assert [axis["name"] for axis in axes] == ["beard"]


def test_a_famous_sum_is_a_click_away_and_another_draw_too(lab):
    app = opened("explore/arithmetic.py", run=lab[1].id)
    first = told(app, "board")
    app = fine(app.button(key="arithmetic.again").click().run())
    assert app.number_input(key="arithmetic.seed").value == OPENING_SEED + 1 and told(app, "board")["sheet"] != first["sheet"]
    app.session_state["arithmetic.famous"] = "Smile"
    app.session_state["arithmetic.sum"] = "smiling woman - neutral woman + neutral man"
    assert told(fine(app.run()), "board")["answer"]["words"] == "smiling, man"


def test_every_famous_sum_has_an_answer():
    for name, text in FAMOUS.items():
        drawn = draw_examples(parse(text, WORDS), 2, 0)
        for attribute, level in drawn.sum.target.items():
            assert level.holds(drawn.truth[attribute].astype(float).round(5)).all(), name


def test_held_out_images_are_what_the_words_say_and_have_a_true_answer(lab):
    app = opened("explore/arithmetic.py", run=lab[2].id, with_="data", seed=3)
    board, codes = told(app, "board"), CODES.get(lab[2].id)
    numbers = matching_numbers(codes, CLASSIC, 3)
    assert len({i for part in numbers for i in part}) == 9
    for part, concept in zip(numbers, CLASSIC.parts, strict=True):
        for name, level in concept.items():
            assert level.holds(codes.attributes[part][:, [a.name for a in FACTORS].index(name)]).all()
    parts = numbered_parts(lab[2], numbers, CLASSIC)
    np.testing.assert_array_equal(cell(board, 0), parts.x[0][0])
    np.testing.assert_allclose(parts.factors.attributes.reshape(3, 3, -1)[2], codes.attributes[numbers[2]])
    assert "True answer" in [s["label"] for s in board["sides"]]


def test_images_by_number_come_with_a_link(lab):
    app = opened("explore/arithmetic.py", run=lab[1].id, a="5,6,7", b="8,9,10", c="11,12,13,14")
    assert address(app)["with"] == "numbers" and address(app)["c"] == "11,12,13,14"
    board = told(app, "board")
    assert [len(t["cells"]) for t in board["terms"]] == [3, 3, 4]
    np.testing.assert_array_equal(cell(board, 1), CODES.images.take(lab[1].plan.data, "test", [6]).x[0])
    assert "as in the mean of C" in markdown(app), "where no truth is known"


def test_uploaded_pictures_stand_for_a_part(lab):
    app = opened("explore/arithmetic.py", run=lab[1].id, with_="own")
    before = told(app, "board")
    files = app.file_uploader(key="arithmetic.files-A")
    app = fine(files.upload("1.png", picture(seed=1), "image/png").run())
    assert "A has 1 of the 3 pictures" in app.error[0].value
    files = app.file_uploader(key="arithmetic.files-A")
    for i in (1, 2, 3):
        files = files.upload(f"{i}.png", picture(seed=i), "image/png")
    board = told(fine(app.run()), "board")
    assert not np.array_equal(cell(board, 0), cell(before, 0))
    np.testing.assert_array_equal(cell(board, 3), cell(before, 3))
    assert len(board["sides"]) == 1, "of strangers no truth is known"


def test_the_score_is_computed_when_asked_and_then_at_hand(lab, monkeypatch):
    monkeypatch.setattr("genlab.ui.sums.sumscore.N", 12)
    app = opened("explore/arithmetic.py", run=lab[1].id)
    assert not app.get("html") or "all that was wanted" not in "".join(h.proto.body for h in app.get("html"))
    app = fine(app.button(key="arithmetic.score").click().run())
    table = next(h.proto.body for h in app.get("html") if "all that was wanted" in h.proto.body)
    assert "pixels" in table and "the true answer" in table and "%" in table and "12 sums of 3 faces" in "".join(c.value for c in app.caption)
    again = opened("explore/arithmetic.py", run=lab[1].id)   # by another visitor
    assert "all that was wanted" in "".join(h.proto.body for h in again.get("html"))


def test_entanglement_is_measured_when_asked(lab):
    app = opened("explore/arithmetic.py", run=lab[2].id, lock="hat")
    assert told(app, "matrix") is None
    matrix = told(fine(app.button(key="arithmetic.measure").click().run()), "matrix")
    assert "hat" not in matrix["rows"] and "hat" in matrix["names"] and len(matrix["names"]) == len(FACTORS)
    assert np.abs(matrix["r"]).max() <= 1 and "glasses moves hat by" in matrix["said"][matrix["rows"].index("glasses")][matrix["names"].index("hat")]
    assert "of what glasses moves is glasses itself" in matrix["reading"]


def test_a_picture_is_edited_and_what_is_missing_shown(lab):
    app = opened("explore/arithmetic.py", run=lab[1].id, **{"from": "image:4"})
    scrubber = told(app, "scrubber")
    assert [p["label"] for p in scrubber["pictures"]] == ["Original", "Rebuilt", "Not represented"] and len(scrubber["axes"]) == 1
    x = CODES.images.take(lab[1].plan.data, "test", [4]).x[0].astype(int)
    original, rebuilt, missing = (np.frombuffer(base64.b64decode(p["pixels"]), np.uint8).reshape(16, 16, 3).transpose(2, 0, 1).astype(int)
                                  for p in scrubber["pictures"])
    np.testing.assert_array_equal(original, x)
    np.testing.assert_allclose(missing, 128 + (x - rebuilt) / 2, atol=1)
    off = 100 * np.sqrt(np.square((x - rebuilt) / 255).mean())
    assert any(f"{off:.1f} % of full" in c.value for c in app.caption)


def test_readings_without_a_truth_are_held_against_c(lab):
    model = MODELS.get(lab[1].id, exact=True)
    worked = work_out(model, numbered_parts(lab[1], ([1, 2, 3, 4], [5, 6, 7], [8, 9, 10]), CLASSIC))
    reading = read_answer(load_judge(), worked, worked.means[2])
    assert reading.changed == {} and reading.mse is None and set(reading.wanted) == {"woman", "glasses"}


def test_a_category_is_held_against_the_truth_where_c_agrees_on_it(lab):
    model, judge = MODELS.get(lab[1].id, exact=True), load_judge()
    told = {"alike": 0, "matched": 0}
    for protocol in told:
        for seed in range(6):
            worked = work_out(model, drawn_parts(lab[1], model, CLASSIC, seed, protocol))
            for k, a in enumerate(FACTORS):
                agreed = len(np.unique(worked.parts.factors.attributes[6:, k])) == 1
                is_told = a.name in read_answer(judge, worked, worked.pixels).changed
                assert agreed or not is_told or a.kind != "categorical"
                told[protocol] += is_told and a.kind == "categorical"
    assert told["alike"] > 0


# -- bad input ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("query", "said"), [
    ({"sum": "man + glases - man + woman"}, "did you mean 'glasses'"),
    ({"sum": "man"}, "is no sum"),
    ({"with_": "numbers", "a": "1,x,3"}, "A: 'x' is no number"),
    ({"a": "1,2", "b": "3,4,5", "c": "6,7,8"}, "A has 2 images; 3 are needed"),
    ({"a": "1,2,3", "b": "4,5,6", "c": "7,8,99999"}, "99999"),
    ({"with_": "data", "sum": "old blond woman, hat, beard, glasses, earrings, moustache, turned left, tilted left - old + young"}, "3 are needed"),
])
def test_what_is_wrong_is_said_and_the_rest_of_the_page_stands(lab, query, said):
    app = opened("explore/arithmetic.py", run=lab[1].id, **query)
    assert any(said in e.value for e in app.error), [e.value for e in app.error]
    assert told(app, "scrubber"), "directions do not depend on the sum"
    assert app.text_input(key="arithmetic.sum") and app.button


@pytest.mark.parametrize("query", [
    {"seed": "-1"}, {"seed": "99999999", "with_": "thin air"}, {"move": "nose", "how": "magic", "lock": "all,none"}, {"protocol": "fair", "sum": ""},
    {"from": "image:-1"}, {"by": "hAAAAAAA"}])
def test_a_damaged_address_is_passed_over_or_said(lab, query):
    assert told(opened("explore/arithmetic.py", run=lab[1].id, **query), "board")


def test_a_run_without_an_encoder_adds_its_own_samples(lab):
    gan = tiny_faces("dcgan", epochs=40)   # by then it draws men and women on any processor
    app = opened("explore/arithmetic.py", run=gan.id, sum="man + woman", seed=3, protocol="free")
    assert not app.error, app.error[0].value
    assert address(app)["protocol"] == "free" and "Nobody drew" not in markdown(app)
    board, model = told(app, "board"), MODELS.get(gan.id, exact=True)
    worked = work_out(model, sample_parts(model, CODES.get(gan.id), parse("man + woman", WORDS), 3, "free"))
    np.testing.assert_array_equal(cell(board, board["terms"][0]["cells"][0]), worked.parts.x[0][0])
    np.testing.assert_array_equal(cell(board, board["answer"]["cells"][4]), worked.answer)
    assert [s["label"] for s in board["sides"]] == ["The same in pixels"] and "the mean of C" in markdown(app)
    app = fine(app.button(key="arithmetic.score").click().run())
    assert "no true answer" in "\n".join(c.value for c in app.caption) and any("person" in h.proto.body for h in app.get("html"))
    app = fine(app.button_group(key="arithmetic.samples").set_value("clear").run())
    assert "protocol" not in address(app) and not app.error, app.error[0].value
    clear = sample_parts(model, CODES.get(gan.id), parse("man + woman", WORDS), 3, "clear")
    np.testing.assert_array_equal(cell(told(app, "board"), board["terms"][0]["cells"][0]), clear.x[0][0])
    app = fine(app.button_group(key="arithmetic.of").set_value("other").run())   # a draw of its own, beside the seed of the sum
    assert not app.error, app.error[0].value
    assert app.number_input(key="arithmetic.draw").value == 0 and app.number_input(key="arithmetic.seed").value == 3


def test_without_words_for_its_samples_any_nine_are_added_and_that_is_said(lab):
    app = opened("explore/arithmetic.py", run=tiny_run("gan", epochs=1).id)
    assert [t["words"] for t in told(app, "board")["terms"]] == ["A", "B", "C"] and "nobody reads attributes" in app.error[0].value
    assert any("Nothing can be said" in c.value for c in app.caption)


def test_codes_beyond_all_bounds_are_said(lab):
    copy = Run(lab[1].path.parent / "broken")
    shutil.copytree(lab[1].path, copy.path, ignore=shutil.ignore_patterns("state.safetensors"))
    path = copy.weights_path(copy.snapshots()[-1])
    weights = load_weights(path)
    weights["to_mu.bias"][:2] = 1e6
    save_weights(path, weights)
    assert any("a number beyond 1000" in e.value for e in opened("explore/arithmetic.py", run=copy.id).error)
    shutil.rmtree(copy.path)


def test_a_run_on_images_without_attributes_adds_by_number(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    folder = tmp_path / "mine"
    folder.mkdir()
    for i in range(120):
        (folder / f"{i}.png").write_bytes(picture(seed=i, width=20, height=20))
    run = create_run(TrainPlan(model="vae", data=DataSpec(name="own", path=str(folder), size=16), settings={"latent_dim": 2, "width": 4}, epochs=1,
                               batch_size=16, threads=1))
    execute(run, pace=Pace(preview_s=1e9, state_s=1e9))
    app = opened("explore/arithmetic.py", run=run.id)
    assert "no attributes" in app.caption[0].value or any("no attributes" in c.value for c in app.caption)
    board = told(app, "board")
    assert board["answer"]["words"] == "A − B + C" and [t["words"] for t in board["terms"]] == ["A", "B", "C"]
    assert any("no attributes" in e.value for e in app.error), "nor directions"


def test_a_run_on_digits_adds_digits_and_needs_no_judge(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    app = opened("explore/arithmetic.py", run=tiny_run().id)
    assert not app.error and [t["words"] for t in told(app, "board")["terms"]] == ["0", "0", "1"] and told(app, "scrubber")["axes"]


def test_a_missing_judge_is_said_and_the_pictures_stay(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    app = opened("explore/arithmetic.py", run=tiny_faces().id)
    assert "judge train" in app.error[0].value and told(app, "board") and told(app, "scrubber")


# -- in a real browser ----------------------------------------------------------------------------------------------


@pytest.mark.browser
def test_it_is_typed_drawn_and_moved(lab, tab):
    """The board shows what was asked for, the picture follows the slider, and the link brings both back."""
    folder, _, ae = lab
    with running_server(folder) as url:
        visit(tab, f"{url}/arithmetic?run={ae.id}")
        expect(tab.get_by_role("heading", name="= woman, glasses")).to_be_visible(timeout=60_000)
        assert tab.locator(".board canvas").count() == 9 + 3 + 9 + 2
        tab.get_by_text("Hat", exact=True).first.click()
        expect(tab.get_by_role("heading", name="= man, hat")).to_be_visible()
        tab.get_by_role("textbox", name="A sum").fill("man + glases")
        tab.get_by_role("textbox", name="A sum").press("Enter")
        expect(tab.get_by_text("did you mean 'glasses'")).to_be_visible()
        tab.get_by_text("Glasses", exact=True).first.click()
        expect(tab.get_by_role("heading", name="= woman, glasses")).to_be_visible()
        slider = tab.get_by_role("slider", name="glasses", exact=True)
        slider.focus()
        slider.press("End")
        tab.wait_for_url("**by=**")
        tab.wait_for_selector(AT_REST)
        shown = tab.locator(".scrubber .stage canvas").evaluate("c => c.toDataURL()")
        visit(tab, tab.url)
        expect(tab.get_by_role("slider", name="glasses", exact=True)).to_have_attribute("aria-valuenow", "5.000", timeout=30_000)
        found = "[...document.querySelectorAll('*')].map(e => e.shadowRoot?.querySelector('.scrubber .stage canvas')).find(Boolean)"
        tab.wait_for_function(f"was => {found}?.toDataURL() === was", arg=shown)
        assert tab.locator("[data-testid=stException]").count() == 0
