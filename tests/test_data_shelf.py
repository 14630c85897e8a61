"""Uploads are things that one sees, names, uses again and deletes, on pages and on the command line."""

import json
import time

import pytest
from opened_page import MAIN, address, fine, opened
from sample_pictures import picture
from streamlit.testing.v1 import AppTest
from tiny_runs import use_folders

from genlab.cli import main
from genlab.data import DataSpec, shelf
from genlab.data.shelf import KEPT_S, LABEL, bring_back, discard, discarded, keep, rename
from genlab.data.upload import TRASH, read_upload, store_upload, uploads_dir
from genlab.errors import DataError
from genlab.runs import create_run
from genlab.runs.clearing import clear_away
from genlab.training import TrainPlan

PHOTOS = [(f"{i}.png", picture(seed=i)) for i in range(3)]
ANN, BOB = "a" * 16, "b" * 16
pytestmark = pytest.mark.usefixtures("nobody_trains")


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    use_folders(monkeypatch, tmp_path)
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "data"))
    return tmp_path


def sent(owner: str = ANN, title: str = "Cats") -> str:
    upload_id = store_upload(PHOTOS, title)
    keep(upload_id, owner)
    return upload_id


def ids(owner: str | None = None) -> list[str]:
    return [item.id for item in shelf.shelf(owner)]


def queued(upload_id: str):
    return create_run(TrainPlan(data=DataSpec(name="own", path=upload_id, size=16)), title="My cats")


# -- the shelf --------------------------------------------------------------------------------------------------------


def test_each_visitor_sees_own_uploads_the_newest_first():
    first, second, other = sent(title="1"), sent(title="2"), sent(BOB, "3")
    legacy = store_upload(PHOTOS, "before there were labels")
    assert ids(ANN) == [second, first] and ids(BOB) == [other] and set(ids()) == {first, second, other, legacy}


def test_a_name_stays_apart_from_the_id():
    upload_id = sent()
    assert rename(upload_id, "  My   cats ", ANN) == "My cats" and shelf.shelf(ANN)[0].title == "My cats"
    assert store_upload(PHOTOS, "Cats") == upload_id and read_upload(upload_id).title == "Cats"
    for title in ("", " ", "x" * 81):
        with pytest.raises(DataError, match="1 to 80"):
            rename(upload_id, title, ANN)


def test_a_deletion_can_be_undone():
    upload_id = sent()
    before = {path.name: path.read_bytes() for path in (uploads_dir() / upload_id).iterdir() if path.name != LABEL}
    assert discard(upload_id, ANN) and not ids() and [item.id for item in discarded(ANN)] == [upload_id] and not discarded(BOB)
    with pytest.raises(DataError, match="was deleted; whoever sent it"):
        read_upload(upload_id)
    with pytest.raises(DataError, match="not among those deleted"):
        bring_back(upload_id, BOB)
    bring_back(upload_id, ANN)
    assert ids(ANN) == [upload_id] and not discarded(ANN)
    assert before == {path.name: path.read_bytes() for path in (uploads_dir() / upload_id).iterdir() if path.name != LABEL}


def test_nobody_else_names_or_deletes_an_upload():
    upload_id, nobodys = sent(), store_upload(PHOTOS, "old")
    for change in (lambda i: rename(i, "Mine", BOB), lambda i: discard(i, BOB)):
        for i in (upload_id, nobodys):
            with pytest.raises(DataError, match="somebody else's"):
                change(i)
    assert set(ids()) == {upload_id, nobodys}


def test_what_two_people_sent_stays_until_both_deleted_it():
    upload_id = sent(ANN)
    assert sent(BOB) == upload_id and not discard(upload_id, ANN) and ids(BOB) == [upload_id] and not ids(ANN)
    assert read_upload(upload_id) and discard(upload_id, BOB) and not ids()


def test_deleted_uploads_leave_the_disk_by_the_time_of_their_deletion(monkeypatch):
    old, new = sent(title="old"), sent(title="new")
    discard(old, ANN)
    now = time.time()
    monkeypatch.setattr(shelf.time, "time", lambda: now + KEPT_S - 60)
    discard(new, ANN)
    assert {item.id for item in discarded(ANN)} == {old, new}
    monkeypatch.setattr(shelf.time, "time", lambda: now + KEPT_S + 60)
    assert [item.id for item in discarded(ANN)] == [new] and not (uploads_dir() / TRASH / old).exists()


def test_a_deleted_upload_leaves_the_disk_though_nobody_looks(monkeypatch):
    old, now = sent(title="old"), time.time()
    discard(old, ANN)
    clear_away()
    assert (uploads_dir() / TRASH / old).exists()
    monkeypatch.setattr(shelf.time, "time", lambda: now + KEPT_S + 60)
    clear_away()
    assert not (uploads_dir() / TRASH / old).exists()


def test_what_is_sent_again_after_its_deletion_is_there_again():
    upload_id = sent()
    discard(upload_id, ANN)
    assert sent() == upload_id and ids(ANN) == [upload_id]
    bring_back(upload_id, ANN)
    assert ids(ANN) == [upload_id] and not discarded(ANN)
    discard(upload_id, ANN)
    assert [item.id for item in discarded(ANN)] == [upload_id]


@pytest.mark.parametrize("label", [b"", b"{", b"[]", b'{"owners": 7}', b'{"sent": "x"}'])
def test_a_damaged_label_hides_no_upload(label):
    upload_id = sent()
    (uploads_dir() / upload_id / LABEL).write_bytes(label)
    assert ids() == [upload_id] and not ids(ANN)
    keep(upload_id, ANN)
    assert ids(ANN) == [upload_id]


@pytest.mark.parametrize("wrong", ["", "..", "../../etc", "0" * 16])
def test_an_id_is_never_a_path(wrong):
    kept, gone = sent(title="kept"), sent(title="gone")
    discard(gone)
    for change in (discard, bring_back, lambda i: rename(i, "x"), lambda i: keep(i, ANN)):
        with pytest.raises(DataError, match="upload"):
            change(wrong)
    assert ids() == [kept] and [item.id for item in discarded()] == [gone]


# -- the command line -------------------------------------------------------------------------------------------------


def call(capsys, *words: object) -> tuple[int, dict | str]:
    code = main([*map(str, words), "--json"])
    out = capsys.readouterr()
    return code, json.loads(out.out) if out.out else out.err


def test_commands_keep_list_name_delete_and_bring_back(capsys, places):
    for name, data in PHOTOS:
        (places / name).write_bytes(data)
    _, made = call(capsys, "data", "upload", *(places / name for name, _ in PHOTOS), "--title", "Cats")
    assert made["images"] == 3 and call(capsys, "data", "rename", made["upload"], "Dogs")[0] == 0
    run = queued(made["upload"])
    row, = call(capsys, "data", "uploads")[1]["uploads"]
    assert (row["upload"], row["title"], row["images"], row["runs"]) == (made["upload"], "Dogs", 3, [run.id])
    code, said = call(capsys, "data", "delete", made["upload"])
    assert code == 2 and "My cats" in said and "--force" in said and ids() == [made["upload"]]
    assert call(capsys, "data", "delete", made["upload"], "--force")[0] == 0 and not ids()
    assert [row["upload"] for row in call(capsys, "data", "uploads", "--deleted")[1]["uploads"]] == [made["upload"]]
    assert call(capsys, "data", "restore", made["upload"])[0] == 0 and ids(ANN) == [made["upload"]]   # the command line's is anybody's


@pytest.mark.parametrize(("words", "said"), [(["upload", "nothing.png"], "can't be read"), (["upload", "."], "is a folder"),
                                             (["delete", "0" * 16], "is not here"), (["restore", "x"], "not among those deleted"),
                                             (["rename", "../x", "y"], "is not here")])
def test_what_cannot_be_done_is_a_sentence(capsys, places, monkeypatch, words, said):
    monkeypatch.chdir(places)
    code, err = call(capsys, "data", *words)
    assert code == 2 and said in err


# -- pages ------------------------------------------------------------------------------------------------------------

TRAIN, IMAGES = ("train/train.py", "train.data"), ("data/images.py", "images")
both = pytest.mark.parametrize(("page", "key"), [TRAIN, IMAGES], ids=["train", "images"])


def with_files(page: str, key: str, count: int = 3) -> AppTest:
    app = opened(page)
    app.selectbox(key=f"{key}.name").set_value("own").run()
    app.file_uploader(key=f"{key}.files").set_value([(name, data, "image/png") for name, data in PHOTOS[:count]])
    return fine(app.run())


def visitor(app: AppTest) -> str:
    from hashlib import sha256
    return sha256(app.session_state["visitor.token"].encode()).hexdigest()[:16]


def reloaded(app: AppTest, page: str) -> AppTest:
    """The same address and the same browser in a new session."""
    again = AppTest.from_file(MAIN, default_timeout=60)
    if "visitor.token" in app.session_state:
        again.session_state["visitor.token"] = app.session_state["visitor.token"]
    again.run().switch_page(page)
    for name, value in address(app).items():
        again.query_params[name] = value
    return fine(again.run())


@both
def test_a_reload_finds_the_upload_again(page, key):
    app = with_files(page, key)
    upload_id, = ids()
    again = reloaded(app, page)
    assert address(app)["upload"] == upload_id and again.selectbox(key=f"{key}.name").value == "own"
    assert again.selectbox(key=f"{key}.own.shelf").value == upload_id and not again.error


def test_own_images_without_an_upload_stay_own_images_and_nothing_can_start():
    app = opened("train/train.py")
    app.selectbox(key="train.data.name").set_value("own").run()
    again = reloaded(fine(app), "train/train.py")
    assert again.selectbox(key="train.data.name").value == "own" and again.button(key="train.start").disabled
    again.selectbox(key="train.data.name").set_value("digits").run()
    assert reloaded(fine(again), "train/train.py").selectbox(key="train.data.name").value == "digits"


@both
def test_an_emptied_box_lets_go_of_its_upload_which_stays_on_the_shelf(page, key):
    app = with_files(page, key)
    upload_id, = ids()
    app.file_uploader(key=f"{key}.files").set_value([])
    fine(app.run())
    assert "upload" not in address(app) and app.selectbox(key=f"{key}.own.shelf").value == "none" and ids() == [upload_id]
    if page == TRAIN[0]:
        assert app.button(key="train.start").disabled
    app.selectbox(key=f"{key}.own.shelf").set_value(upload_id).run()
    assert address(fine(app))["upload"] == upload_id and not app.error


@both
def test_an_upload_is_named_deleted_and_brought_back(page, key):
    app = with_files(page, key)
    upload_id, = ids()
    queued(upload_id)
    app = fine(app.run())
    app.text_input(key=f"{key}.own.title-{upload_id}").set_value("My cats")
    app.button(key=f"{key}.own.rename").click().run()
    assert shelf.shelf(visitor(app))[0].title == "My cats" and any("A run uses these images: My cats" in w.value for w in fine(app).warning)
    app.button(key=f"{key}.own.delete").click().run()
    assert not ids() and not fine(app).error and "upload" not in address(app)
    app.button(key=f"{key}.own.back-{upload_id}").click().run()
    assert ids() == [upload_id] and address(fine(app))["upload"] == upload_id


@both
def test_uploads_of_one_name_are_told_apart(page, key):
    app = with_files(page, key)
    first, = ids()
    app.file_uploader(key=f"{key}.files").set_value([(name, picture(seed=50 + i), "image/png") for i, (name, _) in enumerate(PHOTOS)])
    second, = set(fine(app.run()) and ids()) - {first}
    for chosen in (first, second):
        app.selectbox(key=f"{key}.own.shelf").set_value(chosen).run()
        assert address(fine(app.run()))["upload"] == chosen
        app.button(key=f"{key}.own.delete").click().run()
        assert chosen not in ids() and not fine(app).error
        app.button(key=f"{key}.own.back-{chosen}").click().run()


@both
def test_somebody_elses_upload_is_used_by_its_link_and_not_deleted(page, key):
    upload_id = sent(BOB)
    app = opened(page, images="own", upload=upload_id)
    assert app.selectbox(key=f"{key}.own.shelf").value == upload_id and not app.error
    assert not [b for b in app.button if b.key in (f"{key}.own.delete", f"{key}.own.rename")]
    assert f"{key}.own.shelf" not in [s.key for s in opened(page, images="own").selectbox]


@both
def test_a_link_to_a_deleted_upload_says_so_and_another_can_be_chosen(page, key):
    upload_id = sent(BOB)
    discard(upload_id, BOB)
    app = opened(page, images="own", upload=upload_id)
    assert "was deleted" in app.error[0].value and app.file_uploader(key=f"{key}.files")
    if page == TRAIN[0]:
        assert app.button(key="train.start").disabled


def test_a_run_like_one_of_a_folder_takes_the_folder(places):
    (places / "pictures").mkdir()
    for name, data in PHOTOS:
        (places / "pictures" / name).write_bytes(data)
    run = create_run(TrainPlan(data=DataSpec(name="own", path=str(places / "pictures"), size=16)))
    app = opened("train/train.py", like=run.id)
    assert not app.error and not app.button(key="train.start").disabled
    assert reloaded(app, "train/train.py").selectbox(key="train.data.name").value == "own"
