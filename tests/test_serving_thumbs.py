"""Thumbnails: the very images, bounded and kept by browsers; and the few images of a dataset they are taken from."""

import io
import threading

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient
from tiny_runs import tiny_run, use_folders

from genlab.data import DataSpec, load_dataset
from genlab.data.opened import opened, read_images
from genlab.errors import DataError
from genlab.lens import images
from genlab.lens.images import ImageCache
from genlab.lens.models import MODELS
from genlab.server.routes import ROUTES

API = TestClient(Starlette(routes=ROUTES))
DIGITS = DataSpec(name="digits", size=16, n=40, seed=3)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("thumbs"))
        yield tiny_run()


def picture(answer):
    assert answer.status_code == 200 and answer.headers["content-type"] == "image/png", answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


# -- images by position ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("spec", [DIGITS, DataSpec(name="digits", channels=3), DataSpec(name="faces", n=6, size=16, seed=2)])
def test_images_taken_one_by_one_are_those_of_the_whole_dataset(spec):
    whole = dict(zip(("train", "test"), load_dataset(spec), strict=True))
    source = opened(spec, read_images(spec))
    for part, images_ in whole.items():
        index = [0, 3, 4, 5, 1, len(images_) - 1]
        taken = source.take(part, index)
        np.testing.assert_array_equal(taken.x, images_.x[index])
        np.testing.assert_array_equal(taken.attributes, images_.attributes[index])


@pytest.mark.parametrize("part, index, words", [("train", [40], "0 to 39"), ("test", [-1], "image -1"), ("both", [0], "train and test"),
                                                ("train", [], "none")])
def test_an_image_that_is_not_there_is_named(part, index, words):
    with pytest.raises(DataError, match=words):
        opened(DIGITS, read_images(DIGITS)).take(part, index)


def test_a_dataset_is_read_once_whatever_is_chosen_of_it_and_the_oldest_leaves(monkeypatch):
    read = []
    monkeypatch.setattr(images, "read_images", lambda spec: read.append(spec.size) or read_images(spec))
    cache = ImageCache(budget=3_000_000)
    threads = [threading.Thread(target=cache.take, args=(DataSpec(size=16, seed=s), "test", [0])) for s in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read == [16] and cache.bytes == 1797 * 16 * 16
    for size in (24, 32, 16):
        cache.take(DataSpec(size=size), "test", [0])
        assert cache.bytes <= 3_000_000
    assert read == [16, 24, 32, 16]


# -- over HTTP ------------------------------------------------------------------------------------------------------


def test_one_position_is_the_image_itself():
    test_set = load_dataset(DataSpec(name="digits", size=32, channels=3, seed=5))[1]
    got = picture(API.get("/api/thumb/data/digits/test/7.png?size=32&channels=3&seed=5"))
    np.testing.assert_array_equal(got, test_set.x[7].transpose(1, 2, 0))
    np.testing.assert_array_equal(picture(API.get("/api/thumb/data/digits/test/7.png?size=32&seed=5")), test_set.x[7, 0])


def test_several_positions_are_one_sheet():
    train_set = load_dataset(DIGITS)[0]
    got = picture(API.get("/api/thumb/data/digits/train/4,2,9.png?size=16&n=40&seed=3&columns=2"))
    assert got.shape == (32, 32)
    for (row, column), i in {(0, 0): 4, (0, 1): 2, (1, 0): 9}.items():
        np.testing.assert_array_equal(got[16 * row : 16 * row + 16, 16 * column : 16 * column + 16], train_set.x[i, 0])
    assert not got[16:, 16:].any()


def test_a_runs_own_images_are_those_it_was_trained_on(run):
    train_set = load_dataset(run.plan.data)[0]
    np.testing.assert_array_equal(picture(API.get(f"/api/thumb/run/{run.id}/train/63.png")), train_set.x[63, 0])
    assert "0 to 63" in API.get(f"/api/thumb/run/{run.id}/train/64.png").text


def test_a_seed_is_what_the_run_makes_of_it(run):
    exact, model = MODELS.get(run.id, exact=True), MODELS.get(run.id)
    got = picture(API.get(f"/api/thumb/prior/{run.id}/5,6.png"))
    expected = model.decode(np.concatenate([exact.prior(1, 5), exact.prior(1, 6)]))
    assert np.abs(got[:, 16:].astype(int) - expected[1, :, :, 0]).max() <= 1
    early = picture(API.get(f"/api/thumb/prior/{run.id}/5.png?step=4"))
    assert not np.array_equal(early, got[:, :16])


def test_browsers_keep_what_never_changes_and_ask_again_for_the_rest(run):
    for address, keeping in ((f"/api/thumb/run/{run.id}/train/1.png", "max-age=86400"), (f"/api/thumb/prior/{run.id}/1.png?step=4", "max-age=86400"),
                             (f"/api/thumb/prior/{run.id}/1.png", "no-cache")):
        answer = API.get(address)
        assert keeping in answer.headers["cache-control"]
        again = API.get(address, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304 and not again.content


@pytest.mark.parametrize("address, words", [
    ("data/nothing/test/0.png", "not known"),
    ("data/own/test/0.png", "through the run"),
    ("data/digits/both/0.png", "train and test"),
    ("data/digits/test/9999.png", "0 to 179"),
    ("data/digits/test/-1.png", "not a whole number"),
    ("data/digits/test/1,,2.png", "not a whole number"),
    ("data/digits/test/%D9%A3.png", "not a whole number"),
    ("data/digits/test/" + ",".join(["1"] * 257) + ".png", "more than 256"),
    ("data/digits/test/" + "9" * 400 + ".png", "not a whole number"),
    ("data/digits/test/0.png?size=9999", "size = 9999"),
    ("data/digits/test/0.png?size=x", "not a whole number"),
    ("data/digits/test/0.png?channels=2", "channels"),
    ("data/digits/train/0.png?n=100000", "100000 images asked for"),
    ("data/digits/test/0.png?columns=x", "columns"),
    ("run/nothing/test/0.png", "not known"),
    ("run/..%2f..%2fetc/test/0.png", ""),
    ("prior/nothing/0.png", "not known"),
    ("prior/RUN/0.png?step=5", "no weights at step 5"),
    ("prior/RUN/x.png", "not a whole number"),
])
def test_what_cannot_be_shown_is_a_404_with_its_reason(run, address, words):
    answer = API.get("/api/thumb/" + address.replace("RUN", run.id))
    assert answer.status_code == 404 and words in answer.text
