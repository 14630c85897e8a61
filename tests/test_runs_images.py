"""A run knows its images: what it was trained on is written down, and nothing goes on with others unless asked to, and then with the same."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from streamlit.testing.v1 import AppTest
from tiny_runs import tiny_plan, use_folders

from genlab.cli import main
from genlab.data import DATASETS, DataSpec, resolve
from genlab.data.opened import load_recorded
from genlab.data.record import DataChanged, read_record
from genlab.errors import DataError, RunError
from genlab.lens.codes import CodesCache
from genlab.lens.images import ImageCache
from genlab.maps.make import make_map
from genlab.maps.plan import MapPlan
from genlab.maps.store import map_key
from genlab.measures.material import Material
from genlab.runs import Run, create_run, execute, find_run, fork, lengthen, list_runs
from genlab.runs.images import go_on_with_same
from genlab.runs.transfer import export_zip, import_zip
from genlab.runs.weights import load_state
from genlab.studies import StudyPlan, begin_study
from genlab.studies.carry import run_of
from genlab.training import Pace

QUIET = Pace(preview_s=1e9, state_s=1e9)
NAMES = [f"{letter}.png" for letter in "abcdefghi"]


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def paint(path, seed):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(seed).integers(0, 255, (16, 16), np.uint8)).save(path)


@pytest.fixture
def folder(places):
    for seed, name in enumerate(NAMES):
        paint(places / "pics" / name, seed)
    return places / "pics"


def own(folder, **changes) -> DataSpec:
    return DataSpec(name="own", path=str(folder), size=16, channels=1, test_share=0.3, **changes)


def trained(folder, **changes) -> Run:
    run = create_run(tiny_plan(**{"data": own(folder), "epochs": 2, "batch_size": 3, **changes}))
    execute(run, pace=QUIET)
    return run


def names(run: Run) -> dict[str, tuple[str, ...]]:
    record = read_record(run.path / "data.json", (run.path / "data.json").read_bytes())
    return {"train": record.train.names, "test": record.test.names}


CHANGES = {
    "one more": (lambda folder: paint(folder / "j.png", 99), "1 is new (j.png)", 9),
    "one more in front": (lambda folder: paint(folder / "0.png", 99), "1 is new (0.png)", 9),
    "one gone": (lambda folder: (folder / "c.png").unlink(), "1 is gone (c.png)", 8),
    "one for another": (lambda folder: ((folder / "c.png").unlink(), paint(folder / "z.png", 99)), "1 is gone (c.png); 1 is new (z.png)", 8),
    "one painted over": (lambda folder: paint(folder / "c.png", 99), "another picture (c.png)", 8),
    "two swapped": (lambda folder: swap(folder / "a.png", folder / "b.png"), "another picture", 9),
    "one renamed": (lambda folder: (folder / "a.png").rename(folder / "z.png"), "1 is gone (a.png); 1 is new (z.png)", 9),
}


def swap(a, b):
    x, y = a.read_bytes(), b.read_bytes()
    a.write_bytes(y)
    b.write_bytes(x)


def test_a_run_writes_down_what_it_is_trained_on(folder):
    run = trained(folder)
    record = json.loads((run.path / "data.json").read_text())
    assert record["count"] == 9 and len(record["digest"]) == 64 and record["is_pinned"] is False
    assert sorted([*record["train"]["names"], *record["test"]["names"]]) == NAMES and len(record["test"]["names"]) == 3
    before = (run.path / "data.json").read_bytes()
    lengthen(run, 3)
    assert execute(run, pace=QUIET).state == "finished" and (run.path / "data.json").read_bytes() == before


@pytest.mark.parametrize("how", CHANGES)
def test_a_run_does_not_go_on_with_other_images(folder, how, capsys):
    run = trained(folder)
    change, words, _ = CHANGES[how]
    change(folder)
    before = {p: p.read_bytes() for p in run.path.rglob("*") if p.is_file() and p.name != "events.jsonl"}
    state = {name: t.clone() for name, t in load_state(run).tensors.items()}
    if "another picture" not in words:   # what the listing tells is said before anything else is done
        assert main(["resume", run.id, "--epochs", "4", "--quiet"]) == 2
        said = capsys.readouterr().err
        assert words in said and f"same-images {run.id}" in said and "Traceback" not in said
        assert before == {p: p.read_bytes() for p in run.path.rglob("*") if p.is_file() and p.name != "events.jsonl"}
    with pytest.raises(DataChanged) as error:
        lengthen(run, 4)
        execute(run, pace=QUIET)
    assert words in str(error.value)
    assert all(torch.equal(t, load_state(run).tensors[name]) for name, t in state.items())


@pytest.mark.parametrize("how", CHANGES)
def test_asked_to_it_goes_on_with_what_is_the_same(folder, how, capsys):
    run = trained(folder)
    split, (change, _, left) = names(run), CHANGES[how]
    digests = dict(zip(NAMES, [(folder / n).read_bytes() for n in NAMES], strict=True))
    change(folder)
    assert main(["resume", run.id, "--same-images", "--epochs", "4", "--quiet"]) == 0
    assert sum(map(len, names(run).values())) == left and run.status.state == "finished"
    for part in ("train", "test"):   # nobody changed sides
        contents = {digests[name] for name in split[part]}
        assert {(folder / name).read_bytes() for name in names(run)[part]} <= contents
    assert main(["resume", run.id, "--epochs", "9", "--quiet"]) == 0   # and on, without being asked again
    paint(folder / "later.png", 7)
    assert main(["resume", run.id, "--epochs", "12", "--quiet"]) == 0   # what came later is passed over
    (folder / names(run)["train"][0]).unlink()
    assert main(["resume", run.id, "--epochs", "15", "--quiet"]) == 2
    assert "gone" in capsys.readouterr().err


def test_with_a_picture_more_the_same_ones_give_the_same_bits(folder):
    whole, cut = trained(folder, epochs=4), trained(folder)
    paint(folder / "0.png", 99)
    go_on_with_same(cut)
    lengthen(cut, 4)
    execute(cut, pace=QUIET)
    a, b = load_state(whole).tensors, load_state(cut).tensors
    assert all(torch.equal(t, b[name]) for name, t in a.items())


def test_where_nothing_is_the_same_it_does_not_go_on(folder):
    run = trained(folder)
    for i, name in enumerate(NAMES):
        paint(folder / name, 100 + i)
    with pytest.raises(DataError, match="none of the images it was trained on is there"):
        go_on_with_same(run)


# -- forks, pages, commands -----------------------------------------------------------------------------------------------


def test_a_fork_takes_its_parents_images_or_asks(folder, capsys):
    run = trained(folder)
    child = fork(run)
    assert names(child) == names(run)
    paint(folder / "0.png", 99)
    with pytest.raises(DataChanged, match="1 is new"):
        execute(child, pace=QUIET)
    count = len(list_runs())
    assert main(["fork", run.id, "--quiet"]) == 2 and len(list_runs()) == count
    assert main(["fork", run.id, "--same-images", "--epochs", "1", "--quiet", "--json"]) == 0
    made = find_run(json.loads(capsys.readouterr().out.splitlines()[-1])["run"])
    assert {part: set(n) for part, n in names(made).items()} == {part: set(n) for part, n in names(run).items()}
    with pytest.raises(DataChanged):   # the parent itself was not asked
        lengthen(run, 9)
    other = fork(run, changes={"data": own(folder, seed=3)})   # other images are asked for, and compared with nothing
    assert not (other.path / "data.json").exists() and execute(other, pace=QUIET).state == "finished"


LOOKS = {
    "codes": lambda run: CodesCache(images=ImageCache()).get(run.id),
    "thumbs": lambda run: ImageCache().take(run.plan.data, "test", [0, 1]),
    "training images": lambda run: ImageCache().take(run.plan.data, "train", [0, 1, 2, 3, 4, 5]),
    "measures": lambda run: [Material(run, 3, 0).held_out, Material(run, 3, 0).train],
    "a map": lambda run: make_map(run, run.snapshots()[-1], MapPlan(method="pca", n=50), "w"),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("how", ["one more in front", "one gone", "two swapped"])
def test_nobody_looks_at_other_images(folder, look, how):
    run = trained(folder)
    if how == "two swapped":   # what is not looked at is not read
        a, b = names(run)["train" if look == "training images" else "test"][:2]
        swap(folder / a, folder / b)
    else:
        CHANGES[how][0](folder)
    with pytest.raises(DataChanged):
        LOOKS[look](run)
    go_on_with_same(run)
    LOOKS[look](run)


def test_commands_that_open_codes_refuse_in_a_sentence_and_then_go_on(folder, places, capsys):
    run = trained(folder)
    paint(folder / "0.png", 99)
    commands = [["traverse", run.id, "--image", "0", "--axis", "pc1", "--out", str(places / "a.gif")],
                ["interpolate", run.id, "--images", "0,1", "--frames", "4", "--out", str(places / "b.gif")],
                ["evaluate", run.id, "--measures", "mse", "--n", "3"]]
    for words in commands:
        assert main(words) == 2
        assert "1 is new (0.png)" in capsys.readouterr().err
    assert main(["same-images", run.id]) == 0
    for words in commands:
        assert main(words) == 0


def test_codes_and_maps_of_before_are_not_taken_for_those_of_what_is_left(folder):
    run, cache = trained(folder), CodesCache(images=ImageCache())
    step, plan = run.snapshots()[-1], MapPlan(method="pca", n=50)
    before, key = cache.get(run.id), map_key(run, step, plan)
    (folder / names(run)["test"][0]).unlink()
    assert cache.get(run.id) is before   # it is at hand; what it shows is compared when it is shown
    go_on_with_same(run)
    after = cache.get(run.id)
    assert len(after.mu) == len(before.mu) - 1 and map_key(run, step, plan) != key
    np.testing.assert_allclose(after.mu, before.mu[1:], atol=1e-5)


def test_a_cache_that_read_a_folder_before_the_run_began_reads_it_again(folder):
    cache = ImageCache()
    cache.open(resolve(own(folder)))
    paint(folder / "0.png", 99)
    run = trained(folder)
    assert len(cache.take(run.plan.data, "test", [0, 1, 2])) == 3


PAGE = """
import streamlit as st
from genlab.runs import find_run
from genlab.lens.images import ImageCache
from genlab.ui.shell.page import errors_shown
run = find_run(st.query_params["run"])
for _ in range(2):
    with errors_shown():
        ImageCache().take(run.plan.data, "test", [0])
        st.markdown("shown")
"""


def test_a_page_says_so_and_goes_on_when_asked(folder):
    run = trained(folder)
    paint(folder / "0.png", 99)
    app = AppTest.from_string(PAGE, default_timeout=60)
    app.query_params["run"] = run.id
    app.run()
    assert not app.exception and "1 is new (0.png)" in app.error[0].value and not app.markdown
    app.button(key=f"same-images-{run.id}").click().run()
    assert not app.exception and not app.error and [m.value for m in app.markdown] == ["shown"] * 2
    assert [e["kind"] for e in run.events()].count("images") == 1


CONTROLS = """
import streamlit as st
from genlab.runs import find_run
from genlab.ui.train.controls import show_controls, show_fault
show_fault()
show_controls(find_run(st.query_params["run"]))
"""


@pytest.mark.usefixtures("nobody_trains")
def test_a_run_that_could_not_go_on_is_offered_the_same_images(folder):
    run = trained(folder)
    lengthen(run, 4)
    paint(folder / "0.png", 99)
    with pytest.raises(DataChanged):
        execute(run, pace=QUIET)
    app = AppTest.from_string(CONTROLS, default_timeout=60)
    app.query_params["run"] = run.id
    app.run()
    app.button(key="train.same").click().run()
    assert not app.exception and not app.error and run.status.state == "queued" and "train.same" not in [b.key for b in app.button]
    assert execute(run, pace=QUIET).state == "finished" and len(names(run)["train"]) == 6


def test_a_stranger_is_told_and_offered_nothing(folder):
    run = trained(folder)
    config = json.loads((run.path / "config.json").read_text())
    (run.path / "config.json").write_text(json.dumps({**config, "owner": "ann"}))
    paint(folder / "0.png", 99)
    app = AppTest.from_string(PAGE, default_timeout=60)
    app.query_params["run"] = run.id
    app.run()
    assert app.error and not app.button


def test_a_study_does_not_take_a_run_whose_images_are_others_now(folder):
    small = {"epochs": 2, "seeds": 1, "latent_dim": 3, "width": 4, "batch_size": 3, "threads": 1}
    study = begin_study(StudyPlan(kind="dataset-size", data=own(folder), sizes=(5,), **small))
    member = study.members()[0]
    run = create_run(member.plan)
    execute(run, pace=QUIET)
    paint(folder / "0.png", 99)
    assert run_of(study, member) is None
    (folder / "0.png").unlink()
    assert run_of(study, member) == run


# -- other datasets, older runs -------------------------------------------------------------------------------------------


def test_other_images_of_a_known_dataset_are_refused_too(monkeypatch):
    run = create_run(tiny_plan())
    execute(run, pace=QUIET)
    digits = DATASETS["digits"].load

    def others(spec, progress):
        images = digits(spec, progress)
        return type(images)(images.name, 255 - images.x, images.attributes, images.attribute_info)

    def more(spec, progress):
        images = digits(spec, progress)
        return images.take(np.arange(len(images) - 10))

    for load, words in ((others, "another picture"), (more, "there were 1797, and there are 1787")):
        monkeypatch.setitem(DATASETS, "digits", type(DATASETS["digits"])(**{**vars(DATASETS["digits"]), "load": load}))
        with pytest.raises(DataChanged, match=words):
            ImageCache().take(run.plan.data, "test", [0])
        with pytest.raises(DataChanged, match=words):
            load_recorded(run.plan.data, lambda share, what: None)
    go_on_with_same(run)   # of those without the last ten
    assert 0 < len(ImageCache().open(run.plan.data).at["test"]) <= 180


def test_drawn_images_are_compared_as_well(monkeypatch):
    run = create_run(tiny_plan(data=DataSpec(name="faces", size=16, n=32), epochs=1))
    execute(run, pace=QUIET)
    assert json.loads((run.path / "data.json").read_text())["count"] is None
    ImageCache().take(run.plan.data, "train", [0, 31])
    stream = DATASETS["faces"].stream

    def otherwise(spec, first, count):
        images = stream(spec, first, count)
        return type(images)(images.name, 255 - images.x, images.attributes, images.attribute_info)

    monkeypatch.setitem(DATASETS, "faces", type(DATASETS["faces"])(**{**vars(DATASETS["faces"]), "stream": otherwise}))
    with pytest.raises(DataChanged, match="another picture"):
        ImageCache().take(run.plan.data, "test", [0])
    with pytest.raises(DataError, match="drawn otherwise in this version"):
        go_on_with_same(run)


def test_a_run_of_an_older_version_opens_and_goes_on_and_is_known_from_then_on(folder):
    run = trained(folder)
    (run.path / "data.json").unlink()
    assert len(ImageCache().take(run.plan.data, "test", [0])) == 1
    with pytest.raises(DataError, match="nobody wrote down"):
        go_on_with_same(run)
    lengthen(run, 3)
    assert execute(run, pace=QUIET).state == "finished" and (run.path / "data.json").exists()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": 1}', "null"])
def test_a_damaged_record_is_said(folder, content):
    run = trained(folder)
    (run.path / "data.json").write_text(content)
    with pytest.raises(DataError, match=r"data\.json"):
        ImageCache().open(run.plan.data)
    with pytest.raises(RunError, match=r"data\.json"):
        import_zip(export_zip(run))


def test_the_record_travels_with_a_run_and_no_plan_is_another_for_it(folder):
    run = trained(folder)
    copy = import_zip(export_zip(run, with_state=True))
    assert (copy.path / "data.json").read_bytes() == (run.path / "data.json").read_bytes()
    assert run.plan.data == resolve(own(folder)) and hash(run.plan.data) == hash(resolve(own(folder)))
    assert "data.json" not in run.plan.model_dump_json() + (run.path / "config.json").read_text()


# -- where images are -----------------------------------------------------------------------------------------------------


def test_a_folder_is_found_from_anywhere(folder, places, monkeypatch, capsys):
    words = ["--data-size", "16", "--data-channels", "1", "--epochs", "1", "--set", "width=4", "--quiet", "--json"]
    assert main(["train", "--dataset", "pics", *words]) == 0
    run = find_run(json.loads(capsys.readouterr().out)["run"])
    other = create_run(tiny_plan(data=DataSpec(name="own", path="./pics", size=16, channels=1)))
    assert run.plan.data.path == other.plan.data.path == str(folder)
    (places / "elsewhere").mkdir()
    monkeypatch.chdir(places / "elsewhere")
    assert main(["resume", run.id, "--epochs", "2", "--quiet"]) == 0
    study = begin_study(StudyPlan(kind="dataset-size", data=own("../pics/../pics"), sizes=(5,), seeds=1))
    assert study.plan.data.path.startswith("/")


@pytest.mark.parametrize(("word", "is_folder", "said"), [
    ("digits", False, "is the dataset; write ./digits for the folder"), ("./digits", True, ""), ("digits/", True, ""), ("pics", True, "")])
def test_a_dataset_goes_before_a_folder_of_its_name_and_says_so(folder, places, word, is_folder, said, capsys):
    shutil.copytree(folder, places / "digits")
    words = ["train", "--dataset", word, "--data-size", "16", "--data-channels", "1", "--max-steps", "1", "--set", "width=4", "--quiet", "--json"]
    assert main(words) == 0
    out, err = capsys.readouterr()
    data = find_run(json.loads(out)["run"]).plan.data
    assert (data.name == "own") == is_folder and (said in err if said else err == "")
    assert not is_folder or data.path == str(places / word.strip("./"))


def test_a_folder_that_is_not_there_is_no_dataset(capsys):
    for word in ("./nothing", "some/where", "~/nothing-here"):
        assert main(["train", "--dataset", word]) == 2
        assert "there is no such folder" in capsys.readouterr().err
