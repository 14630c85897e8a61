"""A folder and an upload of the same files: the same pictures, labels and report."""

import logging
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

from genlab.cli import main
from genlab.data import DataSpec, checked, load_dataset, own
from genlab.data.labels import class_folders
from genlab.data.own import report_on
from genlab.data.upload import store_upload
from genlab.errors import DataError
from tests.sample_pictures import drawn, picture, zipped

NOBODY = 65_534


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def written(folder, files):
    for name, data in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def all_images(path, size=16):
    images = own.load(DataSpec(name="own", path=str(path), size=size, channels=3), lambda share, what: None)
    return images, images.take(np.arange(len(images)))


def both(tmp_path, files):
    """The reports and attributes of the same files as a folder and as a zip that was sent; they must be the same."""
    files = sorted(files, key=lambda file: file[0].split("/"))
    folder, upload = written(tmp_path / "photos", files), store_upload([("z.zip", zipped(files))], "x")
    (report, sheet), (sent, sent_sheet) = report_on(str(folder)), report_on(upload)
    assert sent.accepted == report.accepted and dict(sent.rejected) == dict(report.rejected)
    assert sent_sheet.attribute_info == sheet.attribute_info
    np.testing.assert_array_equal(sent_sheet.attributes, sheet.attributes)
    assert np.abs(all_images(folder)[1].x.astype(int) - all_images(upload)[1].x).max() <= 1
    return report, sheet


PICTURES = [(f"{i}.png", picture(seed=i)) for i in range(4)]
AGES = "".join(f"{i}.png,{i}.5\n" for i in range(4))


@pytest.mark.parametrize(("name", "data"), [
    ("a.jfif", picture("JPEG", seed=9)), ("a.HEIC", picture("HEIF", seed=9)), ("a.heif", picture("HEIF", seed=9)), ("a.JPE", picture("JPEG", seed=9)),
    ("a", picture(seed=9)), ("a.png", picture("JPEG", seed=9)), ("a.heic", picture("JPEG", seed=9)), ("a.jpg", picture("HEIF", seed=9)),
    ("in/a.dib", picture("BMP", seed=9)), ("a.hif", picture("HEIF", seed=9, mode="L")),
])
def test_a_picture_is_known_by_its_bytes(name, data, tmp_path):
    report, _ = both(tmp_path, [*PICTURES, (name, data)])
    assert report.accepted == 5 and report.rejected == ()


def test_a_phone_s_picture_looks_as_it_should(tmp_path):
    _, images = all_images(written(tmp_path / "photos", [("a.heic", picture("HEIF", quality=95))]), size=40)
    assert np.abs(images.x[0].transpose(1, 2, 0).astype(int) - np.asarray(drawn())).mean() < 6   # colours are kept at half the size


@pytest.mark.parametrize("cut", [30, 200, -60, -10])
def test_a_torn_phone_s_picture_is_left_out(cut, tmp_path):
    report, _ = both(tmp_path, [*PICTURES, ("a.heic", picture("HEIF")[:cut])])
    assert report.accepted == 4 and [name for name, _ in report.rejected] == ["a.heic"]


LEFT_OUT = {
    "a NAS's thumbnails": ("@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg", picture("JPEG"), "is in a folder that a storage device made for itself"),
    "a NAS's bin": ("in/#recycle/0.png", picture(), "is in a folder that a storage device made for itself"),
    "a Windows bin": ("$RECYCLE.BIN/0.png", picture(), "is in a folder that a storage device made for itself"),
    "cut short": ("cut.png", picture()[:-300], "is cut short or damaged (image file is truncated)"),
    "torn": ("torn.jpg", picture("JPEG")[:200] + bytes(400), "is cut short or damaged"),
    "empty": ("none.png", b"", "is empty"),
    "text": ("notes.txt", b"hello", "is no picture that can be read"),
    "small": ("dot.png", picture(width=2, height=2), "is 2 x 2 pixels; at least 8 x 8 are needed"),
    "raw": ("a.dng", picture("TIFF"), "is a camera's raw file; export it as JPEG"),
    "large": ("large.png", picture() + bytes(50_000_000), "has 50 MB; at most 50 MB are read"),
    "no table": ("attributes.csv", b"\xff\xfe\x00", "is not UTF-8 text (byte 0); save it as CSV UTF-8"),
    "a row too many": ("attributes.csv", f"file,age\n{AGES}ghost.png,1\n".encode(), "line 6 names 'ghost.png', which is not among the images"),
}


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_is_left_out_is_told_alike_and_the_rest_is_used(case, tmp_path):
    name, data, reason = LEFT_OUT[case]
    report, _ = both(tmp_path, [*PICTURES, (name, data)])
    ((left_out, told),) = report.rejected
    assert report.accepted == 4 and left_out == name and told.startswith(reason)


@pytest.mark.parametrize("name", [".DS_Store", "__MACOSX/._0.png", ".hidden/0.png", "Thumbs.db", "desktop.ini", "in/.@__thumb/0.png", "THUMBS.DB"])
def test_what_a_system_adds_is_passed_over(name, tmp_path):
    report, _ = both(tmp_path, [*PICTURES, (name, picture())])
    assert (report.accepted, report.rejected) == (4, ())


@pytest.mark.parametrize("name", ["attributes.csv", "Attributes.CSV", "labels.csv", "train/attributes.csv", "my faces.csv", "list.tsv"])
def test_a_table_is_found_by_what_it_is(name, tmp_path):
    text = f"file,age\n{AGES}"
    report, sheet = both(tmp_path, [*PICTURES, (name, (text.replace(",", "\t") if name.endswith("tsv") else text).encode())])
    assert report.rejected == () and [a.name for a in sheet.attribute_info] == ["age"]
    assert sheet.attributes[:, 0].tolist() == [0.5, 1.5, 2.5, 3.5]


def test_the_likeliest_table_is_read_and_the_others_are_told(tmp_path):
    other = b"file,x\n0.png,1.5\n1.png,2.5\n"
    tables = [("a.csv", other), ("deep/labels.csv", other), ("labels.csv", f"file,age\n{AGES}".encode())]
    report, sheet = both(tmp_path, [*PICTURES, *tables])
    assert [a.name for a in sheet.attribute_info] == ["age"]
    assert dict(report.rejected) == dict.fromkeys(("a.csv", "deep/labels.csv"), "is a second table; only labels.csv is read")


def test_a_table_about_other_things_does_not_hide_the_one_that_fits(tmp_path):
    tables = [("attributes.csv", b"file,x\nghost.png,1\n"), ("people.csv", f"file,age\n{AGES}".encode())]
    report, sheet = both(tmp_path, [*PICTURES, *tables])
    assert [a.name for a in sheet.attribute_info] == ["age"] and {name for name, _ in report.rejected} == {"attributes.csv"}


# -- a folder for each class --------------------------------------------------------------------------------------------


def of(names, taken=()):
    sheet, faults = class_folders(names, set(taken))
    assert faults == []
    rows = [[None if np.isnan(v) else a.choices[int(v)] for a, v in zip(sheet.attribute_info, row, strict=True)] for row in sheet.attributes]
    return [a.name for a in sheet.attribute_info], rows


CLASSES = {
    "the most common layout": (["cat/1.png", "cat/2.png", "dog/1.png"], ["class"], [["cat"], ["cat"], ["dog"]]),
    "a folder around it": (["pets/cat/1.png", "pets/dog/1.png"], ["class"], [["cat"], ["dog"]]),
    "two folders around it": (["my zip/pets/cat/1.png", "my zip/pets/dog/1.png"], ["class"], [["cat"], ["dog"]]),
    "backslashes": (["pets\\cat\\1.png", "pets\\dog\\1.png"], ["class"], [["cat"], ["dog"]]),
    "parts of a set": (["train/cat/1.png", "train/dog/1.png", "test/Cat/1.png"], ["class"], [["cat"], ["dog"], ["cat"]]),
    "parts alone": (["train/1.png", "test/1.png", "val/1.png"], [], [[], [], []]),
    "parts below classes": (["cat/train/1.png", "dog/test/1.png"], ["class"], [["cat"], ["dog"]]),
    "some above": (["cat/1.png", "dog/1.png", "cover.png"], ["class"], [["cat"], ["dog"], [None]]),
    "one folder": (["cat/1.png", "cat/2.png"], [], [[], []]),
    "one folder and some above": (["cat/1.png", "2.png"], [], [[], []]),
    "no folder": (["1.png", "2.png"], [], [[], []]),
    "numbers in order": (["10/1.png", "9/1.png", "2/1.png"], ["class"], [["10"], ["9"], ["2"]]),
    "two levels": (["pet/cat/1.png", "pet/dog/1.png", "wild/fox/1.png"], ["class", "class_2"], [["pet", "cat"], ["pet", "dog"], ["wild", "fox"]]),
    "accents in two ways": (["Zoe\u0308/1.png", "Zo\u00eb/2.png", "Ann/1.png"], ["class"], [["Zo\u00eb"], ["Zo\u00eb"], ["Ann"]]),
}


@pytest.mark.parametrize("case", CLASSES)
def test_class_folders_become_an_attribute(case):
    names, info, rows = CLASSES[case]
    assert of(names) == (info, rows)


def test_classes_are_in_the_order_of_their_names_or_numbers():
    assert class_folders([f"{i}/1.png" for i in (10, 9, 2)], set())[0].attribute_info[0].choices == ("2", "9", "10")
    assert class_folders(["b/1.png", "C/1.png", "a/1.png"], set())[0].attribute_info[0].choices == ("a", "b", "C")


def test_a_table_s_own_class_stays_and_the_folder_comes_after_it(tmp_path):
    files = [(f"{kind}/{i}.png", picture(seed=i)) for kind in ("cat", "dog") for i in range(2)]
    table = b"file,Class\ncat/0.png,tame\ncat/1.png,wild\ndog/0.png,wild\n"
    report, sheet = both(tmp_path, [*files, ("attributes.csv", table)])
    assert [(a.name, a.choices) for a in sheet.attribute_info] == [("Class", ("tame", "wild")), ("class_2", ("cat", "dog"))]
    assert report.rejected == () and sheet.attributes[:, 1].tolist() == [0, 0, 1, 1]


def test_very_many_folders_are_told_and_no_classes():
    sheet, faults = class_folders([f"p{i:03}/1.png" for i in range(60)], set())
    assert sheet.attribute_info == () and faults == [("p000", "is one of 60 folders beside each other; up to 50 become classes")]


def test_a_folder_of_classes_trains_with_them(tmp_path):
    folder = written(tmp_path / "photos", [(f"{kind}/{i}.png", picture(seed=i)) for kind in ("cat", "dog") for i in range(6)])
    train, test = load_dataset(DataSpec(name="own", path=str(folder), size=16))
    assert train.attribute_info[0].choices == ("cat", "dog") and len(train) + len(test) == 12
    assert np.concatenate([train.attributes, test.attributes]).sum() == 6


# -- what only a folder has ---------------------------------------------------------------------------------------------


def names_in(folder):
    from genlab.data.folder import list_folder
    entries, rejected = list_folder(folder)
    return [entry.path for entry in entries], dict(rejected)


def test_linked_folders_and_files_are_read(tmp_path):
    folder = written(tmp_path / "photos", PICTURES[:1])
    written(tmp_path / "elsewhere", [("in/8.png", picture(seed=8))])
    (folder / "more").symlink_to(tmp_path / "elsewhere")
    (folder / "one.png").symlink_to(tmp_path / "elsewhere" / "in" / "8.png")
    assert names_in(folder) == (["0.png", "more/in/8.png", "one.png"], {})
    assert len(all_images(folder)[0]) == 3


def test_loops_of_links_end_and_nothing_is_read_twice(tmp_path):
    folder = written(tmp_path / "photos", [("z/0.png", picture())])
    written(tmp_path, [("beside.png", picture())])
    written(tmp_path / "out", [("x/1.png", picture(seed=1))])
    links = {"here": ".", "up": "..", "a": "z", "z/back": "../z", "out": tmp_path / "out",
             "self": "self", "ping": "pong", "pong": "ping", "gone": "nowhere"}
    for name, target in links.items():
        (folder / name).symlink_to(target)
    (tmp_path / "out" / "home").symlink_to(folder)
    (tmp_path / "out" / "x" / "again").symlink_to(tmp_path / "out")
    names, rejected = names_in(folder)
    assert names == ["out/x/1.png", "z/0.png"]
    assert rejected["up"] == "is a link to a folder that it lies in" and rejected["gone"] == "is a link that leads nowhere"
    assert {rejected[name] for name in ("here", "a", "z/back", "out/home", "out/x/again")} == {"is a link to a folder that is read already"}
    assert {"self", "ping", "pong"} <= rejected.keys()


def test_too_many_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("genlab.data.folder.MAX_FILES", 3)
    with pytest.raises(DataError, match="holds more than 3 files; name a folder with pictures alone$"):
        names_in(written(tmp_path / "photos", PICTURES))


@pytest.mark.skipif(not hasattr(os, "seteuid") or os.getuid() != 0, reason="takes another user's part")
def test_what_may_not_be_read_is_left_out_and_told(monkeypatch):
    top = Path(tempfile.mkdtemp())
    monkeypatch.setenv("GENLAB_CACHE", str(top / "cache"))
    try:
        folder = written(top / "photos", [*PICTURES, ("shut.png", picture()), ("attributes.csv", b"file,age\n0.png,1\n"), ("closed/0.png", picture()),
                                          ("blind/0.png", picture())])
        top.chmod(0o755)
        for name, mode in (("shut.png", 0), ("attributes.csv", 0), ("closed", 0), ("blind", 0o444)):
            (folder / name).chmod(mode)
        os.seteuid(NOBODY)
        report, _ = report_on(str(folder))
    finally:
        os.seteuid(0)
        shutil.rmtree(top)
    assert report.accepted == 4
    assert dict(report.rejected) == dict.fromkeys(("shut.png", "attributes.csv", "closed", "blind/0.png"), "can't be opened (Permission denied)")


def test_what_is_no_file_is_never_opened(tmp_path):
    folder = written(tmp_path / "photos", PICTURES)
    os.mkfifo(folder / "pipe.png")
    assert names_in(folder)[1] == {"pipe.png": "is no file"}


def test_what_was_whole_is_not_decoded_again_until_it_changes(tmp_path, monkeypatch):
    folder, looked_at, decode = written(tmp_path / "photos", PICTURES), [], checked.decode
    monkeypatch.setattr(checked, "decode", lambda file: (looked_at.append(Path(file.name).name), decode(file))[1])
    report_on(str(folder))
    assert sorted(looked_at) == ["0.png", "1.png", "2.png", "3.png"]
    report_on(str(folder))
    assert len(looked_at) == 4
    (folder / "2.png").write_bytes(picture(seed=2)[:-300])
    (folder / "5.png").write_bytes(picture(seed=5))
    assert report_on(str(folder))[0].accepted == 4
    assert sorted(looked_at[4:]) == ["2.png", "5.png"]


@pytest.mark.parametrize("damage", [b"{", b"[]", b'{"made_with": 1, "whole": 3}', b'{"made_with": 0, "whole": {}}'])
def test_a_damaged_note_of_what_was_whole_changes_nothing(damage, tmp_path, cache):
    folder = written(tmp_path / "photos", [*PICTURES, ("cut.png", picture()[:-300])])
    report_on(str(folder))
    for note in (cache / "checked").iterdir():
        note.write_bytes(damage)
    assert report_on(str(folder))[0].accepted == 4


def test_without_a_place_for_notes_a_folder_is_read_all_the_same(tmp_path, cache):
    cache.write_bytes(b"a file where the cache should be")
    assert report_on(str(written(tmp_path / "photos", PICTURES)))[0].accepted == 4


def test_the_command_line_tells_what_is_used_and_what_not(tmp_path, capsys):
    folder = written(tmp_path / "photos", [*[("cat/" + n, d) for n, d in PICTURES], *[("dog/" + n, d) for n, d in PICTURES], ("notes.txt", b"x")])
    assert main(["data", "check", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "8 images" in told and "class: categorical, known of 8: cat, dog" in told and "left out: notes.txt is no picture" in told
    assert main(["data", "check", str(tmp_path / "nothing"), "--json"]) == 2


def test_a_folder_without_faults_warns_of_nothing(tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        all_images(written(tmp_path / "photos", PICTURES))
    assert caplog.records == []
