"""Names that join pictures to labels, as files, zips and tables write them."""

import io
import struct
import unicodedata
import zipfile
import zlib

import numpy as np
import pytest

from genlab.data import DataSpec, own
from genlab.data.joining import Pictures
from genlab.data.names import Names, plain, printable
from genlab.data.sheet import read_sheet
from genlab.data.upload import open_upload, store_upload
from tests.sample_pictures import picture, zipped

NFC, NFD = unicodedata.normalize("NFC", "Zoë.png"), unicodedata.normalize("NFD", "Zoë.png")
LONG = "x" * 230


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))


SPELLINGS = {   # what the file is called, and what the table calls it
    "backslashes in the zip": ("photos\\a.png", "photos/a.png"),
    "backslashes in the zip, last part": ("photos\\in\\a.png", "a.png"),
    "backslashes in the table": ("photos/a.png", "photos\\a.png"),
    "composed and decomposed": (NFC, NFD),
    "decomposed and composed": (NFD, NFC),
    "no-break space": ("my\u00a0cat.png", "my cat.png"),
    "narrow space, as screenshots have": ("Shot at 10.00\u202fAM.png", "Shot at 10.00 AM.png"),
    "narrow space in the table": ("my cat.png", "my\u2009cat.png"),
    "ideographic space, doubled": ("my  cat.png", "my\u3000cat.png"),
    "nothing to be seen": ("a\u200b.png", "a.png"),
    "byte order mark": ("a.png", "\ufeffa.png"),
    "long": (f"{LONG}1.png", f"{LONG}1.png"),
    "long folder": (f"{LONG}/{LONG}/1.png", f"{LONG}/{LONG}/1.png"),
    "capitals of the suffix": ("a.JPG", "a.jpg"),
    "capitals": ("Photos/Anna.PNG", "photos/anna.png"),
    "capitals beyond ASCII": ("ÄRGER.png", "ärger.png"),
    "sharp s": ("STRASSE.png", "straße.png"),
    "dot and slash": ("a.png", "./a.png"),
    "dot and backslash": ("in/a.png", ".\\in\\a.png"),
    "two slashes": ("in/a.png", "in//a.png"),
    "up and down": ("in/a.png", "in/../in/a.png"),
    "no suffix": ("a.png", "a"),
    "no suffix in the zip": ("a", "a.png"),
    "other suffix": ("a.jpeg", "a.jpg"),
    "no suffix, dots": ("2024.01.05.png", "2024.01.05"),
    "curly quote": ("O’Brien.png", "O'Brien.png"),
    "dash": ("a–b.png", "a-b.png"),
    "whole path of another machine": ("photos/a.png", "C:\\Users\\me\\photos\\a.png"),
    "folder that did not come along": ("a.png", "photos/a.png"),
    "folder around all": ("my zip/photos/a.png", "photos/a.png"),
    "quotes and blanks": ("a.png", '" a.png "'),
}


@pytest.mark.parametrize("case", SPELLINGS)
def test_a_label_finds_its_picture_however_both_are_spelled(case):
    file, row = SPELLINGS[case]
    table = f"file,age\nother.png,2\n{row},1.5\nthird.png,3\n".encode()
    files = [("third.png", picture(seed=1)), (file, picture(seed=2)), ("other.png", picture(seed=3)), ("attributes.csv", table)]
    for sent in ([("z.zip", zipped(files))], files):
        upload, _, attributes = open_upload(store_upload(sent, "x"))
        assert upload.report.rejected == () and attributes[:, 0].tolist() == [3, 1.5, 2]


def unmarked_zip(name: bytes, extra=b""):
    """A zip whose one picture's name is these bytes, without the flag that says UTF-8."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("N" * len(name))
        info.extra = extra
        archive.writestr(info, picture(seed=5))
        archive.writestr("b.png", picture(seed=6))
    return out.getvalue().replace(b"N" * len(name), name)


def unicode_path(raw, name):
    field = b"\x01" + struct.pack("<I", zlib.crc32(raw)) + name.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field


ENCODINGS = {
    "UTF-8 without the flag": (NFC.encode(), b"", NFC),
    "UTF-8 without the flag, decomposed, as a Mac writes": (NFD.encode(), b"", NFC),
    "DOS": (NFC.encode("cp437"), b"", NFC),
    "western DOS": ("São Ødegård.png".encode("cp850"), b"", "São Ødegård.png"),
    "Windows": (NFC.encode("cp1252"), b"", NFC),
    "Russian DOS": ("Анна.png".encode("cp866"), b"", "Анна.png"),
    "Japanese Windows": ("猫の絵.png".encode("cp932"), b"", "猫の絵.png"),
    "an extra field": ("ไทย.png".encode()[:3] + b"?.png", unicode_path("ไทย.png".encode()[:3] + b"?.png", "ไทย.png"), "ไทย.png"),
    "an extra field about another name": (NFC.encode("cp437"), unicode_path(b"other", "other.png"), NFC),
}


@pytest.mark.parametrize("case", ENCODINGS)
def test_names_in_zips_are_decoded(case):
    raw, extra, name = ENCODINGS[case]
    table = f"file,age\n{name},1.5\nb.png,2.5\n".encode()
    upload, _, attributes = open_upload(store_upload([("z.zip", unmarked_zip(raw, extra)), ("attributes.csv", table)], "x"))
    assert upload.report.rejected == () and attributes[:, 0].tolist() == [1.5, 2.5]


def test_a_mac_s_name_is_shown_as_it_is():
    assert open_upload(store_upload([("z.zip", unmarked_zip(NFC.encode()))], "x"))[0].names == (NFC, "b.png")


def ages(rows, names, **about):
    """What a table of one column says of pictures of these names, and the faults."""
    sheet = read_sheet(("file,age\n" + "".join(f"{name},{i}.5\n" for i, name in enumerate(rows))).encode(), Pictures(names, **about), "")
    column = sheet.attributes[:, 0].tolist() if sheet.attribute_info else [np.nan] * len(names)
    return [None if np.isnan(value) else value for value in column], sheet.faults


AMBIGUOUS = {   # rows and pictures: what each picture gets
    "capitals tell two apart": (["A.png", "a.png"], ["a.png", "A.png"], [1.5, 0.5]),
    "capitals alone differ from both": (["AB.png", "c.png", "d.png"], ["ab.png", "Ab.png", "c.png", "d.png"], [None, None, 1.5, 2.5]),
    "suffixes tell two apart": (["a.jpg", "a.png"], ["a.png", "a.jpg"], [1.5, 0.5]),
    "a stem of two": (["a", "c", "d"], ["a.png", "a.jpg", "c.png", "d.png"], [None, None, 1.5, 2.5]),
    "a last part of two": (["a.png", "c", "d"], ["x/a.png", "y/a.png", "c.png", "d.png"], [None, None, 1.5, 2.5]),
    "another folder's": (["train/1.png", "test/2.png", "test/3.png"], ["test/1.png", "test/2.png", "test/3.png"], [None, 1.5, 2.5]),
    "two rows for one, the exact one last": (["A.PNG", "a.png", "b.png"], ["a.png", "b.png"], [1.5, 2.5]),
    "two rows for one, neither exact": (["A.png", "a.PNG", "b.png", "c.png"], ["a.png", "b.png", "c.png"], [None, 2.5, 3.5]),
    "two folders' rows for one": (["x/a.png", "y/a.png", "b.png", "c.png"], ["a.png", "b.png", "c.png"], [None, 2.5, 3.5]),
    "accents tell two apart": ([NFC, NFD], [NFD, NFC], [1.5, 0.5]),
    "written twice": (["a.png", "a.png", "b.png"], ["a.png", "b.png"], [0.5, 2.5]),
    "number and padded number": (["1", "01", "b"], ["1.png", "01.png", "b.png"], [0.5, 1.5, 2.5]),
    "a suffix that is none": (["a.b", "a.c"], ["a.c.png", "a.b.png"], [1.5, 0.5]),
}


@pytest.mark.parametrize("case", AMBIGUOUS)
def test_what_fits_several_fits_none_and_the_exact_name_wins(case):
    rows, names, expected = AMBIGUOUS[case]
    found, faults = ages(rows, names)
    assert found == expected
    n_unused = len(rows) - sum(value is not None for value in found)
    assert len(faults) == n_unused and all(fault.startswith("line ") for fault in faults)


def test_a_row_about_a_picture_that_was_left_out_is_not_another_s():
    found, faults = ages(["a.jpg", "b.png", "c.png"], ["a.png", "b.png", "c.png"], left_out=["a.jpg"])
    assert found == [None, 1.5, 2.5] and faults == ("line 2 names 'a.jpg', which was left out",)


def test_a_row_that_fits_nothing_says_where_its_name_is_otherwise():
    _, faults = ages(["train/1.png", "test/2.png", "test/3.png"], ["test/1.png", "test/2.png", "test/3.png"])
    assert faults == ("line 2 names 'train/1.png', which is not among the images; 'test/1.png' is in another folder",)


@pytest.mark.parametrize(("header", "row"), [
    (",file,age", "{i},{name},{i}.5"), ("age,file", "{i}.5,{name}"), ("id,age,file,note", "{i},{i}.5,{name},n"),
])
def test_names_are_found_in_whichever_column_they_stand(header, row):
    names = [f"{i}.png" for i in (2, 0, 1)]   # the rows' numbers would fit these pictures, too
    table = "\n".join([header, *(row.format(i=i, name=name) for i, name in enumerate(names))])
    sheet = read_sheet(table.encode(), ["0.png", "1.png", "2.png"])
    assert dict(zip([a.name for a in sheet.attribute_info], sheet.attributes.T.tolist(), strict=True))["age"] == [1.5, 2.5, 0.5]


def test_a_table_in_a_folder_means_the_pictures_beside_it():
    files = [(f"{part}/img/{i}.png", picture(seed=i)) for part in ("test", "train") for i in range(3)]
    table = b"file,age\n0.png,1.5\nimg/1.png,2.5\n../train/img/2.png,3.5\n"
    upload, _, attributes = open_upload(store_upload([("z.zip", zipped([*files, ("train/attributes.csv", table)]))], "x"))
    assert upload.report.rejected == ()
    np.testing.assert_array_equal(attributes[:, 0], np.float32([np.nan] * 3 + [1.5, 2.5, 3.5]))


def test_undecodable_names_in_a_folder_are_joined_too(tmp_path):
    (tmp_path / "photos").mkdir()
    for name, i in ((NFC.encode("cp1252"), 1), (b"b.png", 2)):
        with open(bytes(tmp_path / "photos") + b"/" + name, "wb") as file:
            file.write(picture(seed=i))
    (tmp_path / "photos" / "attributes.csv").write_text(f"file,age\n{NFC},1.5\nb.png,2.5\n")
    images = own.load(DataSpec(name="own", path=str(tmp_path / "photos"), size=16, channels=1), lambda share, what: None)
    assert sorted(images.attributes[:, 0].tolist()) == [1.5, 2.5] and len(images.take(np.arange(2)).x) == 2


def test_what_is_shown_is_printable_and_what_is_joined_is_not_cut():
    assert printable("a\x1b[31m\u202fb\n.png") == "a?[31m b?.png" and len(printable("n" * 500)) == 200
    names = Names([f"{LONG}{LONG}/{i}.png" for i in range(3)])
    assert names.find(f"{LONG}{LONG}/2.png")[1] == [2]


def test_a_hostile_path_costs_little():
    names = Names(["a/" * 3000 + "x.png", "x.png", *(f"{i}/img.png" for i in range(5000))])
    for row in ("b/" * 30_000 + "nothing.png", "img.png", "../" * 30_000 + "x.png", "/", "", "..", "\\", "\u200b"):
        names.find(row, "9999")
    assert plain("../../a/./b//c") == "../../a/b/c" and names.find("img.png", "77")[1] == [79]
