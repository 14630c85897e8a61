"""Few pictures: one rule says what is looked at, and every page and command goes on with it."""

import json
from base64 import b64decode

import numpy as np
import pytest
from opened_page import fine, opened, told
from sample_pictures import picture
from tiny_runs import use_folders

from genlab.cli import main
from genlab.data import DataSpec
from genlab.data.opened import ENOUGH, read_images
from genlab.data.opened import opened as opened_data
from genlab.data.upload import store_upload
from genlab.errors import LabError
from genlab.latent.arithmetic import EACH, examples_of
from genlab.lens.codes import CODES
from genlab.maps import MapPlan, fit_map, map_step, read_map
from genlab.runs import Run, create_run, execute
from genlab.studies import StudyPlan, begin_study
from genlab.studies.carry import reproduce
from genlab.sums.worked import few_examples, matching_numbers
from genlab.training import Pace, TrainPlan

COUNTS = (1, 2, 3, 5, 14, 70)
PAGES = ("sliders", "interpolate", "arithmetic", "map")
SAID = "held out"


def sent(count: int, *, labelled: bool) -> str:
    """The id of so many pictures; labelled ones are of men and women, a quarter of them men with glasses."""
    files = [(f"{i}.png", picture(seed=i, width=16, height=16)) for i in range(count)]
    rows = [f"{i}.png,{i % 2},{int(i % 4 in (1, 2))}" for i in range(count)]
    table = [("attributes.csv", "\n".join(["file,man,glasses", *rows]).encode())] if labelled else []
    return store_upload([*files, *table], "Few")


def trained(model: str, upload: str, **data: object) -> Run:
    run = create_run(TrainPlan(model=model, data=DataSpec(name="own", path=upload, size=16, channels=3, **data), epochs=1, batch_size=16, threads=1,
                               settings={"latent_dim": 3, "width": 4}))
    execute(run, pace=Pace(preview_s=1e9, state_s=1e9))
    return run


@pytest.fixture(scope="module", autouse=True)
def root(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        root = tmp_path_factory.mktemp("few")
        use_folders(patch, root)
        patch.setenv("GENLAB_CACHE", str(root / "data"))
        yield root


@pytest.fixture(scope="module")
def runs(root):
    """Runs by model, number of pictures and whether they are labelled, each trained when it is asked for first."""
    made = {}

    def run(model: str, count: int, labelled: bool = False) -> Run:
        key = model, count, labelled
        if key not in made:
            made[key] = trained(model, sent(count, labelled=labelled))
        return made[key]

    return run


def few(spec: DataSpec):
    return opened_data(spec, read_images(spec))


def captions(app) -> str:
    return " ".join(c.value for c in app.caption)


# -- the rule ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", COUNTS)
def test_all_few_pictures_are_seen_held_out_ones_first_each_once(root, count):
    images = few(DataSpec(name="own", path=sent(count, labelled=False), size=16))
    held, seen = images.at["test"], images.at["seen"]
    assert sorted(seen) == list(range(count)) and list(seen[: len(held)]) == list(held) and images.is_few
    assert images.few_words == ("This run has one image: the model was trained on it, and nothing is held out." if count == 1 else
                                "Only image 0 is held out, so the image trained on is shown, too: image 1." if count == 2 else
                                f"Only {'image 0 is' if len(held) == 1 else f'images 0 to {len(held) - 1} are'} held out, "
                                f"so the images trained on are shown, too: images {len(held)} to {count - 1}.")


def test_where_enough_are_held_out_nothing_changes():
    for spec in (DataSpec(name="digits"), DataSpec(name="digits", n=1), DataSpec(name="faces", n=14, size=16)):
        images = few(spec)
        assert len(images.at["test"]) >= ENOUGH and list(images.at["seen"]) == list(images.at["test"])
        assert not images.few_words and images.seen_words == "held-out images"


def test_measures_take_held_out_pictures_alone(runs):
    from genlab.measures.material import Material
    assert len(Material(runs("vae", 14), 100, 0).held_out) == 1


# -- pages ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "count", "labelled"), [
    ("vae", 1, False), ("vae", 2, True), ("autoencoder", 3, True), ("autoencoder", 5, False), ("vae", 14, True), ("vae", 70, True),
    ("gan", 1, False), ("gan", 14, True)])
def test_every_page_opens_with_any_number_of_pictures(runs, monkeypatch, model, count, labelled):
    monkeypatch.setenv("GENLAB_SCHEDULER", "tcp://127.0.0.1:9")
    run = runs(model, count, labelled)
    fit_map(run.id, map_step(run), MapPlan(n=100 if model == "gan" else 2000, method="pca").model_dump())
    for page in PAGES:
        app = opened(f"explore/{page}.py", run=run.id, method="pca", **({"n": 100} if model == "gan" else {}))
        allowed = {"arithmetic": ("no attributes", "nobody reads", "are needed", "is needed")}.get(page, ())
        assert not [e.value for e in app.error if not any(words in e.value for words in allowed)], page
        if model != "gan" and page != "map":
            assert SAID in captions(app), page
    for page in ("train/train.py", "train/runs.py", *(["game/gan.py"] if model == "gan" else [])):
        assert not opened(page, run=run.id).error, page


@pytest.mark.parametrize(("count", "start"), [(1, "image"), (1, "seed"), (1, "mean"), (2, "own"), (1, "draw"), (14, "image")])
def test_sliders_set_out_from_anything(runs, count, start):
    run = runs("vae", count)
    app = opened("explore/sliders.py", run=run.id, from_=f"{start}:0", axes="random")
    assert not app.error and all("at" in axis or np.frombuffer(b64decode(axis["row"]), "<f4").any() for axis in told(app, "scrubber")["axes"])


@pytest.mark.parametrize(("count", "source"), [(1, "data"), (2, "numbers"), (5, "data"), (14, "own"), (70, "numbers")])
def test_unlabelled_pictures_can_be_added_whatever_their_number(runs, count, source):
    app = opened("explore/arithmetic.py", run=runs("vae", count).id, with_=source)
    board = told(app, "board")
    assert [t["words"] for t in board["terms"]] == ["A", "B", "C"] and all("no attributes" in e.value for e in app.error)
    if source != "own" and count < 9:
        assert "several parts" in captions(app) and ("of the 3 examples" in captions(app)) == (count < EACH)


def test_training_pictures_serve_where_held_out_ones_are_too_few_for_a_sum(runs):
    app = opened("explore/arithmetic.py", run=runs("vae", 80, True).id, sum="man with glasses - man + woman", with_="data")
    assert not app.error and "images 8 to 79" in captions(app) and told(app, "board")["terms"]


@pytest.mark.parametrize("via", ["image:0,image:13", ""])
def test_a_path_leads_through_training_pictures(runs, via):
    app = opened("explore/interpolate.py", run=runs("vae", 14).id, **({"via": via} if via else {}))
    stops = told(app, "stops")
    assert not app.error and stops["count"] == 14 and stops["names"] == (via.split(",") if via else ["image:0", "image:1", "image:2"])


def test_a_path_of_a_single_picture_goes_on_to_draws(runs):
    assert told(opened("explore/interpolate.py", run=runs("vae", 1).id), "stops")["names"] == ["image:0", "seed:0", "seed:1"]


@pytest.fixture(scope="module")
def study(root):
    data = DataSpec(name="own", path=sent(14, labelled=False), size=16)
    return reproduce(begin_study(StudyPlan(kind="ae-vs-vae", data=data, sizes=(13,), epochs=1, seeds=1, latent_dim=3, width=4, threads=1)))


@pytest.mark.parametrize("count", [1, 5])
def test_two_models_of_few_pictures_stand_beside_each_other(runs, study, count):
    vae, other = runs("vae", count), runs("autoencoder", count)
    app = opened("compare/ae_vae.py", study=study.id, pair=f"{vae.id}~{other.id}")
    charts = 0
    for tab in ("The same z", "Any epoch", "The same path", "Codes and the prior", "Holes"):
        app.session_state["ae_vae.tab"] = tab
        fine(app.run())
        assert not app.error or (count, tab) == (1, "Holes") and "1 codes" in app.error[0].value, (tab, app.error[0].value)
        assert tab != "The same path" or SAID in captions(app)
        charts = max(charts, len(app.get("plotly_chart")))
    assert charts >= 4


def test_points_of_a_map_are_named_as_other_pages_know_them(runs):
    from genlab.ui.maps.mapselect import numbered_count
    run = runs("vae", 14)
    name = fit_map(run.id, map_step(run), MapPlan(method="pca").model_dump())
    found, images = read_map(run.id, name), few(run.plan.data)
    assert numbered_count(run, found) == found.images == 14
    part, at = found.places[9]
    assert images.at[part][at] == images.at["seen"][9]


# -- sums -------------------------------------------------------------------------------------------------------------


def test_examples_are_found_where_the_first_draw_takes_them_from_others():
    fits = [list(range(6)), [0, 1, 2], [3, 4, 5, 6, 7, 8, 9]]   # B is in A: whoever draws for A first may leave none
    for seed in range(30):
        a, b, c = examples_of(fits, seed)
        assert len({*a, *b, *c}) == 9 and b == [0, 1, 2] and set(a) <= {3, 4, 5} and not set(a) & set(c)


def test_examples_that_no_one_can_have_alone_are_refused_or_shared():
    with pytest.raises(LabError, match="3, 3, 3 images fit"):
        examples_of([[0, 1, 2]] * 3, 0)
    assert examples_of([[0, 1, 2]] * 3, 0, can_share=True) == ([0, 1, 2],) * 3
    assert examples_of([[0], [0, 1], [2, 3, 4, 5]], 0, can_share=True)[:2] == ([0], [0, 1])
    assert "Image 0 stands" in few_examples(([0], [0, 1], [2, 3, 4])) and "A has 1, B has 2" in few_examples(([0], [0, 1], [2, 3, 4]))
    assert few_examples(([0, 1, 2], [3, 4, 5], [6, 7, 8])) == ""


# -- the command line -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", COUNTS)
def test_commands_go_through_with_any_number_of_pictures(runs, root, capsys, count):
    run, out = runs("vae", count, True), root / "out.gif"
    (root / "new.png").write_bytes(picture(seed=99))
    words = [["traverse", run.id, "--image", str(count - 1), "--axis", "0", "--steps", "2", "--out", str(out)],
             ["interpolate", run.id, "--images", f"0,{count - 1}", "--frames", "2", "--out", str(out)],
             ["map", run.id, "--method", "pca"], ["invert", run.id, str(root / "new.png"), "--out", str(root / "found.png")]]
    if count > 1:
        words += [["traverse", run.id, "--image", "0", "--axis", axis, "--steps", "2", "--out", str(out)] for axis in ("pc1", "glasses")]
        words += [["evaluate", run.id, "--n", "100"]]
    if count >= 14:   # with fewer points there is no map without draws
        words += [["map", run.id, "--method", "tsne", "--prior", "0", "--neighbours", "30"]]
    for line in words:
        assert main([*line, "--json"]) == 0, (line, capsys.readouterr().err)
        result = json.loads(capsys.readouterr().out)
        assert SAID in result["few"] if line[0] in ("traverse", "interpolate") else True


@pytest.mark.parametrize(("count", "words", "said"), [
    (1, ["traverse", "--image", "0", "--axis", "pc1", "--out", "x.gif"], "one image have no components"),
    (2, ["interpolate", "--images", "0,2", "--out", "x.gif"], "image 2 is not there; it has 0 to 1"),
    (2, ["map", "--prior", "0"], "2 of the 5 points"), (1, ["evaluate"], "its one image is both trained on and held out"),
    (14, ["evaluate", "--measures", "unevenness"], "1 image is held out; this measure needs 2"),
])
def test_what_few_pictures_do_not_allow_is_a_sentence(runs, capsys, monkeypatch, root, count, words, said):
    monkeypatch.chdir(root)
    assert main([words[0], runs("vae", count).id, *words[1:]]) == 2 and said in capsys.readouterr().err


def test_a_study_of_few_pictures_is_measured(study):
    results = [result for _, result in study.results()]
    assert len(results) == 2 and all("1 image is held out" in result["left_out"]["unevenness"] for result in results)


def test_labelled_codes_and_their_sums_follow_the_rule(runs):
    from genlab.sums.expression import parse
    from genlab.sums.vocabulary import Vocabulary
    codes = CODES.get(runs("vae", 80, True).id)
    assert len(codes.mu) == 80 and codes.images == "images"
    numbers = matching_numbers(codes, parse("man with glasses - man + woman", Vocabulary(codes.info)), 0)
    assert all(len(part) == EACH for part in numbers) and max(map(max, numbers)) > 7 and len({i for part in numbers for i in part}) == 9
