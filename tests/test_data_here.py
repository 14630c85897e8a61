"""Well-known sets as people have them: what can be read is found, whatever else bears the name."""

import gzip
import logging
import shutil

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genlab.cli import main
from genlab.data import DATASETS, DataSpec, describe, here, mnist
from genlab.errors import DataError
from tests.sample_pictures import picture
from tests.test_data_cifar import binary_batch, photos, put
from tests.test_data_mnist import SHARED, digits, idx

X, Y = digits(7)
TRAIN, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"


@pytest.fixture(autouse=True)
def mine(tmp_path, monkeypatch):
    monkeypatch.setenv("GENLAB_DATA", str(tmp_path / "mine"))
    monkeypatch.setenv("GENLAB_CACHE", str(tmp_path / "cache"))
    (tmp_path / "mine").mkdir()
    return tmp_path / "mine"


def write(folder, **files):
    """Files by name; __ stands for a slash."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def whole(name, size=32, channels=1):
    images = DATASETS[name].load(DataSpec(name=name, size=size, channels=channels), lambda share, what: None)
    return images, images.take(np.arange(len(images)))


def is_read(name="mnist", x=X, y=Y):
    _, images = whole(name)
    assert DATASETS[name].is_local() and DATASETS[name].count() == len(x)
    np.testing.assert_array_equal(images.x[:, 0, 2:30, 2:30], x)
    np.testing.assert_array_equal(images.attributes[:, 0], y)
    assert DATASETS[name].faults() == []


SPELLED = {
    "dots": ("mnist/train-images.idx3-ubyte", "mnist/train-labels.idx1-ubyte"),
    "dots, gzipped": ("mnist/train-images.idx3-ubyte.gz", "mnist/train-labels.idx1-ubyte.gz"),
    "underscores": ("mnist/train_images_idx3_ubyte", "mnist/train_labels_idx1_ubyte"),
    "capitals": ("MNIST/Train-Images-IDX3-ubyte", "MNIST/TRAIN-LABELS-IDX1-UBYTE"),
    "a second download": ("mnist/train-images-idx3-ubyte (1).gz", "mnist/train-labels-idx1-ubyte (2).gz"),
    "straight in GENLAB_DATA": (TRAIN, LABELS),
    "straight, with dots": ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
    "straight in raw": (f"raw/{TRAIN}", f"raw/{LABELS}"),
    "a folder for each file": (f"mnist/{TRAIN}/{TRAIN}", f"mnist/{LABELS}/{LABELS}"),
    "a folder for each file, with dots": (f"mnist/{TRAIN}/train-images.idx3-ubyte", f"mnist/{LABELS}/train-labels.idx1-ubyte"),
    "straight, a folder for each file": (f"{TRAIN}/train-images.idx3-ubyte", f"{LABELS}/train-labels.idx1-ubyte"),
    "labels in a folder alone": (f"mnist/{TRAIN}", f"mnist/{LABELS}/{LABELS}"),
    "torchvision's folder without raw": (f"MNIST/{TRAIN}", f"MNIST/{LABELS}"),
}


@pytest.mark.parametrize("is_packed", [True, False])
@pytest.mark.parametrize("case", SPELLED)
def test_mnist_is_found_however_it_lies_there(case, is_packed, mine):
    """Whether a file is gzipped its bytes tell: a browser may have unpacked it and kept the name."""
    images, labels = SPELLED[case]
    pack = gzip.compress if is_packed else bytes
    write(mine, **{images: pack(idx(X)), labels: pack(idx(Y))})
    is_read()


HIDING = {   # what lies in the way, in GENLAB_DATA, of whole files in the cache
    "an empty folder of that name": lambda mine: (mine / "mnist" / TRAIN).mkdir(parents=True),
    "an empty place": lambda mine: (mine / "mnist").mkdir(),
    "a file where the place should be": lambda mine: (mine / "mnist").write_bytes(b"x"),
    "an empty file": lambda mine: write(mine, **{f"mnist/{TRAIN}": b""}),
    "a web page": lambda mine: write(mine, **{f"mnist/{TRAIN}.gz": b"<html>Not found</html>"}),
    "cut short": lambda mine: write(mine, **{f"mnist/{TRAIN}": idx(X)[:-100]}),
    "a torn gzip": lambda mine: write(mine, **{f"mnist/{TRAIN}.gz": gzip.compress(idx(X))[:-100]}),
    "a torn gzip beside": lambda mine: write(mine.parent / "cache", **{f"mnist/{TRAIN}.gz": gzip.compress(idx(X))[:-100]}),
    "another size": lambda mine: write(mine, **{f"mnist/{TRAIN}": idx(np.zeros((7, 8, 8), np.uint8))}),
    "labels instead": lambda mine: write(mine, **{f"mnist/{TRAIN}": idx(Y)}),
    "other labels": lambda mine: write(mine, **{f"mnist/{LABELS}": idx(Y[:3])}),
    "a folder for labels": lambda mine: (mine / "mnist" / LABELS).mkdir(parents=True),
    "a link to nothing": lambda mine: ((mine / "mnist").mkdir(), (mine / "mnist" / TRAIN).symlink_to("gone")),
}


@pytest.mark.parametrize("case", HIDING)
def test_what_only_bears_the_name_does_not_hide_the_good_one(case, mine, tmp_path):
    write(tmp_path / "cache", **{f"mnist/{TRAIN}": idx(X), f"mnist/{LABELS}": idx(Y)})
    HIDING[case](mine)
    is_read()


def test_what_lies_straight_is_one_set_s_alone(mine):
    """All three sets' files bear the same names: the folder's name tells, else the ink; what is unlike all three is MNIST's."""
    for ink, name in ((33, "mnist"), (73, "fashion-mnist"), (49, "kmnist"), (150, "mnist")):
        write(mine, **{TRAIN: idx(np.full((7, 28, 28), ink, np.uint8)), LABELS: idx(Y)})
        assert [s.name for s in mnist.SETS if s.is_local()] == [name]


def test_the_folder_s_name_tells_which_set_lies_straight(mine, monkeypatch):
    folder = mine / "Fashion_MNIST"
    write(folder, **{TRAIN: idx(X), LABELS: idx(Y)})
    monkeypatch.setenv("GENLAB_DATA", str(folder))
    assert [s.name for s in mnist.SETS if s.is_local()] == ["fashion-mnist"]
    is_read("fashion-mnist")


def test_another_set_s_labels_are_never_taken(mine):
    write(mine, **{f"mnist/{TRAIN}": idx(X), LABELS: idx(Y), f"kmnist/{LABELS}": idx(Y)})
    assert np.isnan(whole("mnist")[1].attributes).all()


@pytest.mark.skipif(not (SHARED / "mnist").is_dir(), reason="needs the images that lie beside the checkout")
def test_the_real_files_straight_are_mnist(monkeypatch):
    monkeypatch.setenv("GENLAB_DATA", str(SHARED / "mnist"))
    monkeypatch.setattr(mnist, "MNIST", mnist.FASHION)   # what is unlike all three would be taken for this
    assert [s.name for s in mnist.SETS if s.is_local()] == ["mnist"]


def test_missing_labels_are_told(mine, caplog, capsys):
    write(mine, **{f"mnist/{TRAIN}": idx(X)})
    (fault,) = DATASETS["mnist"].faults()
    assert fault == f"{LABELS} is not beside {mine}/mnist/{TRAIN}, so nothing is known of these images"
    with caplog.at_level(logging.WARNING):
        assert np.isnan(whole("mnist")[1].attributes).all()
    assert fault in caplog.text
    assert main(["data", "list"]) == 0 and fault in capsys.readouterr().out
    assert {row["name"]: row["faults"] for row in describe()}["mnist"] == [fault]


def test_missing_labels_are_told_on_the_page_with_a_download(mine):
    def page():
        import streamlit as st

        from genlab.ui.data.datapick import choose_data
        st.session_state.setdefault("t.name", "mnist")
        st.session_state.setdefault("t.size", 32)
        choose_data(key="t")

    write(mine, **{f"mnist/{TRAIN}": idx(X)})
    app = AppTest.from_function(page, default_timeout=60).run()
    assert not app.exception and f"{LABELS} is not beside" in app.warning[0].value
    assert [button.label for button in app.button if "Download" in button.label] == ["Download handwritten digits"]
    write(mine, **{f"mnist/{LABELS}": idx(Y)})
    app.run()
    assert not app.exception and not app.warning and not [b for b in app.button if "Download" in b.label]


# -- CIFAR-10 -----------------------------------------------------------------------------------------------------------


def cifar(n):
    images = DATASETS["cifar10"].load(DataSpec(name="cifar10", size=32, channels=3), lambda share, what: None)
    assert DATASETS["cifar10"].is_local() and len(images) == n
    return images


@pytest.mark.parametrize("hiding", ["folder", "file", "web page"])
@pytest.mark.parametrize("version", ["python 3", "binary"])
def test_an_empty_folder_does_not_hide_an_archive_of_cifar(version, hiding, mine, tmp_path):
    put(tmp_path / "cache", version, True, {"test_batch": photos(3)})
    if hiding == "folder":
        (mine / "cifar-10-batches-py").mkdir()
    else:
        write(mine, **{"cifar-10-python.tar.gz" if hiding == "web page" else "cifar-10-batches-py": b"<html>"})
    cifar(3)


def test_a_torn_archive_does_not_hide_a_whole_one(mine, tmp_path, caplog):
    put(tmp_path / "cache", "binary", True, {"test_batch": photos(3)})
    put(mine / "cifar10", "binary", True, {"test_batch": photos(500)})
    path = mine / "cifar10" / "cifar-10-binary.tar.gz"
    path.write_bytes(path.read_bytes()[:-500])
    with caplog.at_level(logging.WARNING):
        cifar(3)
    assert f"{path}: can't be read" in caplog.text and "cache/cifar-10-binary.tar.gz is used" in caplog.text


@pytest.mark.parametrize("place", ["", "cifar10", "CIFAR-10", "cifar10/cifar-10-batches-bin", "cifar-10-binary/cifar-10-batches-bin"])
def test_batches_are_found_loose_and_in_folders(place, mine):
    write(mine / place, **{"data_batch_1.bin": binary_batch(*photos(4)), "test_batch.bin": binary_batch(*photos(2))})
    (mine / place / "test_batch").mkdir()
    cifar(6)


# -- CelebA -------------------------------------------------------------------------------------------------------------

FACES = [f"{i + 1:06d}" for i in range(5)]
SIGNS = [[1, -1], [-1, -1], [1, 1], [-1, 1], [1, -1]]
CSV = "image_id,Smiling,Male\n" + "".join(f"{name}.jpg,{a},{b}\n" for name, (a, b) in zip(FACES, SIGNS, strict=True))
TXT = "5\nSmiling Male\n" + "".join(f"{name}.jpg {a} {b}\n" for name, (a, b) in zip(FACES, SIGNS, strict=True))


def put_faces(folder, suffix="jpg"):
    write(folder, **{f"{name}.{suffix}": picture("JPEG" if suffix != "png" else "PNG", seed=i) for i, name in enumerate(FACES)})


def faces_are_read(n=5):
    images, _ = whole("celeba", 16, 3)
    assert DATASETS["celeba"].is_local() and DATASETS["celeba"].count() == 5 and [a.name for a in images.attribute_info] == ["Smiling", "Male"]
    assert images.attributes.tolist() == [[max(a, 0), max(b, 0)] for a, b in SIGNS[:n]]


@pytest.mark.parametrize("table", [
    CSV, CSV.replace("\n", "\r\n"), "\ufeff" + CSV, CSV.replace("-1", "0"), '"' + CSV.replace(",", '","').replace("\n", '"\n"')[:-1],
    CSV.replace(",1", ",1.0").replace(",-1", ",-1.0"),
])
def test_the_list_is_read_with_commas(table, mine):
    put_faces(mine / "celeba" / "img_align_celeba")
    write(mine, **{"celeba/list_attr_celeba.csv": table.encode()})
    faces_are_read()


CELEBA = {   # where the pictures are, and the list
    "Kaggle's": ("img_align_celeba/img_align_celeba", "list_attr_celeba.csv", CSV),
    "Kaggle's, in its folder": ("archive/img_align_celeba/img_align_celeba", "archive/list_attr_celeba.csv", CSV),
    "the publisher's folders": ("CelebA/Img/img_align_celeba", "CelebA/Anno/list_attr_celeba.txt", TXT),
    "a list in a folder of its name": ("celeba/img_align_celeba", "celeba/list_attr_celeba.txt/list_attr_celeba.txt", TXT),
    "pictures straight in GENLAB_DATA": ("", "list_attr_celeba.txt", TXT),
    "pictures straight in celeba": ("celeba", "celeba/list_attr_celeba.csv", CSV),
    "other spelling": ("celeb_a/IMG_ALIGN_CELEBA", "celeb_a/List_Attr_CelebA.txt", TXT),
}


@pytest.mark.parametrize("case", CELEBA)
def test_celeba_is_found_however_it_lies_there(case, mine):
    pictures, listed, text = CELEBA[case]
    put_faces(mine / pictures)
    write(mine, **{listed: text.encode()})
    faces_are_read()


@pytest.mark.parametrize("suffix", ["png", "JPG", "jpeg"])
def test_pictures_with_another_suffix_are_the_listed_ones(suffix, mine):
    put_faces(mine / "celeba" / "img_align_celeba", suffix)
    write(mine, **{"celeba/list_attr_celeba.txt": TXT.encode()})
    faces_are_read()


@pytest.mark.parametrize("hiding", [
    lambda mine: (mine / "celeba" / "img_align_celeba").mkdir(parents=True),
    lambda mine: (mine / "celeba" / "img_align_celeba" / "img_align_celeba").mkdir(parents=True),
    lambda mine: write(mine, **{"celeba/img_align_celeba": b"x"}),
    lambda mine: write(mine, **{"celeba/img_align_celeba/readme.txt": b"x"}),
    lambda mine: (mine / "celeba" / "list_attr_celeba.txt").mkdir(parents=True),
    lambda mine: write(mine, **{"celeba/list_attr_celeba.txt": b""}),
    lambda mine: write(mine, **{"celeba/list_attr_celeba.txt": TXT[:-30].encode()}),
    lambda mine: write(mine, **{"celeba/list_attr_celeba.csv": b"image_id,Smiling,Male\n"}),
])
def test_what_only_bears_a_name_of_celeba_does_not_hide_the_good_one(hiding, mine, tmp_path):
    put_faces(tmp_path / "cache" / "celeba" / "img_align_celeba")
    write(tmp_path / "cache", **{"celeba/list_attr_celeba.txt": TXT.encode()})
    hiding(mine)
    images, _ = whole("celeba", 16, 3)
    assert DATASETS["celeba"].is_local() and len(images) == 5 and images.attributes[0].tolist() == [1, 0]


def test_listed_pictures_that_are_not_here_are_told(mine, caplog):
    put_faces(mine / "celeba" / "img_align_celeba")
    (mine / "celeba" / "img_align_celeba" / f"{FACES[4]}.jpg").unlink()
    write(mine, **{"celeba/list_attr_celeba.txt": TXT.encode()})
    with caplog.at_level(logging.WARNING):
        faces_are_read(4)
    assert "celeba: 4 of the 5 files that its list names are in" in caplog.text


@pytest.mark.parametrize(("text", "reason"), [
    ("image_id,Smiling\n", "names no image"), ("image_id,Smiling\na.jpg,2\n", "line 2 holds a value other than 0 and 1"),
    ("image_id,Smiling\na.jpg,-1\nb.jpg,0\n", "line 3 holds a value other than -1 and 1"), ("image_id,Smiling\na.jpg,yes\n", "can't be read ("),
    ("image_id,Smiling,Male\na.jpg,1\n", "can't be read ("),
])
def test_a_broken_list_with_commas_is_told(text, reason, mine):
    put_faces(mine / "celeba" / "img_align_celeba")
    write(mine, **{"celeba/list_attr_celeba.csv": text.encode()})
    with pytest.raises(DataError) as told:
        whole("celeba", 16, 3)
    assert str(told.value).startswith(f"{mine}/celeba/list_attr_celeba.csv: {reason}")


def test_what_is_put_in_or_taken_away_is_seen_at_once(mine):
    assert not DATASETS["celeba"].is_local() and not DATASETS["mnist"].is_local()
    put_faces(mine / "celeba" / "img_align_celeba")
    write(mine, **{"celeba/list_attr_celeba.txt": TXT.encode(), f"mnist/{TRAIN}": idx(X)})
    assert DATASETS["celeba"].is_local() and DATASETS["mnist"].is_local()
    shutil.rmtree(mine / "celeba")
    shutil.rmtree(mine / "mnist")
    assert not DATASETS["celeba"].is_local() and not DATASETS["mnist"].is_local()


def test_names_are_compared_by_letters_and_digits():
    assert here.squeezed("train-images.idx3-ubyte (1).gz") == here.squeezed("Train_Images-idx3-UBYTE.gz") != here.squeezed("train-images-idx3-ubyte")
