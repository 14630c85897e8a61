"""The same request gives the same images, and the held-out part never moves."""

import numpy as np
import pytest

from genlab.data import DATASETS, Attribute, DataSpec, describe, find_dataset, load_dataset
from genlab.data.base import MAX_HELD_OUT, LazySet, split_positions
from genlab.data.upload import store_upload
from genlab.errors import DataError
from tests.sample_pictures import picture


@pytest.fixture(params=["digits", "folder", "upload"])
def source(request, tmp_path, monkeypatch):
    """What to ask for: an eager dataset, and both lazy ones that need no download."""
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    files = [(f"{i}.png", picture(seed=i, width=16, height=16)) for i in range(30)]
    if request.param == "digits":
        return {"name": "digits"}
    if request.param == "upload":
        return {"name": "own", "path": store_upload(files, "x"), "size": 16}
    for name, data in files:
        (tmp_path / name).write_bytes(data)
    return {"name": "own", "path": str(tmp_path), "size": 16}


def same(a, b):
    return np.array_equal(a.x, b.x) and np.array_equal(a.attributes, b.attributes, equal_nan=True)


def keys(images):
    return {image.tobytes() for image in images.x}


@pytest.mark.parametrize("n", [None, 1, 20])
def test_the_same_request_gives_the_same_arrays(source, n):
    a, b = (load_dataset(DataSpec(**source, n=n, seed=3)) for _ in range(2))
    assert same(a[0], b[0]) and same(a[1], b[1])


def test_the_held_out_part_does_not_depend_on_n(source):
    train, test = load_dataset(DataSpec(**source))
    for n in (1, 7, 20, len(train)):
        few, held_out = load_dataset(DataSpec(**source, n=n))
        assert len(few) == n and same(held_out, test)
        assert keys(few) <= keys(train)
        assert not keys(few) & keys(held_out) or source["name"] == "digits"   # of the digits two are alike to the pixel


def test_fewer_images_are_the_first_of_more(source):
    few, more = (load_dataset(DataSpec(**source, n=n))[0] for n in (5, 12))
    assert same(few, more.take(slice(0, 5)))


def test_another_seed_holds_out_others(source):
    a, b = (load_dataset(DataSpec(**source, seed=seed))[1] for seed in (0, 1))
    assert not np.array_equal(a.x, b.x)


def test_more_than_there_are_is_refused(source):
    with pytest.raises(DataError, match=r": 99999 images asked for; it holds \d+ besides the held-out \d+$"):
        load_dataset(DataSpec(**source, n=99_999))


def test_attributes_stay_with_their_images():
    numbers = np.arange(100, dtype=np.uint8)
    lazy = LazySet("x", lambda index: numbers[index].reshape(-1, 1, 1, 1), numbers[:, None].astype(np.float32), (Attribute("number"),))
    eager = lazy.take(np.arange(100))
    for images in (lazy, eager):
        taken = images.take(np.array([42, 7, 7]))
        assert taken.x[:, 0, 0, 0].tolist() == taken.attributes[:, 0].tolist() == [42, 7, 7]


SPLITS = [(1, 0.1, 1), (2, 0.1, 1), (2, 0.9, 1), (10, 0.1, 1), (100, 0.25, 25), (202_599, 0.1, MAX_HELD_OUT)]


@pytest.mark.parametrize(("n", "share", "n_test"), SPLITS)
def test_a_split_is_disjoint_whole_and_bounded(n, share, n_test):
    train, test = split_positions(n, share, 0)
    assert len(test) == n_test
    assert sorted({*train, *test}) == list(range(n)) and (n == 1 or not {*train} & {*test})


def test_a_dataset_that_is_not_known_is_told_with_the_nearest():
    with pytest.raises(DataError, match="^dataset 'minst' is not known: did you mean 'mnist'?"):
        find_dataset("minst")


def test_the_table_describes_every_dataset(monkeypatch, tmp_path):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path))
    monkeypatch.delenv("GENLAB_DATA", raising=False)
    rows = describe()
    assert [row["name"] for row in rows] == list(DATASETS)
    local = {row["name"]: row["local"] for row in rows}
    assert local["digits"] and local["own"] and not any(local[name] for name in ("mnist", "fashion-mnist", "kmnist", "cifar10", "celeba"))
    assert all(row["channels"] in (1, 3) and 16 <= row["size"] <= 64 and row["title"] and row["about"] for row in rows)
    assert [row["name"] for row in rows if row["can_fetch"]] == ["mnist", "fashion-mnist", "kmnist", "cifar10"]
