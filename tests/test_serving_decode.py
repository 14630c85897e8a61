"""The decode socket on a real server: right pictures, closed to strangers, and not to be broken."""

import socket
import threading
import time

import httpx
import numpy as np
import pytest
from real_socket import ask, open_socket, running_routes
from tiny_runs import tiny_run, use_folders
from websockets.exceptions import ConnectionClosed

from genlab.errors import LabError
from genlab.lens.batches import BATCHER
from genlab.lens.models import NEWEST, ModelCache
from genlab.runs import delete
from genlab.server import decode
from genlab.server.protocol import pack_request, read_reply
from genlab.server.token import new_token, page_of

RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        use_folders(patch, tmp_path_factory.mktemp("decode"))
        yield tiny_run(), tiny_run("autoencoder"), tiny_run(latent_dim=5, epochs=1)


@pytest.fixture(scope="module")
def host(runs):
    with running_routes() as host:
        yield host


def latents(n=1, dim=3):
    return RNG.standard_normal((n, dim)).astype(np.float32)


def closed_with(connection):
    """Code and reason of the close that comes next."""
    with pytest.raises(ConnectionClosed) as caught:
        connection.recv(timeout=20)
    return caught.value.rcvd.code, caught.value.rcvd.reason


# -- pictures -------------------------------------------------------------------------------------------------------


def test_a_latent_comes_back_as_its_picture(host, runs):
    z, models = latents(), ModelCache()
    with open_socket(host) as client:
        id, (decoded,) = ask(client, [(runs[0].id, NEWEST)], z, id=42)
    assert id == 42 and decoded.step == 12
    assert np.abs(decoded.pixels.astype(int) - models.get(runs[0].id).decode(z)).max() <= 1


def test_two_models_and_two_steps_answer_at_the_same_latent(host, runs):
    vae, ae, _ = runs
    with open_socket(host) as client:
        _, pictures = ask(client, [(vae.id, 4), (vae.id, 12), (ae.id, NEWEST)], latents())
    assert [p.step for p in pictures] == [4, 12, 12]
    assert not np.array_equal(pictures[0].pixels, pictures[1].pixels) and not np.array_equal(pictures[1].pixels, pictures[2].pixels)


def test_a_grid_of_256_comes_in_one_reply_and_in_order(host, runs):
    z, models = latents(256), ModelCache()
    with open_socket(host) as client:
        _, (decoded,) = ask(client, [(runs[0].id, NEWEST)], z)
    assert decoded.pixels.shape == (256, 16, 16, 1)
    assert np.abs(decoded.pixels.astype(int) - models.get(runs[0].id).decode(z)).max() <= 1


def test_the_newest_request_is_answered_and_older_ones_are_skipped(host, runs, monkeypatch):
    entered, go = threading.Event(), threading.Event()
    get = BATCHER.models.get

    def held(*key):
        entered.set()
        assert go.wait(20)
        return get(*key)

    monkeypatch.setattr(BATCHER.models, "get", held)
    with open_socket(host) as client:
        client.send(pack_request(1, [(runs[0].id, NEWEST)], latents()))
        assert entered.wait(20)
        for id in range(2, 30):
            client.send(pack_request(id, [(runs[0].id, NEWEST)], latents()))
        client.ping().wait(20)   # all of them have been read
        time.sleep(0.2)
        go.set()
        assert [read_reply(client.recv(timeout=20))[0] for _ in range(2)] == [1, 29]
        with pytest.raises(TimeoutError):
            client.recv(timeout=0.3)


def test_many_clients_share_passes_and_each_gets_its_own_pictures(host, runs):
    model, before, wrong = ModelCache().get(runs[0].id), BATCHER.passes, []

    def drag(seed):
        rng = np.random.default_rng(seed)
        with open_socket(host) as client:
            for id in range(20):
                z = rng.standard_normal((1, 3)).astype(np.float32)
                got, (decoded,) = ask(client, [(runs[0].id, NEWEST)], z, id)
                if got != id or np.abs(decoded.pixels.astype(int) - model.decode(z)).max() > 1:
                    wrong.append((seed, id))

    threads = [threading.Thread(target=drag, args=(seed,)) for seed in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []
    assert 0 < BATCHER.passes - before < 12 * 20


# -- who may --------------------------------------------------------------------------------------------------------


def test_tokens_are_random_signed_and_of_this_process():
    token = new_token()
    assert page_of(token) and page_of(token) != page_of(new_token())
    assert not any(map(page_of, ["", "-", token[:-1], token + "0", token[:33] + "0" * 32, token.upper(), token[:31] + "x" + token[32:]]))


def test_a_page_of_this_host_can_have_a_new_token_and_no_other_page(host):
    def asked(**headers):
        answer = httpx.get(f"http://{host}/api/token", headers={name.replace("_", "-"): value for name, value in headers.items()})
        return answer.status_code, page_of(answer.text)

    status, page = asked(sec_fetch_site="same-origin")
    assert status == 200 and page
    assert asked(origin=f"http://{host}")[1] not in (None, page)
    for stranger in ({"origin": "http://elsewhere.example"}, {"sec_fetch_site": "cross-site"}, {"sec_fetch_site": "same-site"}):
        assert asked(**stranger) == (403, None)


@pytest.mark.parametrize("token", ["forged", "0" * 32 + "-" + "0" * 32])
def test_a_page_without_a_good_token_is_turned_away_with_a_reason(host, token):
    with open_socket(host, token) as client:
        assert closed_with(client) == (4403, "the page is from before a restart; reload it")


def test_a_socket_that_offers_no_token_is_turned_away(host):
    with open_socket(host, subprotocols=None) as client:
        assert closed_with(client)[0] == 4403


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "https://127.0.0.1", "null", "http://127.0.0.1.elsewhere.example:80"])
def test_a_page_of_another_host_is_turned_away(host, origin):
    with open_socket(host, origin=origin) as client:
        assert closed_with(client) == (4403, "this page is of another host")


def test_behind_a_proxy_the_host_that_was_asked_for_counts(host, runs):
    with open_socket(host, origin="https://lab.example", additional_headers={"X-Forwarded-Host": "lab.example"}) as client:
        assert ask(client, [(runs[0].id, NEWEST)], latents())[0] == 1


def test_a_hundred_sockets_of_one_page_get_a_few_and_a_reason(host, runs):
    token = new_token()
    clients = [open_socket(host, token) for _ in range(100)]
    try:
        for client in clients[decode.PER_PAGE :]:
            assert closed_with(client)[0] == 4429
        for client in clients[: decode.PER_PAGE]:
            assert ask(client, [(runs[0].id, NEWEST)], latents())[0] == 1
    finally:
        for client in clients:
            client.close()
    wait_until(lambda: page_of(token) not in decode.DOOR.open)
    with open_socket(host, token) as client:
        assert ask(client, [(runs[0].id, NEWEST)], latents())[0] == 1


# -- what goes wrong ------------------------------------------------------------------------------------------------


def test_garbage_is_answered_with_a_reason_and_survived(host, runs):
    rng = np.random.default_rng(2)
    good = pack_request(1, [(runs[0].id, NEWEST)], latents())
    with open_socket(host) as client:
        for i in range(150):
            garbage = bytearray(good)
            for at in rng.integers(0, len(good), 8):
                garbage[at] = rng.integers(256)
            message = [rng.bytes(rng.integers(0, 200)), "text " * i, bytes(garbage), good[: rng.integers(len(good))]][i % 4]
            client.send(message)
            try:
                read_reply(client.recv(timeout=20))
            except LabError as error:
                assert str(error)
        assert ask(client, [(runs[0].id, NEWEST)], latents(), id=77)[0] == 77


@pytest.mark.parametrize("z, words", [
    (np.full((1, 3), np.nan), "NaN"), (np.full((1, 3), np.inf), "beyond"), (np.zeros((1, 4)), r"\(n, 3\) is needed"),
])
def test_a_latent_that_cannot_be_decoded_is_answered(host, runs, z, words):
    with open_socket(host) as client:
        with pytest.raises(LabError, match=words):
            ask(client, [(runs[0].id, NEWEST)], z)
        assert ask(client, [(runs[0].id, NEWEST)], latents())[0] == 1


def test_unknown_steps_runs_and_models_of_another_size_are_answered(host, runs):
    with open_socket(host) as client:
        for targets, words in (([("nothing", NEWEST)], "not known"), ([(runs[0].id, 5)], "no weights at step 5"),
                               ([(runs[0].id, NEWEST), (runs[2].id, NEWEST)], r"\(n, 5\) is needed")):
            with pytest.raises(LabError, match=words):
                ask(client, targets, latents())
        assert ask(client, [(runs[0].id, NEWEST)], latents())[0] == 1


def test_a_run_deleted_under_the_pointer_is_answered(host):
    run = tiny_run(epochs=1)
    with open_socket(host) as client:
        ask(client, [(run.id, NEWEST)], latents())
        delete(run)
        time.sleep(0.3)
        with pytest.raises(LabError, match="not known"):
            ask(client, [(run.id, NEWEST)], latents())


def test_a_run_overwritten_under_the_pointer_is_whole_at_every_look(host, runs):
    """Two sets of weights take turns in one file; every picture is one's or the other's."""
    run, z = tiny_run(epochs=2), np.ones((1, 3), np.float32)
    step = run.snapshots()[-1]
    sides = [run.weights_path(s).read_bytes() for s in run.snapshots()]
    allowed = [ModelCache().get(run.id, s).decode(z) for s in run.snapshots()]
    done, seen = threading.Event(), set()

    def overwrite():
        for i in range(60):
            new = run.path / "new"
            new.write_bytes(sides[i % 2])
            new.replace(run.weights_path(step))
            time.sleep(0.02)
        done.set()

    writer = threading.Thread(target=overwrite)
    writer.start()
    with open_socket(host) as client:
        while not done.is_set():
            _, (decoded,) = ask(client, [(run.id, step)], z)
            off = [np.abs(decoded.pixels.astype(int) - a).max() for a in allowed]
            assert min(off) <= 1
            seen.add(int(np.argmin(off)))
    writer.join()
    assert seen == {0, 1}


def test_too_large_a_message_closes_with_a_reason(host):
    with open_socket(host) as client:
        client.send(b"\0" * 3_000_000)
        code, reason = closed_with(client)
    assert code == 4429 and "3000000 bytes" in reason


def test_too_many_messages_close_with_a_reason(host, runs, monkeypatch):
    monkeypatch.setattr(decode, "PER_SECOND", 50)
    request = pack_request(1, [(runs[0].id, NEWEST)], latents())
    with open_socket(host) as client:
        with pytest.raises(ConnectionClosed) as caught:
            for _ in range(5000):
                client.send(request)
            while True:
                client.recv(timeout=20)
        assert caught.value.rcvd.code == 4429 and "50 messages" in caught.value.rcvd.reason


def test_a_reader_that_never_drains_is_cut_off_and_others_are_served(host, runs, monkeypatch):
    monkeypatch.setattr(decode, "UNREAD_S", 0.5)
    token = new_token()
    narrow = socket.create_connection(tuple(host.split(":")))
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    slow = open_socket(host, token, sock=narrow, max_queue=1)   # takes one message off the wire, then no more
    request = pack_request(1, [(runs[0].id, NEWEST)], latents(1024))
    gone = threading.Event()

    def flood():
        try:
            while True:
                slow.send(request)
                time.sleep(0.01)
        except ConnectionClosed:
            gone.set()

    threading.Thread(target=flood, daemon=True).start()
    wait_until(lambda: page_of(token) in decode.DOOR.open)
    wait_until(lambda: page_of(token) not in decode.DOOR.open)
    with open_socket(host) as client:
        assert ask(client, [(runs[0].id, NEWEST)], latents())[0] == 1
    assert gone.wait(20)   # reset, not left waiting with megabytes buffered for it


def wait_until(is_so, patience_s=20):
    end = time.monotonic() + patience_s
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
