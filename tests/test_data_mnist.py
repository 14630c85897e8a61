"""MNIST and its kin: the layouts that people have, and files that are not what they say."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from genlab.data import DATASETS, DataSpec, describe, load_dataset, mnist
from genlab.errors import DataError

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
SETS = [mnist.MNIST, mnist.FASHION, mnist.KUZUSHIJI]


@pytest.fixture(autouse=True)
def places(tmp_path, monkeypatch):
    """An empty GENLAB_DATA and an empty cache."""
    monkeypatch.setenv("GENLAB_DATA", str(tmp_path / "mine"))
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "mine", tmp_path / "cache"


def idx(x):
    """An IDX file of bytes."""
    return bytes([0, 0, 8, x.ndim]) + struct.pack(f">{x.ndim}I", *x.shape) + x.tobytes()


def digits(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 28, 28), dtype=np.uint8), rng.integers(0, 10, n, dtype=np.uint8)


def put(folder, part, x, labels, packed=True):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in ((f"{part}-images-idx3-ubyte", idx(x)), (f"{part}-labels-idx1-ubyte", idx(labels))):
        (folder / (name + ".gz" * packed)).write_bytes(gzip.compress(data) if packed else data)


def all_images(name, **options):
    images = DATASETS[name].load(DataSpec(name=name, **{"size": 32, "channels": 1, **options}), lambda share, what: None)
    return images.take(np.arange(len(images)))


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("place", ["{0.name}", "{0.torchvision_name}/raw", "{0.name}/{0.torchvision_name}/raw"])
@pytest.mark.parametrize("source", SETS, ids=lambda source: source.name)
def test_every_layout_is_read(source, place, packed, places):
    x, labels = digits(7)
    assert not source.is_local()
    put(places[0] / place.format(source), "t10k", x, labels, packed)
    images = all_images(source.name)
    assert source.is_local() and source.count() == 7
    assert np.array_equal(images.x[:, 0, 2:30, 2:30], x) and images.x.sum() == x.sum()   # the frame is black
    assert np.array_equal(images.attributes[:, 0], labels)
    assert images.attribute_info[0].choices == source.classes and len(source.classes) == 10


def test_parts_are_joined_wherever_they_are(places):
    (x1, y1), (x2, y2) = digits(4, seed=1), digits(3, seed=2)
    put(places[1] / "mnist", "train", x1, y1)
    put(places[0] / "mnist", "t10k", x2, y2, packed=False)
    images = all_images("mnist")
    assert np.array_equal(images.x[:, 0, 2:30, 2:30], np.concatenate([x1, x2]))
    assert np.array_equal(images.attributes[:, 0], np.concatenate([y1, y2]))


@pytest.mark.parametrize(("size", "channels"), [(28, 1), (64, 3), (32, 3), (16, 1)])
def test_size_and_channels_are_as_asked(size, channels, places):
    put(places[0] / "mnist", "t10k", *digits(5))
    assert all_images("mnist", size=size, channels=channels).x.shape == (5, channels, size, size)


def test_without_labels_the_class_is_unknown(places):
    put(places[0] / "mnist", "t10k", *digits(3))
    (places[0] / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    assert np.isnan(all_images("mnist").attributes).all()


@pytest.mark.parametrize("source", SETS, ids=lambda source: source.name)
def test_without_files_it_is_said_where_to_put_them(source, places):
    with pytest.raises(DataError) as told:
        load_dataset(DataSpec(name=source.name))
    assert str(told.value) == (
        f"{source.name}: its files are not on this machine (looked in {places[0]} and {places[1]}). Put train-images-idx3-ubyte.gz, "
        f"train-labels-idx1-ubyte.gz, t10k-images-idx3-ubyte.gz, t10k-labels-idx1-ubyte.gz into {places[1]}/{source.name}, or into "
        f"{source.name}/ below a folder that GENLAB_DATA names; or download them with: python -m genlab data fetch {source.name}"
    )


GOOD = idx(digits(3)[0])
BROKEN = {
    "cut": (GOOD[:-100], "is cut short, 2252 of 2352 bytes; put a whole copy in its place"),
    "cut in the header": (GOOD[:10], "is not an IDX file of bytes with 3 axes"),
    "empty": (b"", "is not an IDX file of bytes with 3 axes"),
    "a web page": (b"<html>Not found</html>", "is not an IDX file of bytes with 3 axes"),
    "labels": (idx(digits(3)[1]), "is not an IDX file of bytes with 3 axes"),
    "other size": (idx(np.zeros((2, 8, 8), np.uint8)), "holds images of 8x8; 28x28 is needed"),
    "endless": (bytes([0, 0, 8, 3]) + b"\xff" * 12, "at most 100000000 are read"),
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_told(case, packed, places):
    data, reason = BROKEN[case]
    put(places[0] / "mnist", "t10k", *digits(3), packed)
    path = places[0] / "mnist" / ("t10k-images-idx3-ubyte" + ".gz" * packed)
    path.write_bytes(gzip.compress(data) if packed else data)
    with pytest.raises(DataError) as told:
        load_dataset(DataSpec(name="mnist"))
    assert reason in str(told.value) and "t10k-images-idx3-ubyte" in str(told.value)


def test_a_torn_gzip_is_told_and_does_not_hide_the_other_datasets(places):
    put(places[0] / "mnist", "t10k", *digits(3))
    path = places[0] / "mnist" / "t10k-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:9])
    with pytest.raises(DataError, match=rf"^{path}: can't be read \(.*\); put a whole copy in its place$"):
        load_dataset(DataSpec(name="mnist"))
    rows = {row["name"]: row for row in describe()}
    assert rows["mnist"]["local"] and rows["mnist"]["n"] is None and rows["digits"]["n"] == 1797


@pytest.mark.parametrize("labels", [np.zeros(2, np.uint8), np.full(3, 10, np.uint8)])
def test_labels_that_do_not_fit_are_told(labels, places):
    put(places[0] / "mnist", "t10k", digits(3)[0], labels)
    with pytest.raises(DataError, match="3 below 10 are needed$"):
        load_dataset(DataSpec(name="mnist"))


@pytest.mark.skipif(not (SHARED / "mnist").is_dir(), reason="needs the images that lie beside the checkout")
def test_the_real_files_are_read(monkeypatch):
    monkeypatch.setenv("GENLAB_DATA", str(SHARED))
    train, test = load_dataset(DataSpec(name="mnist"))
    assert train.x.shape[1:] == (1, 32, 32) and len(train) + len(test) == 10_000 == DATASETS["mnist"].count()
    digit = np.concatenate([train.attributes, test.attributes])[:, 0]
    assert np.bincount(digit.astype(int)).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    ones, zeros = train.x[train.attributes[:, 0] == 1].mean(), train.x[train.attributes[:, 0] == 0].mean()
    assert zeros > 2 * ones   # a zero has more ink than a one


def test_one_part_can_be_named(places):
    (x1, y1), (x2, y2) = digits(4, seed=1), digits(3, seed=2)
    put(places[0] / "mnist", "train", x1, y1)
    put(places[0] / "mnist", "t10k", x2, y2)
    assert np.array_equal(all_images("mnist", path="t10k").x[:, 0, 2:30, 2:30], x2)
    with pytest.raises(DataError, match="part 't11k' is not known; train or t10k"):
        all_images("mnist", path="t11k")
