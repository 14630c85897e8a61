"""Pictures that are not square: cut, padded or stretched as the data's spec says, from a folder, an upload, the command line and the form."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sample_pictures import drawn, saved
from streamlit.testing.v1 import AppTest
from test_cli import call
from tiny_runs import use_folders

from genlab.cli.invert import read_image
from genlab.data import DataSpec, load_dataset, resolve
from genlab.data.resize import FITS, fit
from genlab.data.upload import RECORD, open_upload, store_upload, uploads_dir
from genlab.errors import DataError
from genlab.lens.images import ImageCache
from genlab.lens.models import MODELS
from genlab.runs import create_run, execute, find_run, list_runs
from genlab.studies.folder import begin_study
from genlab.studies.plan import StudyPlan
from genlab.studies.report import command
from genlab.training import TrainPlan
from genlab.ui.data.datalink import spec_from, spec_query
from genlab.ui.data.datapick import first_images

EDGE, HAIR, BODY = (200, 30, 40), (90, 60, 20), (20, 120, 220)
PAGES = Path(__file__).resolve().parent.parent / "pages"


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))


def person(width=40, height=80):
    """A figure on a plain ground that fills the picture up to a border of 4: hair on top, the body below."""
    x = np.full((height, width, 3), EDGE, np.uint8)
    x[4:-4, 4:-4] = BODY
    x[4:-4, 4:-4][: height // 5] = HAIR
    return Image.fromarray(x)


def near(pixel, colour):
    return np.abs(np.asarray(pixel).astype(int) - colour).max() <= 3


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "people").mkdir()
    for i in range(4):
        (tmp_path / "people" / f"{i}.png").write_bytes(saved(person()))
    return tmp_path / "people"


def test_crop_cuts_to_the_middle_as_ever():
    middle = drawn(90, 60).resize((16, 16), Image.Resampling.LANCZOS, box=(15, 0, 75, 60))
    assert np.array_equal(fit(drawn(90, 60), 16, 3), np.asarray(middle).transpose(2, 0, 1))


@pytest.mark.parametrize("shape", [(40, 80), (80, 40), (37, 80), (16, 300), (300, 9)])
@pytest.mark.parametrize("channels", [1, 3])
def test_padding_keeps_all_of_a_picture_and_continues_its_border(shape, channels):
    x = fit(person(*shape), 32, channels, "pad")
    small = [max(1, round(32 * side / max(shape))) for side in shape]
    left, top = (32 - small[0]) // 2, (32 - small[1]) // 2
    beside = np.ones((32, 32), bool)
    beside[top : top + small[1], left : left + small[0]] = False
    edge = np.array(EDGE) if channels == 3 else np.asarray(Image.new("RGB", (1, 1), EDGE).convert("L"))[0]
    assert beside.any() and (x[:, beside] == edge[:, None]).all()
    image = person(*shape).convert("L" if channels == 1 else "RGB").resize(small, Image.Resampling.LANCZOS if max(shape) >= 32 else 3)
    assert np.array_equal(x[:, ~beside], np.asarray(image).reshape(-1, channels).T)


def test_stretching_keeps_all_of_a_picture_and_nothing_else():
    x = fit(person(), 40, 3, "stretch")
    assert near(x[:, 6, 20], HAIR) and near(x[:, 30, 20], BODY) and near(x[:, 20, 0], EDGE)
    assert np.array_equal(x, fit(person().resize((40, 40), Image.Resampling.LANCZOS), 40, 3))


@pytest.mark.parametrize("size", [16, 40, 64])
def test_a_square_picture_comes_out_alike_whatever_is_chosen(size):
    assert len({fit(drawn(), size, 3, how).tobytes() for how in FITS}) == 1


def test_pixels_beside_a_picture_of_many_colours_are_of_its_border_and_not_of_its_middle():
    x = np.full((30, 60, 3), 255, np.uint8)
    x[0], x[-1], x[:, 0], x[:, -1] = 10, 10, 10, 10
    assert (fit(Image.fromarray(x), 60, 3, "pad")[:, 0] == 10).all()


@pytest.mark.parametrize("how", FITS)
def test_a_folder_and_an_upload_are_made_square_alike(folder, how):
    upload = store_upload([(f"{i}.png", saved(person(40 + i, 80))) for i in range(4)] + [("square.png", saved(drawn()))], "people")
    for i in range(4):
        (folder / f"{i}.png").write_bytes(saved(person(40 + i, 80)))
    (folder / "square.png").write_bytes(saved(drawn()))
    taken = [load_dataset(DataSpec(name="own", path=path, size=24, fit=how))[0].x.astype(int) for path in (str(folder), upload)]
    assert np.abs(taken[0] - taken[1]).mean() < 4   # the upload was made small once before


@pytest.mark.parametrize(("how", "top"), [("crop", BODY), ("pad", EDGE), ("stretch", EDGE)])
def test_the_spec_decides_what_is_seen_at_the_top_of_a_figure(folder, how, top):
    for path in (str(folder), store_upload([(f"{i}.png", saved(person())) for i in range(4)], "people")):
        x = load_dataset(DataSpec(name="own", path=path, size=40, fit=how))[0].x[0]
        assert near(x[:, 0, 20], top) and near(x[:, 0, 0], EDGE)


def test_an_upload_of_square_pictures_keeps_them_once():
    square, high = store_upload([("a.png", saved(drawn()))], "x"), store_upload([("a.png", saved(person()))], "x")
    assert not (uploads_dir() / square / "whole.npy").exists() and (uploads_dir() / high / "whole.npy").exists()
    assert len({load_dataset(DataSpec(name="own", path=square, size=40, fit=how))[0].x.tobytes() for how in FITS}) == 1


def test_an_upload_of_an_older_version_opens_and_says_what_it_lacks():
    upload = store_upload([(f"{i}.png", saved(person())) for i in range(3)], "people")
    record = uploads_dir() / upload / RECORD
    kept = json.loads(record.read_text())
    del kept["shapes"]
    record.write_text(json.dumps(kept))
    (uploads_dir() / upload / "whole.npy").unlink()
    middles = load_dataset(DataSpec(name="own", path=upload, size=40))[0].x
    assert np.array_equal(middles[0], open_upload(upload)[1][0])
    with pytest.raises(DataError, match="cut to their middle when they were sent.*choose crop, or send them again"):
        load_dataset(DataSpec(name="own", path=upload, fit="pad"))


def test_whole_pictures_that_are_damaged_are_told():
    upload = store_upload([(f"{i}.png", saved(person())) for i in range(3)], "people")
    (uploads_dir() / upload / "whole.npy").write_bytes(b"\0" * 40)
    with pytest.raises(DataError, match="is damaged"):
        load_dataset(DataSpec(name="own", path=upload, fit="stretch"))


# -- the choice as part of the spec -----------------------------------------------------------------------------------


def test_specs_without_the_choice_load_and_are_written_as_before():
    old = '{"name":"own","size":64,"channels":3,"n":null,"seed":0,"test_share":0.1,"path":"people","correlations":[]}'
    spec = DataSpec.model_validate_json(old)
    assert spec.fit == "crop" and spec.model_dump_json() == old
    assert json.loads(DataSpec(name="own", path="people", fit="pad").model_dump_json())["fit"] == "pad"


def test_the_choice_makes_other_images_and_is_none_for_square_ones(folder):
    spec = DataSpec(name="own", path=str(folder), size=16)
    padded = spec.model_copy(update={"fit": "pad"})
    assert not spec.shows_like(padded) and resolve(padded).fit == "pad" and resolve(DataSpec(name="celeba", fit="pad")).fit == "pad"
    assert resolve(DataSpec(name="digits", fit="pad")) == resolve(DataSpec(name="digits"))
    cache = ImageCache()
    assert not np.array_equal(cache.take(spec, "train", [0]).x, cache.take(padded, "train", [0]).x)
    assert not np.array_equal(first_images(resolve(spec).model_dump_json()), first_images(resolve(padded).model_dump_json()))


@pytest.mark.parametrize("how", FITS)
def test_a_link_holds_the_choice(how):
    spec = resolve(DataSpec(name="own", path="0123456789abcdef", fit=how))
    query = {name: str(value) for name, value in spec_query(spec).items()}
    assert query.get("fit") == (None if how == "crop" else how) and resolve(spec_from(query)) == spec


def test_a_choice_that_is_none_is_told():
    with pytest.raises(Exception, match="'crop', 'pad' or 'stretch'"):
        spec_from({"images": "own", "fit": "squash"})


# -- from the command line and the form -------------------------------------------------------------------------------


TINY = ("--data-size", "16", "--epochs", "1", "--batch-size", "4", "--set", "latent_dim=2", "--set", "width=4", "--quiet")


def test_the_command_line_trains_on_padded_pictures_and_makes_others_alike(folder, capsys, tmp_path):
    code, made = call(capsys, "train", "--dataset", str(folder), "--data-fit", "pad", *TINY)
    run = find_run(made["run"])
    assert code == 0 and run.plan.data.fit == "pad"
    assert json.loads((run.path / "config.json").read_text())["plan"]["data"]["fit"] == "pad"
    assert near(load_dataset(run.plan.data)[0].x[0][:, 8, 0], EDGE)
    own = read_image(folder / "0.png", MODELS.get(run.id, exact=True))
    assert np.array_equal(own, fit(person(), 16, 3, "pad"))


def test_a_study_says_how_its_pictures_were_made_square(folder):
    plan = StudyPlan(kind="dataset-size", data=DataSpec(name="own", path=str(folder), fit="stretch"), sizes=(1,))
    assert command(begin_study(plan)).endswith(f"--data-path {folder} --data-fit stretch")


def test_the_form_asks_where_pictures_may_not_be_square_and_trains_on_what_it_shows(nobody_trains):
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60).run()
    app.switch_page("train/train.py").run()
    assert "train.data.fit" not in {group.key for group in app.segmented_control}
    app.selectbox(key="train.data.name").set_value("own").run()
    for i in range(4):
        app.file_uploader(key="train.data.files").upload(f"{i}.png", saved(person(40 + i)), "image/png")
    app.run()
    before = strip(app)
    app.segmented_control(key="train.data.fit").set_value("pad").run()
    assert not app.exception and strip(app) != before
    app.button(key="train.start").click().run()
    assert list_runs()[0].plan.data.fit == "pad"


def strip(app):
    """The picture with which the page shows what was chosen."""
    return [image.proto.imgs[0].url for image in app.get("image")][-1]


def test_a_run_that_is_taken_over_brings_its_choice(folder, nobody_trains):
    run = create_run(TrainPlan(model="vae", data=DataSpec(name="own", path=store_upload([(f"{i}.png", saved(person())) for i in range(4)], "x"),
                                                          size=16, fit="stretch"), settings={"latent_dim": 2, "width": 4}, epochs=1, threads=1))
    execute(run)
    app = AppTest.from_file(str(PAGES / "main.py"), default_timeout=60).run()
    app.switch_page("train/train.py")
    app.query_params["like"] = run.id
    app.run()
    assert app.segmented_control(key="train.data.fit").value == "stretch" and not app.exception


def test_exif_turns_a_picture_before_it_is_padded(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6   # lies on its side
    out = io.BytesIO()
    person(80, 40).save(out, "PNG", exif=exif)
    (tmp_path / "a.png").write_bytes(out.getvalue())
    x = load_dataset(DataSpec(name="own", path=store_upload([("a.png", out.getvalue())], "x"), size=32, fit="pad"))[0].x[0]
    assert near(x[:, 16, 2], EDGE) and near(x[:, 28, 16], BODY)
