"""Downloads, from a real server on this machine: checked before they get their name, and nothing half-done."""

import contextlib
import gzip
import hashlib
import http.server
import threading

import numpy as np
import pytest

from genlab import files
from genlab.data import DATASETS, DataSpec, download, load_dataset
from genlab.data.download import Remote
from genlab.data.vision import torchvision
from genlab.errors import DataError, LabError
from tests.test_data_cifar import photos, put
from tests.test_data_mnist import idx


class Server(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; of a path that ends in .torn it sends half of what it promises."""

    def log_message(self, *args):
        """Keeps the test's output quiet."""

    def copyfile(self, source, out):
        data = source.read()
        out.write(data[: len(data) // 2] if self.path.endswith(".torn") else data)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder and the address at which it is served."""
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("GENLAB_DATA", raising=False)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    (tmp_path / "site").mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Server(*a, directory=tmp_path / "site")) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield tmp_path / "site", f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def md5(data):
    return hashlib.md5(data).hexdigest()


def left_over(tmp_path):
    return sorted(path.name for path in (tmp_path / "cache").rglob("*") if path.is_file())


@pytest.fixture
def mnist_site(site, monkeypatch):
    """torchvision's table for MNIST, pointed at small files on this machine."""
    folder, url = site
    rng = np.random.default_rng(0)
    made = {}
    for part, n in (("train", 6), ("t10k", 4)):
        made[f"{part}-images-idx3-ubyte.gz"] = gzip.compress(idx(rng.integers(0, 256, (n, 28, 28), dtype=np.uint8)))
        made[f"{part}-labels-idx1-ubyte.gz"] = gzip.compress(idx(rng.integers(0, 10, n, dtype=np.uint8)))
    for name, data in made.items():
        (folder / name).write_bytes(data)
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [url + "gone/", url])
    monkeypatch.setattr(torchvision.datasets.MNIST, "resources", [(name, md5(data)) for name, data in made.items()])
    return made


def test_mnist_is_fetched_from_the_second_address_and_loads(mnist_site, tmp_path):
    told = []
    DATASETS["mnist"].fetch(lambda share, what: told.append((share, what)))
    assert left_over(tmp_path) == sorted(mnist_site)
    assert [share for share, _ in told] == sorted(share for share, _ in told) and told[-1] == (1.0, "mnist is here")
    assert any(what.startswith("train-images-idx3-ubyte.gz, 0.0 of 0.0 MB") for _, what in told)
    train, test = load_dataset(DataSpec(name="mnist"))
    assert len(train) + len(test) == 10


def test_what_is_here_is_not_fetched_again(mnist_site, tmp_path, monkeypatch):
    DATASETS["mnist"].fetch(lambda share, what: None)
    (tmp_path / "cache" / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    monkeypatch.setattr(torchvision.datasets.MNIST, "mirrors", [torchvision.datasets.MNIST.mirrors[1]])
    for name in mnist_site:
        if name != "t10k-labels-idx1-ubyte.gz":
            (tmp_path / "site" / name).unlink()   # asked for, it would be missed
    DATASETS["mnist"].fetch(lambda share, what: None)
    assert left_over(tmp_path) == sorted(mnist_site)


def test_cifar_is_fetched_and_loads(site, tmp_path, monkeypatch):
    folder, url = site
    put(tmp_path / "made", "python 2", True, {"data_batch_1": photos(5), "test_batch": photos(5, seed=1)})
    data = (tmp_path / "made" / "cifar-10-python.tar.gz").read_bytes()
    (folder / "cifar-10-python.tar.gz").write_bytes(data)
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "url", url + "cifar-10-python.tar.gz")
    monkeypatch.setattr(torchvision.datasets.CIFAR10, "tgz_md5", md5(data))
    DATASETS["cifar10"].fetch(lambda share, what: None)
    assert len(load_dataset(DataSpec(name="cifar10", n=9))[0]) == 9


def fetch(url, name="a.bin", data=b"x" * 100_000):
    download.download("mnist", [Remote(name, (url + name,), md5(data))], "mnist", lambda share, what: None)


FAULTS = {
    "missing": ("a.bin", None, "HTTP Error 404: File not found"),
    "other content": ("a.bin", b"<html>Sign in to the network</html>", "35 bytes came, with MD5 "),
    "torn": ("a.bin.torn", b"x" * 100_000, "50000 bytes came, with MD5 "),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_download_that_fails_leaves_nothing_and_says_what_to_do(case, site, tmp_path):
    name, data, reason = FAULTS[case]
    folder, url = site
    if data:
        (folder / name).write_bytes(data)
    with pytest.raises(DataError) as told:
        fetch(url, name)
    assert str(told.value).startswith(f"mnist: {name} could not be downloaded ({url}{name}: ")
    assert reason in str(told.value)
    assert str(told.value).endswith(f"). Try again with a network, or put it into {tmp_path}/cache/mnist by hand")
    assert left_over(tmp_path) == []


def test_without_a_network_it_is_said_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(DataError, match=r"^mnist: a.bin could not be downloaded \(http://127.0.0.1:9/a.bin: .*refused.*\)\. Try again with a net"):
        fetch("http://127.0.0.1:9/")
    assert left_over(tmp_path) == []


def test_a_file_that_is_there_survives_a_failed_download(site, tmp_path):
    folder, url = site
    old = tmp_path / "cache" / "mnist" / "a.bin"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"old")
    with pytest.raises(DataError):
        fetch(url)
    assert old.read_bytes() == b"old" and left_over(tmp_path) == ["a.bin"]


def test_whoever_watches_may_stop_it(site, tmp_path):
    folder, url = site
    (folder / "a.bin").write_bytes(b"x" * 1_000_000)

    def stop(share, what):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download.download("mnist", [Remote("a.bin", (url + "a.bin",), "")], "mnist", stop)
    assert left_over(tmp_path) == []


def test_a_full_disk_is_told(site, tmp_path, monkeypatch):
    folder, url = site
    (folder / "a.bin").write_bytes(b"x" * 100_000)

    class FullDisk(type(tmp_path)):
        def open(self, mode="r"):
            return open("/dev/full", mode)

    @contextlib.contextmanager
    def on_full_disk(path):
        with files.replacing(path) as part:
            yield FullDisk(part)

    monkeypatch.setattr(download, "replacing", on_full_disk)
    with pytest.raises(LabError, match=rf"^{tmp_path}/cache/mnist/a.bin: the disk is full; nothing was changed\. Free some space and try again$"):
        fetch(url)
    assert left_over(tmp_path) == []


def test_the_tables_name_what_we_look_for():
    for name in ("MNIST", "FashionMNIST", "KMNIST"):
        source = getattr(torchvision.datasets, name)
        assert {file for file, _ in source.resources} == {
            f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")}
        assert all(len(digest) == 32 for _, digest in source.resources)
    assert torchvision.datasets.CIFAR10.filename == "cifar-10-python.tar.gz"
