"""Images that a person sends: stored whole or not at all, every file accounted for."""

import builtins
import errno
import json
import os

import numpy as np
import pytest
from PIL import Image

from genlab.data import labels, stack, upload
from genlab.data.upload import delete_upload, list_uploads, open_upload, read_upload, store_upload
from genlab.errors import DataError
from tests.sample_pictures import animated, drawn, half_transparent, picture, png_of_stated_size, saved, sideways, sixteen_bit, zip_of_zeros, zipped

PHOTOS = [(f"{i}.png", picture(seed=i)) for i in range(5)]


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path))
    return tmp_path


def left_over(cache):
    return sorted(path.name for path in (cache / "uploads").iterdir())


def test_pictures_are_kept_as_they_are():
    stored, x, attributes = open_upload(store_upload(PHOTOS, "Five"))
    assert (stored.title, stored.names, stored.size, stored.channels) == ("Five", tuple(name for name, _ in PHOTOS), 40, 3)
    assert stored.report.accepted == 5 and stored.report.rejected == () and stored.report.sentence() == "5 images kept"
    assert np.array_equal(x[2], np.asarray(drawn(seed=2)).transpose(2, 0, 1)) and x.shape == (5, 3, 40, 40)
    assert attributes.shape == (5, 0)


def test_what_is_stored_is_plain_numpy_and_json(cache):
    folder = cache / "uploads" / store_upload(PHOTOS, "Five")
    assert sorted(path.name for path in folder.iterdir()) == ["attributes.npy", "images.npy", "upload.json"]
    assert np.load(folder / "images.npy", allow_pickle=False).shape == (5, 3, 40, 40)
    assert json.loads((folder / "upload.json").read_text())["title"] == "Five"


def test_a_zip_and_its_files_give_the_same_images():
    loose, packed = open_upload(store_upload(PHOTOS, "x")), open_upload(store_upload([("all.zip", zipped(PHOTOS))], "x"))
    assert loose[0] == packed[0] and np.array_equal(loose[1], packed[1])


def test_the_id_is_that_of_the_content(cache):
    first = store_upload(PHOTOS, "a")
    assert store_upload(PHOTOS, "a") == first
    others = {store_upload(PHOTOS, "b"), store_upload(PHOTOS[:4], "a"), store_upload(PHOTOS[::-1], "a")}
    assert len(others | {first}) == 4 and left_over(cache) == sorted(others | {first})


def test_grey_pictures_are_kept_grey_and_one_coloured_one_makes_all_coloured():
    grey = [("a.png", picture(mode="L")), ("b.png", sixteen_bit())]
    assert read_upload(store_upload(grey, "x")).channels == 1
    assert read_upload(store_upload([*grey, ("c.png", picture())], "x")).channels == 3


def test_pictures_are_cropped_to_the_middle_and_kept_at_256_at_most():
    wide = np.zeros((300, 900, 3), np.uint8)
    wide[:, 300:600] = 200
    _, x, _ = open_upload(store_upload([("wide.png", saved(Image.fromarray(wide)))], "x"))
    assert x.shape == (1, 3, 256, 256) and np.abs(x.astype(int) - 200).max() < 8   # black beside the crop rings a little


def test_many_pictures_are_kept_at_half_the_size(monkeypatch):
    monkeypatch.setattr(upload, "MAX_STORED_BYTES", 5 * 3 * 40 * 40)
    assert read_upload(store_upload(PHOTOS, "x")).size == 40
    assert read_upload(store_upload([*PHOTOS, ("more.png", picture(seed=9))], "x")).size == 20


ODD = {"16-bit": sixteen_bit(), "CMYK": picture("JPEG", mode="CMYK"), "transparent": half_transparent(), "animated": animated(), "turned": sideways()}


@pytest.mark.parametrize("case", ODD)
def test_odd_but_whole_pictures_are_taken(case):
    stored = read_upload(store_upload([("odd", ODD[case])], "x"))
    assert stored.report.accepted == 1 and stored.report.rejected == ()


BAD = {
    "text": (("letter.png", b"Dear reader"), "is no picture that can be read"),
    "empty": (("nothing.png", b""), "is empty"),
    "truncated": (("cut.png", picture()[:-300]), "is cut short or damaged"),
    "corrupt": (("torn.jpg", picture("JPEG")[:200] + bytes(400)), "is cut short or damaged"),
    "bomb": (("bomb.png", png_of_stated_size(100_000, 100_000)), "is too large; at most 40 megapixels are read"),
    "one pixel": (("dot.png", picture(width=1, height=1)), "is 1 x 1 pixels; at least 8 x 8 are needed"),
    "climbing zip": (("z.zip", zipped([("../up.png", picture())])), "has a path that leads out of its folder"),
    "nested zip": (("z.zip", zipped([("in.zip", zipped(PHOTOS))])), "is an archive inside z.zip; unpack it first"),
    "zeros": (("z.zip", zip_of_zeros("zeros.png", 1024)), "has 1,074 MB; at most 50 MB are read"),
    "small zeros": (("z.zip", zip_of_zeros("zeros.png", 40)), "is no picture that can be read"),
    "torn zip": (("z.zip", zipped(PHOTOS)[:-40]), "is a damaged zip archive"),
    "heavy": (("heavy.png", picture() + bytes(50_000_000)), "has 50 MB; at most 50 MB are read"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_told_and_the_good_ones_are_kept(case):
    (name, data), reason = BAD[case]
    stored, x, _ = open_upload(store_upload([PHOTOS[0], (name, data), PHOTOS[1]], "x"))
    assert stored.names == ("0.png", "1.png") and len(x) == 2
    ((rejected, told),) = stored.report.rejected
    assert told.startswith(reason) and f"left out: {rejected} {told}" in stored.report.sentence()


@pytest.mark.parametrize("case", BAD)
def test_bad_files_alone_are_refused_and_leave_nothing(case, cache):
    file, reason = BAD[case]
    with pytest.raises(DataError) as told:
        store_upload([file], "Holiday")
    assert str(told.value).startswith("Holiday: holds no picture that can be used (") and reason in str(told.value)
    assert not (cache / "uploads").exists() or left_over(cache) == []


def test_no_file_at_all_is_refused():
    with pytest.raises(DataError, match=r"^Images: holds no picture that can be used \(no file was sent\)$"):
        store_upload([], "  ")


def test_a_long_report_names_a_few_and_counts_the_rest():
    sizes = [(f"{i}.png", picture(width=i, height=i)) for i in range(1, 7)]
    stored = read_upload(store_upload([PHOTOS[0], *[(f"{i}.txt", b"x") for i in range(9)], *sizes], "x"))
    assert len(stored.report.rejected) == 15
    told = stored.report.sentence()
    assert told.startswith("1 image kept; left out: 0.txt is no picture") and "(8 more like it); 1.png is 1 x 1 pixels" in told
    assert told.endswith("; and 2 more")


def test_attributes_come_along():
    table = b"file,smile,age\n0.png,1,20.5\n2.png,0,30\n"
    stored, _, attributes = open_upload(store_upload([("all.zip", zipped([("p/attributes.csv", table), *[("p/" + n, d) for n, d in PHOTOS]]))], "x"))
    assert [(a.name, a.kind) for a in stored.attribute_info] == [("smile", "binary"), ("age", "continuous")]
    nan = np.nan
    assert np.array_equal(attributes, np.float32([[1, 20.5], [nan, nan], [0, 30], [nan, nan], [nan, nan]]), equal_nan=True)


def test_attributes_for_files_that_do_not_exist_are_told():
    stored = read_upload(store_upload([*PHOTOS, ("attributes.csv", b"file,age\n0.png,1\n1.png,2.5\nghost.png,3\n")], "x"))
    assert stored.report.rejected == (("attributes.csv", "line 4 names 'ghost.png', which is not among the images"),)
    assert stored.attribute_info[0].name == "age"


def test_attributes_of_a_picture_that_was_left_out_are_told():
    stored = read_upload(store_upload([*PHOTOS, ("bad.png", b"x"), ("attributes.csv", b"file,age\n0.png,1\n1.png,2.5\nbad.png,3\n")], "x"))
    assert [name for name, _ in stored.report.rejected] == ["bad.png", "attributes.csv"]


def test_a_table_of_nonsense_is_told_and_the_pictures_are_kept():
    stored, x, attributes = open_upload(store_upload([*PHOTOS, ("Attributes.CSV", b"\xff\xfe\x00")], "x"))
    assert len(x) == 5 and attributes.shape == (5, 0)
    assert stored.report.rejected == (("Attributes.CSV", "is not UTF-8 text (byte 0); save it as CSV UTF-8"),)


def test_a_second_table_is_told():
    table = b"file,age\n0.png,1\n1.png,2.5\n"
    stored = read_upload(store_upload([*PHOTOS, ("attributes.csv", table), ("x/attributes.csv", table)], "x"))
    assert stored.report.rejected == (("x/attributes.csv", "is a second table; only attributes.csv is read"),)


def test_a_thousand_wrong_rows_are_told_in_few_words():
    table = "file,age\n" + "".join(f"ghost{i}.png,1\n" for i in range(1000))
    report = read_upload(store_upload([*PHOTOS, ("attributes.csv", table.encode())], "x")).report
    assert len(report.rejected) == labels.MAX_FAULTS + 1
    assert report.rejected[-1] == ("attributes.csv", "has 981 more faults like these")   # 980 rows, and a column without a value


def test_progress_ends_at_one():
    told = []
    store_upload(PHOTOS, "x", lambda share, what: told.append((share, what)))
    assert told[0] == (0.0, "picture 0 of 5") and told[-1] == (1.0, "5 pictures read")


def test_a_full_disk_is_told_and_leaves_nothing(cache, monkeypatch):
    def on_full_disk(path, mode):
        return builtins.open("/dev/full" if "w" in mode else path, mode)

    monkeypatch.setattr(stack, "open", on_full_disk, raising=False)
    with pytest.raises(DataError, match=rf"^{cache}/uploads: the disk is full; nothing was kept\. Free some space and try again$"):
        store_upload(PHOTOS, "x")
    assert left_over(cache) == []


def test_another_fault_of_the_disk_is_not_called_full(cache, monkeypatch):
    def broken(path, mode):
        raise OSError(errno.EIO, "input/output error")

    monkeypatch.setattr(upload, "open", broken, raising=False)
    with pytest.raises(OSError, match="input/output error"):
        store_upload(PHOTOS, "x")
    assert left_over(cache) == []


def test_uploads_are_listed_newest_first_and_halves_of_them_never(cache):
    ids = [store_upload(PHOTOS[: i + 1], f"set {i}") for i in range(3)]
    for age, upload_id in enumerate(reversed(ids)):
        os.utime(cache / "uploads" / upload_id, (1e9 - age, 1e9 - age))
    (cache / "uploads" / ".part-killed").mkdir()
    (cache / "uploads" / "0123456789abcdef").mkdir()
    assert [stored.id for stored in list_uploads()] == ids[::-1]


def test_what_a_killed_process_left_is_swept_after_a_day(cache):
    old, new = cache / "uploads" / ".part-old", cache / "uploads" / ".part-new"
    old.mkdir(parents=True)
    new.mkdir()
    os.utime(old, (1e9, 1e9))
    store_upload(PHOTOS, "x")
    assert not old.exists() and new.exists()


def test_nothing_is_listed_where_nothing_was_stored():
    assert list_uploads() == []


def test_deleting_removes_one_and_only_that(cache):
    gone, kept = store_upload(PHOTOS, "gone"), store_upload(PHOTOS, "kept")
    delete_upload(gone)
    assert left_over(cache) == [kept]
    with pytest.raises(DataError, match=f"^upload '{gone}' is not here"):
        delete_upload(gone)


@pytest.mark.parametrize("upload_id", ["", "..", "../..", ".", "/etc", "0123456789abcdef", "0123456789ABCDEF", "x" * 100])
def test_an_id_that_names_no_upload_touches_nothing(upload_id, cache):
    kept = store_upload(PHOTOS, "kept")
    for action in (delete_upload, read_upload):
        with pytest.raises(DataError, match="is not here: it was deleted, or sent to another server; send the images again"):
            action(upload_id)
    assert left_over(cache) == [kept]


DAMAGE = {
    "no images": lambda folder: (folder / "images.npy").unlink(),
    "cut images": lambda folder: os.truncate(folder / "images.npy", 2000),
    "pickle": lambda folder: np.save(folder / "images.npy", np.array([{}], dtype=object)),
    "other images": lambda folder: np.save(folder / "images.npy", np.zeros((4, 3, 40, 40), np.uint8)),
    "other attributes": lambda folder: np.save(folder / "attributes.npy", np.zeros((5, 7), np.float32)),
    "no json": lambda folder: (folder / "upload.json").write_text("{"),
    "list": lambda folder: (folder / "upload.json").write_text("[]"),
    "unknown key": lambda folder: (folder / "upload.json").write_text('{"titel": "x"}'),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_damaged_upload_is_told_by_name_and_not_listed(case, cache):
    upload_id = store_upload(PHOTOS, "x")
    DAMAGE[case](cache / "uploads" / upload_id)
    with pytest.raises(DataError, match=rf"^upload {upload_id}: is damaged \(.*\); send the images again$"):
        read_upload(upload_id)
    assert list_uploads() == []
