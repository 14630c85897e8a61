"""CIFAR-10 in both versions, and pickles that would run code."""

import io
import os
import pickle
import struct
import tarfile

import numpy as np
import pytest

from genlab.data import DATASETS, DataSpec, load_dataset
from genlab.data.cifar import read_pickled
from genlab.errors import DataError


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_DATA", str(tmp_path / "mine"))
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    return tmp_path / "mine"


def photos(n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (n, 3072), dtype=np.uint8), rng.integers(0, 10, n).tolist()


def batch_of_python_2(x, labels):
    """The bytes that Python 2 pickled such a batch to, as the published files hold them."""
    start = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K\x00tU\x01btR(K\x01"
    shape = b"(" + b"".join(b"J" + struct.pack("<i", n) for n in x.shape) + b"t"
    dtype = b"cnumpy\ndtype\n(U\x02u1K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
    array = start + shape + dtype + b"\x89T" + struct.pack("<i", x.size) + x.tobytes() + b"tb"
    return b"\x80\x02}(U\x0bbatch_labelU\x04someU\x06labels](" + b"".join(b"K%c" % i for i in labels) + b"eU\x04data" + array + b"u."


def batch_of_python_3(x, labels):
    return pickle.dumps({"data": x, "labels": labels}, protocol=4)


def binary_batch(x, labels):
    return np.concatenate([np.uint8(labels)[:, None], x], axis=1).tobytes()


VERSIONS = {
    "python 2": ("cifar-10-batches-py", "cifar-10-python.tar.gz", "", batch_of_python_2),
    "python 3": ("cifar-10-batches-py", "cifar-10-python.tar.gz", "", batch_of_python_3),
    "binary": ("cifar-10-batches-bin", "cifar-10-binary.tar.gz", ".bin", binary_batch),
}


def put(place, version, packed, batches):
    """Write named batches as a folder, or as the archive that it is published in."""
    folder, archive, suffix, write = VERSIONS[version]
    files = {f"{folder}/{name}{suffix}": write(*batch) for name, batch in batches.items()} | {f"{folder}/readme.html": b"<html>"}
    place.mkdir(parents=True)
    if packed:
        with tarfile.open(place / archive, "w:gz") as tar:
            for name, data in reversed(files.items()):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return
    (place / folder).mkdir()
    for name, data in files.items():
        (place / name).write_bytes(data)


@pytest.mark.parametrize("place", ["", "cifar10"])
@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_layout_is_read(version, packed, place, mine):
    (x1, y1), (x2, y2) = photos(4, seed=1), photos(3, seed=2)
    assert not DATASETS["cifar10"].is_local()
    put(mine / place, version, packed, {"data_batch_2": (x1, y1), "test_batch": (x2, y2)})
    assert DATASETS["cifar10"].is_local()
    images = DATASETS["cifar10"].load(DataSpec(name="cifar10", size=32, channels=3), lambda share, what: None).take(np.arange(7))
    assert np.array_equal(images.x.reshape(7, -1), np.concatenate([x1, x2]))
    assert images.attributes[:, 0].tolist() == y1 + y2 and images.attribute_info[0].choices[3] == "cat"


def test_size_and_channels_are_as_asked(mine):
    put(mine, "binary", True, {"test_batch": photos(4)})
    assert load_dataset(DataSpec(name="cifar10", size=16, channels=1))[0].x.shape[1:] == (1, 16, 16)


def test_without_files_it_is_said_where_to_put_them(mine, tmp_path):
    with pytest.raises(DataError) as told:
        load_dataset(DataSpec(name="cifar10"))
    assert f"Put cifar-10-python.tar.gz (or cifar-10-binary.tar.gz, or what unpacks from either) into {tmp_path}/cache/cifar10" in str(told.value)


class Call:
    """Pickles to a call of any function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


MARK = "GENLAB_TEST_CODE_RAN"
EVIL = {
    "system": Call(os.system, "true"),
    "eval": Call(eval, f"__import__('os').environ.update({MARK}='yes')"),
    "open": Call(open, "/tmp/never", "w"),
    "getattr": Call(getattr, "x", "format"),
    "numpy loader": Call(np.load, "/tmp/never"),
    "object": np.array([Call(os.getcwd)], dtype=object),
    "import": Call(__import__, "antigravity"),
}


@pytest.mark.parametrize("case", EVIL)
@pytest.mark.parametrize("protocol", [0, 2, 4, 5])
def test_a_pickle_that_calls_anything_is_refused(case, protocol, monkeypatch):
    monkeypatch.delenv(MARK, raising=False)
    data = pickle.dumps({"data": EVIL[case], "labels": [0]}, protocol)
    with pytest.raises(DataError, match=r"^data_batch_1: is not a batch of CIFAR-10 \(.*only .*\); put the original in its place$"):
        read_pickled(data, "data_batch_1")
    assert MARK not in os.environ


def test_opcodes_written_by_hand_are_refused(monkeypatch):
    monkeypatch.delenv(MARK, raising=False)
    with pytest.raises(DataError, match="it asks for os.environ, and only arrays of bytes, text, lists and dicts are read"):
        read_pickled(b"cos\nenviron\nS'" + MARK.encode() + b"'\nS'yes'\ns.", "data_batch_1")
    assert MARK not in os.environ


def test_such_a_pickle_does_run_when_it_is_trusted(monkeypatch):
    monkeypatch.delenv(MARK, raising=False)
    pickle.loads(pickle.dumps(EVIL["eval"]))
    assert os.environ.pop(MARK) == "yes"


BROKEN = {
    "empty": b"",
    "text": b"<html>Not found</html>",
    "cut": batch_of_python_3(*photos(3))[:-50],
    "no dict": pickle.dumps([1, 2]),
    "no labels": pickle.dumps({"data": photos(2)[0]}, 4),
    "no array": pickle.dumps({"data": [1, 2], "labels": [0, 0]}, 4),
    "floats": pickle.dumps({"data": np.zeros((2, 3072)), "labels": [0, 0]}, 4),
    "flat": pickle.dumps({"data": np.zeros(3072, np.uint8), "labels": [0]}, 4),
    "narrow": pickle.dumps({"data": np.zeros((2, 300), np.uint8), "labels": [0, 0]}, 4),
    "few labels": pickle.dumps({"data": photos(2)[0], "labels": [0]}, 4),
    "large label": pickle.dumps({"data": photos(2)[0], "labels": [0, 10]}, 4),
    "words": pickle.dumps({"data": photos(2)[0], "labels": ["cat", "dog"]}, 4),
    "ragged": pickle.dumps({"data": photos(2)[0], "labels": [[0], [1, 2]]}, 4),
    "wrong shape": batch_of_python_2(*photos(2)).replace(struct.pack("<i", 3072), struct.pack("<i", 3073), 1),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_batch_is_told(case):
    with pytest.raises(DataError, match="^data_batch_1: (is not a batch of CIFAR-10|images .* are needed)"):
        read_pickled(BROKEN[case], "data_batch_1")


def test_a_broken_binary_batch_is_told(mine):
    put(mine, "binary", False, {"test_batch": photos(2)})
    path = mine / "cifar-10-batches-bin" / "test_batch.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="test_batch: has 6145 bytes, which is no multiple of 3 073; put the original in its place$"):
        load_dataset(DataSpec(name="cifar10"))


def test_a_torn_archive_is_told(mine):
    put(mine, "python 2", True, {"test_batch": photos(2)})
    path = mine / "cifar-10-python.tar.gz"
    path.write_bytes(path.read_bytes()[:-500])
    with pytest.raises(DataError, match=rf"^{path}: can't be read \(.*\); put a whole copy in its place$"):
        load_dataset(DataSpec(name="cifar10"))


def test_an_archive_of_something_else_is_told(mine):
    put(mine, "binary", True, {})
    with pytest.raises(DataError, match="holds no batch of CIFAR-10; data_batch_1, .* are looked for$"):
        load_dataset(DataSpec(name="cifar10"))
