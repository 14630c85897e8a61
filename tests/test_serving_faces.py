"""The route that draws portraits: what it answers, whom it refuses, and that nothing it is sent breaks it."""

import io
import json
import threading
import time

import numpy as np
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from genlab.data.faces import FACTORS, IDENTITY, render, sample_factors
from genlab.server import faces
from genlab.server.routes import ROUTES
from genlab.server.token import new_token

ASKED = {"person": 17, "seed": 3, "size": 32, "faces": [{}]}


@pytest.fixture
def api():
    return TestClient(Starlette(routes=ROUTES), headers={faces.TOKEN: new_token(), "Origin": "http://testserver"})


def pixels(answer):
    assert answer.status_code == 200, answer.text
    return np.asarray(Image.open(io.BytesIO(answer.content)))


def refused(answer, status=400):
    assert answer.status_code == status, (answer.status_code, answer.text[:200])
    return answer.json()["error"]


def test_it_draws_what_the_renderer_draws(api):
    person = sample_factors(1, 3, 17)
    answer = api.post("/api/faces", json={**ASKED, "faces": [{}, {"smile": 1, "hair_style": "bob", "nose_width": -0.5}]})
    assert answer.headers["content-type"] == "image/png" and answer.headers["cache-control"] == "no-store"
    expected = [person, person.with_(smile=1, hair_style="bob", nose_width=-0.5)]
    np.testing.assert_array_equal(pixels(answer), np.concatenate([render(f, 32)[0].transpose(1, 2, 0) for f in expected]))


def test_it_says_who_the_person_is_without_the_changes(api):
    answer = api.post("/api/faces", json={**ASKED, "faces": [{"smile": 1}]})
    own = np.array(answer.headers["genlab-person"].split(","), float)
    person = sample_factors(1, 3, 17)
    assert len(own) == len(FACTORS) + len(IDENTITY)
    np.testing.assert_allclose(own, np.concatenate([person.attributes[0], person.identity[0]]), rtol=1e-5, atol=1e-6)
    assert answer.headers["server-timing"].startswith("draw;dur=")


@pytest.mark.parametrize("change, said", [
    ({"smile": 1.01}, "-0.5 to 1"), ({"smile": -1e30}, "-0.5 to 1"), ({"glasses": 0.5}, "0 or 1"), ({"hair_style": 10}, "bald"),
    ({"hair_style": "mohawk"}, "bald"), ({"smiles": 1}, "did you mean 'smile'"), ({"self": 1}, "is not a factor"), ({"": 1}, "is not a factor"),
    ({"jaw": 2}, "-1 to 1"), ({"smile": "0.5"}, "numbers only"), ({"smile": [0, 1]}, "faces.1.smile"), ({"smile": None}, "faces.1.smile"),
    ({"smile": {"a": 1}}, "faces.1.smile"), ({"smile\x00": 1}, "is not a factor"), ({"__class__": 1}, "is not a factor"),
])
def test_a_factor_that_cannot_be_is_refused_with_what_is_allowed(api, change, said):
    assert said in refused(api.post("/api/faces", json={**ASKED, "faces": [{}, change]}))


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_what_is_not_finite_is_refused(api, value):
    assert "allowed: -0.5 to 1" in refused(api.post("/api/faces", content=f'{{"person": 1, "faces": [{{"smile": {value}}}]}}'))


@pytest.mark.parametrize("values, said", [
    ({"person": -1}, "person"), ({"person": 1.5}, "person"), ({"person": 2**60}, "person"), ({"person": "x"}, "person"), ({"person": None}, "person"),
    ({"seed": -1}, "seed"), ({"seed": float("nan")}, "seed"), ({"size": 15}, "size"), ({"size": 257}, "size"), ({"size": 1e9}, "size"),
    ({"faces": []}, "faces"), ({"faces": [{}] * 33}, "faces"), ({"faces": {}}, "faces"), ({"faces": [3]}, "faces"), ({"faces": "smile"}, "faces"),
    ({"faces": [{}] * 9, "size": 256}, "8 of this size"), ({"path": "/etc/passwd"}, "no field 'path'"),
])
def test_a_request_that_is_none_is_refused(api, values, said):
    assert said in refused(api.post("/api/faces", content=json.dumps({**ASKED, **values})))


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"17", b'"person"', b"{", b"\xff\xfe", b"\x00" * 100, b"[" * 16000, b'{"a":' * 2600,
                                  b'{"person": ' + b"9" * 5000 + b', "faces": [{}]}'])
def test_garbage_is_refused(api, body):
    assert refused(api.post("/api/faces", content=body))


def test_a_long_body_is_not_read(api):
    sent = []

    def endless():
        for i in range(1000):
            sent.append(i)
            yield b" " * 4096

    assert "16384 bytes" in refused(api.post("/api/faces", content=endless()), 413)


@pytest.mark.parametrize("headers", [{faces.TOKEN: ""}, {faces.TOKEN: "x"}, {faces.TOKEN: f"{'0' * 32}-{'0' * 32}"}, {"Origin": "http://elsewhere.example"},
                                     {"Origin": "null"}, {"Origin": "http://testserver.elsewhere.example"}])
def test_strangers_are_refused(api, headers):
    assert refused(api.post("/api/faces", json=ASKED, headers=headers), 403)


def test_only_post_is_answered(api):
    assert api.get("/api/faces").status_code == 405


def test_a_page_that_asks_for_too_much_at_once_waits(api, monkeypatch):
    """Two requests are at work and do not end: the third is told so, and another page is not."""
    goes_on, arrived = threading.Event(), threading.Semaphore(0)
    real = faces._answer

    def slow(body):
        arrived.release()
        assert goes_on.wait(30)
        return real(body)

    monkeypatch.setattr(faces, "_answer", slow)
    with api:   # one event loop for all
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(api.post("/api/faces", json=ASKED))) for _ in range(faces.PER_PAGE)]
        for thread in threads:
            thread.start()
        assert arrived.acquire(timeout=30)
        end = time.monotonic() + 30
        while faces._at_work.total() < faces.PER_PAGE and time.monotonic() < end:
            time.sleep(0.01)
        assert "too many" in refused(api.post("/api/faces", json=ASKED), 429)
        goes_on.set()
        assert api.post("/api/faces", json=ASKED, headers={faces.TOKEN: new_token()}).status_code == 200
        for thread in threads:
            thread.join(30)
        assert [a.status_code for a in answers] == [200] * faces.PER_PAGE
        assert api.post("/api/faces", json=ASKED).status_code == 200
    assert not faces._at_work
