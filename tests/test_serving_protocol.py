"""Messages: what is packed is read back, and nothing else is read at all."""

import numpy as np
import pytest

from genlab.lens.batches import Decoded
from genlab.lens.models import NEWEST
from genlab.server.protocol import LARGEST_REQUEST, REQUEST, VERSION, ProtocolError, pack_error, pack_reply, pack_request, read_reply, read_request

Z = np.random.default_rng(0).standard_normal((4, 6)).astype(np.float32)
TARGETS = [("vae-digits-1120-070323-bd18", NEWEST), ("a.b_c", 12), ("a", 0)]


def header(version=VERSION, targets=1, dim=2, id=9, count=1, named=1):
    return REQUEST.pack(version, targets, dim, id, count, named)


BODY = b"\0" * 8 + b"a"


def test_a_request_is_read_as_it_was_packed():
    request = read_request(pack_request(7, TARGETS, Z))
    assert (request.id, request.targets) == (7, tuple(TARGETS))
    np.testing.assert_array_equal(request.z, Z)
    assert read_request(header() + BODY).targets == (("a", NEWEST),)


def test_a_reply_is_read_as_it_was_packed():
    pictures = [Decoded(np.random.default_rng(c).integers(0, 256, (4, s, s, c), np.uint8), c * 10) for s, c in ((8, 1), (16, 3))]
    id, back = read_reply(b"".join(pack_reply(3, pictures, 250)))
    assert id == 3 and [p.step for p in back] == [10, 30]
    for sent, came in zip(pictures, back, strict=True):
        np.testing.assert_array_equal(sent.pixels, came.pixels)


def test_an_error_is_read_as_words():
    with pytest.raises(ProtocolError, match="no such run") as caught:
        read_reply(pack_error(5, "no such run"))
    assert caught.value.id == 5


@pytest.mark.parametrize("message, words, id", [
    ("hello", "text message", 0),
    (b"", "0 bytes", 0),
    (b"\1" * 15, "15 bytes", 0),
    (b"\0" * (LARGEST_REQUEST + 1), "bytes came", 0),
    (header(version=2) + BODY, "version is 2; 1 is understood", 9),
    (header(targets=0) + BODY, "targets is 0", 9),
    (header(targets=17) + BODY, "targets is 17", 9),
    (header(dim=0) + BODY, "dim is 0; 1 to 512", 9),
    (header(dim=513) + BODY, "dim is 513", 9),
    (header(count=0) + BODY, "count is 0", 9),
    (header(count=2**32 - 1) + BODY, "count is 4294967295", 9),
    (header(targets=16, count=65) + BODY, "count x targets is 1040", 9),
    (header(named=2) + BODY, "25 bytes; its header announces 26", 9),
    (header(named=2**32 - 1) + BODY, "announces", 9),
    (header(targets=2) + BODY, "1 targets are named", 9),
    (header(named=3) + BODY[:-1] + b"a/b", "'a/b' is not a run id", 9),
    (header(named=2) + BODY[:-1] + b"..", "is not a run id", 9),
    (header(named=3) + BODY[:-1] + b"a@-", "is not a run id", 9),
    (header(named=4) + BODY[:-1] + b"\xff\xfe\0a", "is not a run id", 9),
    (header(named=12) + BODY[:-1] + b"a@9999999999", "is not a run id", 9),
    (header(named=0) + BODY[:-1], "'' is not a run id", 9),
])
def test_what_is_no_request_is_named(message, words, id):
    with pytest.raises(ProtocolError, match=words) as caught:
        read_request(message)
    assert caught.value.id == id


def test_any_bytes_are_a_request_or_an_error():
    rng = np.random.default_rng(1)
    whole = bytearray(pack_request(7, TARGETS, Z))
    read = 0
    for _ in range(3000):
        message = bytearray(whole[: rng.integers(0, len(whole) + 1)] if rng.random() < 0.3 else whole)
        for at in rng.integers(0, max(len(message), 1), rng.integers(0, 6)):
            if message:
                message[at] = rng.integers(256)
        try:
            request = read_request(bytes(message))
        except ProtocolError as error:
            assert str(error)
        else:
            read += 1
            assert request.z.size <= 2**20 and 1 <= len(request.targets) <= 16
    assert 0 < read < 3000


def test_a_reply_that_is_too_large_is_refused():
    with pytest.raises(ProtocolError, match="ask for fewer"):
        pack_reply(1, [Decoded(np.zeros((1024, 128, 128, 3), np.uint8), 0)], 0)
