"""Loose files and zips taken apart: what is passed on, and why the rest is not."""

import zipfile

import pytest

from genlab.data import archive
from genlab.data.archive import unpack
from genlab.errors import DataError
from tests.sample_pictures import picture, zip_of_zeros, zipped

GOOD = ("cat.png", picture())


def reasons(files):
    """Reasons by name; the good picture must have come through."""
    entries, rejected = unpack([GOOD, *files])
    assert [entry.name for entry in entries] == ["cat.png"]
    return dict(rejected)


def test_zips_and_loose_files_give_the_same_entries():
    loose = [("a/cat.png", picture()), ("dog.png", picture(seed=1))]
    entries, rejected = unpack([("all.zip", zipped(loose))])
    assert rejected == []
    assert [(e.name, e.open().read()) for e in entries] == loose
    assert [(e.name, e.size) for e in unpack(loose)[0]] == [(e.name, e.size) for e in entries]


def test_a_zip_is_known_by_its_bytes_and_several_may_come():
    files = [("one", zipped([GOOD])), ("two.zip", zipped([("dog.png", b"x")]))]
    assert [entry.name for entry in unpack(files)[0]] == ["cat.png", "dog.png"]


@pytest.mark.parametrize("name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "..\\evil.png", "C:\\evil.png", "C:evil.png"])
def test_a_path_that_climbs_out_is_refused(name):
    assert reasons([("z.zip", zipped([(name, picture())]))]) == {name: "has a path that leads out of its folder"}
    assert reasons([(name, picture())]) == {name: "has a path that leads out of its folder"}


@pytest.mark.parametrize("name", ["inner.zip", "inner.tar", "a/inner.TAR.GZ", "inner.7z", "inner.rar"])
def test_an_archive_inside_an_archive_is_refused(name):
    assert reasons([("z.zip", zipped([(name, zipped([GOOD]))]))]) == {name: "is an archive inside z.zip; unpack it first"}


def test_a_gigabyte_of_zeros_is_refused_unread():
    bomb = zip_of_zeros("zeros.png", 1024)
    assert len(bomb) < 2_000_000
    assert reasons([("z.zip", bomb)]) == {"zeros.png": "has 1,074 MB; at most 50 MB are read"}


def test_too_many_members_are_refused_at_once():
    many = zipped([(f"{i}.png", b"x") for i in range(archive.MAX_ENTRIES + 1)], zipfile.ZIP_STORED)
    with pytest.raises(DataError, match="^20001 files were sent; at most 20000 are taken at once$"):
        unpack([("z.zip", many)])


def test_too_much_in_sum_is_refused_at_once():
    zeros = bytes(40_000_000)
    bomb = zipped([(f"{i}.png", zeros) for i in range(3)])
    with pytest.raises(DataError, match="^the files have 4.1 GB once unpacked; at most 4 GB are taken at once$"):
        unpack([(f"{i}.zip", bomb) for i in range(34)])


def test_a_member_behind_a_password_is_refused():
    data = bytearray(zipped([("secret.png", picture())]))
    data[6] |= 1                                   # the flag in the local header
    data[data.index(b"PK\x01\x02") + 8] |= 1       # and in the directory
    assert reasons([("z.zip", bytes(data))]) == {"secret.png": "is locked with a password inside z.zip"}


@pytest.mark.parametrize("data", [zipped([GOOD])[:-30], b"PK\x03\x04 and nothing more", b"PK\x03\x04" + bytes(500)])
def test_a_broken_zip_is_refused(data):
    assert reasons([("z.zip", data)])["z.zip"].startswith("is a damaged zip archive (")


def test_a_member_that_lies_about_itself_is_damaged_when_opened():
    data = bytearray(zipped([("cat.png", picture())]))
    data[data.index(b"PK\x03\x04") + 26] += 1      # the length of the name, in the local header alone
    (entry,), rejected = unpack([("z.zip", bytes(data))])
    with pytest.raises(DataError, match=r"^is damaged inside its archive \("):
        entry.open()


def test_an_empty_file_is_refused():
    assert reasons([("nothing.png", b"")]) == {"nothing.png": "is empty"}


def test_what_a_system_adds_is_passed_over_in_silence():
    clutter = ["__MACOSX/._cat.png", ".DS_Store", "photos/.hidden.png", "Thumbs.db", "desktop.ini"]
    assert reasons([("z.zip", zipped([(name, b"x") for name in clutter]))]) == {}


def test_folders_are_no_files():
    assert reasons([("z.zip", zipped([("photos/", b"")], zipfile.ZIP_STORED))]) == {}


def test_names_are_made_fit_to_be_shown():
    entries, _ = unpack([("a\x1b[31mb\n.png", b"x"), ("n" * 500, b"x")])
    assert [entry.name for entry in entries] == ["a?[31mb?.png", "n" * 200]


def test_zeros_within_the_limit_are_passed_on_as_they_are():
    (entry,), _ = unpack([("z.zip", zip_of_zeros("zeros.png", 3))])
    assert entry.size == 3 << 20 and entry.open().read() == bytes(3 << 20)
