"""Your own images as a dataset: from an upload and from a folder."""

import logging

import numpy as np
import pytest

from genlab.data import DataSpec, load_dataset, own
from genlab.data.upload import delete_upload, store_upload
from genlab.errors import DataError
from tests.sample_pictures import drawn, picture

TABLE = b"file,smile\n0.png,1\n1.png,0\nin/2.png,1\n"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    """Six pictures, two of them in a folder of their own, and a table."""
    (tmp_path / "photos" / "in").mkdir(parents=True)
    for i in range(6):
        (tmp_path / "photos" / ("in" if i in (2, 3) else "") / f"{i}.png").write_bytes(picture(seed=i))
    (tmp_path / "photos" / "attributes.csv").write_bytes(TABLE)
    return tmp_path / "photos"


def spec(path, **options):
    return DataSpec(name="own", path=str(path), **options)


def all_images(**options):
    """Every image that spec names, train and test together, in the order of the source."""
    return own.load(DataSpec(name="own", **{"size": 40, "channels": 3, **options}), lambda share, what: None)


def test_an_upload_comes_back_as_it_was_sent():
    images = all_images(path=store_upload([(f"{i}.png", picture(seed=i)) for i in range(4)] + [("attributes.csv", TABLE)], "x"))
    taken = images.take(np.array([3, 1]))
    assert len(images) == 4 and taken.attribute_names == ("smile",)
    assert np.array_equal(taken.x[0], np.asarray(drawn(seed=3)).transpose(2, 0, 1))
    assert np.array_equal(taken.attributes, [[np.nan], [0]], equal_nan=True)


@pytest.mark.parametrize(("size", "channels"), [(16, 1), (16, 3), (128, 1), (64, 3)])
def test_size_and_channels_are_as_asked(folder, size, channels):
    for path in (folder, store_upload([("a.png", picture()), ("b.png", picture(seed=1))], "x")):
        train, _ = load_dataset(spec(path, size=size, channels=channels))
        assert train.x.shape[1:] == (channels, size, size)


def test_the_default_is_64_pixels_in_colour(folder):
    assert load_dataset(spec(folder))[0].x.shape[1:] == (3, 64, 64)


def test_grey_uploads_can_be_had_in_colour():
    images = all_images(path=store_upload([("a.png", picture(mode="L"))], "x")).take(np.array([0]))
    assert np.array_equal(images.x[0, 0], images.x[0, 2]) and images.x.std() > 0


def test_a_folder_gives_its_pictures_by_path_with_their_attributes(folder):
    images = all_images(path=str(folder)).take(np.arange(6))
    order = [0, 1, 4, 5, 2, 3]   # in/2.png and in/3.png come last
    assert all(np.array_equal(images.x[at], np.asarray(drawn(seed=i)).transpose(2, 0, 1)) for at, i in enumerate(order))
    assert np.array_equal(images.attributes[:, 0], [1, 0, np.nan, np.nan, 1, np.nan], equal_nan=True)


def test_a_folder_and_its_upload_hold_the_same_images(folder):
    files = [(p.relative_to(folder).as_posix(), p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()]
    a, b = load_dataset(spec(folder, size=40)), load_dataset(spec(store_upload(files, "x"), size=40))
    assert all(np.array_equal(x.x, y.x) and np.array_equal(x.attributes, y.attributes, equal_nan=True) for x, y in zip(a, b, strict=True))


def test_a_folder_passes_over_what_a_system_adds(folder, caplog):
    for name in (".hidden.png", "Thumbs.db", "desktop.ini"):
        (folder / name).write_bytes(b"x")
    assert len(all_images(path=str(folder))) == 6 and caplog.records == []


def test_what_is_no_picture_is_left_out_and_told(folder, caplog):
    (folder / "0a.png").write_bytes(b"x")
    (folder / "0b.png").write_bytes(picture(width=1, height=1))
    (folder / "notes.txt").write_bytes(b"x")
    with caplog.at_level(logging.WARNING):
        assert len(all_images(path=str(folder))) == 6
    assert f"{folder}: 6 images; left out: 0a.png is no picture that can be read" in caplog.text
    assert "(1 more like it); 0b.png is 1 x 1 pixels" in caplog.text


def test_a_damaged_picture_is_left_out_and_the_others_are_used(folder, caplog):
    (folder / "4.png").write_bytes(picture()[:-300])
    images = all_images(path=str(folder))
    assert len(images) == 5 and len(images.take(np.arange(5)).x) == 5
    assert "5 images; left out: 4.png is cut short or damaged" in caplog.text


def test_a_table_of_nonsense_in_a_folder_is_told_and_the_pictures_are_used(folder, caplog):
    (folder / "attributes.csv").write_bytes(b"\xff\xfe")
    images = all_images(path=str(folder))
    assert len(images) == 6 and images.attribute_info == ()
    assert "6 images; left out: attributes.csv is not UTF-8 text (byte 0); save it as CSV UTF-8" in caplog.text


def test_rows_of_nonsense_in_a_folder_are_told_and_the_rest_is_used(folder, caplog):
    (folder / "attributes.csv").write_bytes(TABLE + b"ghost.png,1\n")
    assert all_images(path=str(folder)).attribute_info[0].name == "smile"
    assert "line 5 names 'ghost.png', which is not among the images" in caplog.text


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(DataError, match=rf"^{tmp_path}: holds no picture that can be used \(it holds no file\)$"):
        load_dataset(spec(tmp_path))


def test_a_folder_of_broken_pictures_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x")
    with pytest.raises(DataError, match=rf"^{tmp_path}: holds no picture that can be used \(a.png is no picture that can be read"):
        load_dataset(spec(tmp_path))


def test_a_path_that_is_nothing_is_refused():
    with pytest.raises(DataError, match="^own: no images are named; path is the id of an upload, or a folder of pictures$"):
        load_dataset(DataSpec(name="own"))
    with pytest.raises(DataError, match="^own: '/no/such' is neither a folder on this machine nor the id of an upload$"):
        load_dataset(spec("/no/such"))


def test_a_deleted_upload_is_told():
    upload_id = store_upload([("a.png", picture())], "x")
    delete_upload(upload_id)
    with pytest.raises(DataError, match=f"^upload '{upload_id}' is not here: it was deleted"):
        load_dataset(spec(upload_id))


def test_one_image_alone_is_both_train_and_test():
    train, test = load_dataset(spec(store_upload([("a.png", picture())], "x")))
    assert len(train) == len(test) == 1 and np.array_equal(train.x, test.x)
