"""The message of a map: everything about its points, where the header says, and nothing for names that are not maps."""

import json

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient
from tiny_runs import tiny_run, use_folders

from genlab.data import load_dataset
from genlab.lens.models import MODELS
from genlab.maps import MapPlan, fit_map, map_step, read_map
from genlab.maps import message as maps
from genlab.server.maps import map_message

KINDS = {"xy": "<f4", "error": "<f4", "attributes": "<f2", "anchors": "<u4", "codes": "<f2", "film": "<f4", "filmCodes": "<f2"}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("serving-maps"))
        run = tiny_run(epochs=2)
        name = fit_map(run.id, map_step(run), MapPlan(method="pca", n=200, prior=15).model_dump())
        yield TestClient(Starlette(routes=[Route("/api/map/{run_id}/{name}.bin", map_message)])), run, name


def read(data):
    length = int(np.frombuffer(data, "<u4", 1)[0])
    header = json.loads(data[4 : 4 + length])
    at = 4 + length
    assert at % 4 == 0
    return header, {key: np.frombuffer(data, KINDS[key], size, at + start) for key, (start, size) in header["arrays"].items()}


def test_it_holds_places_latents_errors_and_attributes(lab):
    client, run, name = lab
    answer = client.get(f"/api/map/{run.id}/{name}.bin")
    header, arrays = read(answer.content)
    found, (train, test) = read_map(run.id, name), load_dataset(run.plan.data)
    assert header["counts"] == {"test": 180, "train": 20, "prior": 15} and header["images"] == 200 and header["latents"] == 3
    np.testing.assert_array_equal(arrays["xy"].reshape(-1, 2), found.xy)
    np.testing.assert_array_equal(arrays["codes"].reshape(-1, 3), found.z.astype(np.float16))
    np.testing.assert_array_equal(arrays["anchors"], np.arange(215))
    truth = np.concatenate([test.attributes, train.attributes[:20]])
    np.testing.assert_array_equal(arrays["attributes"].reshape(200, -1), truth)
    assert [a["name"] for a in header["info"]] == list(test.attribute_names)
    again = client.get(f"/api/map/{run.id}/{name}.bin", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_film_brings_the_latents_of_each_of_its_moments(lab):
    client, run, _ = lab
    name = fit_map(run.id, map_step(run), MapPlan(method="pca", n=40, prior=0).model_dump(), film=True)
    header, arrays = read(client.get(f"/api/map/{run.id}/{name}.bin").content)
    steps, test = header["filmSteps"], load_dataset(run.plan.data)[1]
    codes = arrays["filmCodes"].reshape(len(steps), 40, 3)
    assert steps == run.snapshots() and arrays["film"].shape == (len(steps) * 40 * 2,)
    for step, z in zip(steps, codes, strict=True):
        np.testing.assert_allclose(z, MODELS.get(run.id, step, exact=True).encode(test.x[:40]), atol=2e-3, rtol=1e-3)
    assert np.abs(codes[0].astype(float) - codes[-1]).max() > 0.01


def test_errors_are_those_of_the_reconstructions(lab):
    _, run, name = lab
    found, model, test = read_map(run.id, name), MODELS.get(run.id, exact=True), load_dataset(run.plan.data)[1]
    x_hat = model.decode(model.encode(test.x[:9])).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(found.error[:9], ((test.x[:9] / 255 - x_hat / 255) ** 2).mean((1, 2, 3)), rtol=1e-4)
    assert np.isnan(found.error[200:]).all()


def test_of_very_many_points_some_latents_travel_spread_evenly(lab, monkeypatch):
    _, run, name = lab
    found = read_map(run.id, name)
    monkeypatch.setattr(maps, "CODES_BYTES", 2 * 3 * 50)
    anchors = maps.anchors_of(found)
    assert len(anchors) == 50 and (np.diff(anchors) > 0).all() and anchors.max() < 215
    header, arrays = read(maps.pack(found))
    np.testing.assert_array_equal(arrays["codes"].reshape(-1, 3), found.z[anchors].astype(np.float16))


@pytest.mark.parametrize("path", ["nothing/shipped", "{run}/shipped", "{run}/000000000000000000000000", "{run}/..%2f..%2fx", "{run}/0123"])
def test_what_is_no_map_is_not_found(lab, path):
    client, run, _ = lab
    answer = client.get(f"/api/map/{path.format(run=run.id)}.bin")
    assert answer.status_code == 404
