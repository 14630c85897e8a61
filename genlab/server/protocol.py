"""The messages of /api/decode: binary, little-endian, version 1.

Request, client to server
    offset 0    u8   version, 1
           1    u8   number of targets, 1 to 16
           2    u16  dim: numbers in a latent, 1 to 512
           4    u32  id: chosen by the client, repeated in the reply
           8    u32  count: latents, 1 to 1024; count x targets is at most 1024
          12    u32  bytes of the target list
          16    f32  count x dim latents, row by row
           ...  text, UTF-8: a target a line, "run id" or "run id@step"; without a step the newest weights answer

Reply, server to client
    offset 0    u8   version, 1
           1    u8   0: pictures; 1: an error, and the rest is its text in UTF-8
           2    u16  number of targets
           4    u32  id of the request, 0 where it could not be read
           8    u32  microseconds between arrival and reply
          12    u32  count: pictures of each target
          16    for each target: u16 width, u16 height, u32 channels (1 or 3), u32 step
           ...  u8 pixels: for each target count pictures, each height x width x channels

A socket has one request at work and one that waits; a newer one takes the place of the one that waits, which then gets no
reply. The server closes with 4403 where it does not know the page, 4429 where there is too much of something, and 4408 where
nobody reads.
"""

import re
import struct
from dataclasses import dataclass

import numpy as np

from genlab.errors import LabError
from genlab.files import is_id
from genlab.lens.batches import Decoded, Target
from genlab.lens.models import NEWEST

VERSION = 1
REQUEST, REPLY, PICTURES = struct.Struct("<BBHIII"), struct.Struct("<BBHIII"), struct.Struct("<HHII")
MOST_TARGETS, MOST_DIMS, MOST_IMAGES = 16, 512, 1024
LARGEST_REQUEST = REQUEST.size + 4 * MOST_DIMS * MOST_IMAGES + 128 * MOST_TARGETS
LARGEST_REPLY = 2**25   # bytes of pixels


class ProtocolError(LabError):
    """A message that cannot be read: says which field, its value and what is allowed. id is the request's, 0 if unread."""

    def __init__(self, text: str, id: int = 0):
        super().__init__(text)
        self.id = id


@dataclass(frozen=True)
class Request:
    """Latents z, float32 (n, D), to be decoded by every target."""

    id: int
    targets: tuple[Target, ...]
    z: np.ndarray


def pack_request(id: int, targets: list[Target], z: np.ndarray) -> bytes:
    """The message of a request; what a client sends."""
    names = "\n".join(run if step == NEWEST else f"{run}@{step}" for run, step in targets).encode()
    return REQUEST.pack(VERSION, len(targets), z.shape[1], id, len(z), len(names)) + z.astype("<f4").tobytes() + names


def read_request(message: bytes | str) -> Request:
    """The request in a message; ProtocolError where it is not one."""
    if isinstance(message, str):
        raise ProtocolError("a text message came; requests are binary")
    if not REQUEST.size <= len(message) <= LARGEST_REQUEST:
        raise ProtocolError(f"a message of {len(message)} bytes came; a request has {REQUEST.size} to {LARGEST_REQUEST}")
    version, n_targets, dim, id, count, named = REQUEST.unpack_from(message)
    for name, value, low, high in (("version", version, VERSION, VERSION), ("targets", n_targets, 1, MOST_TARGETS),
                                   ("dim", dim, 1, MOST_DIMS), ("count", count, 1, MOST_IMAGES),
                                   ("count x targets", count * n_targets, 1, MOST_IMAGES)):
        if not low <= value <= high:
            raise ProtocolError(f"{name} is {value}; " + (f"{low} to {high} is allowed" if low < high else f"{low} is understood"), id)
    start = REQUEST.size + 4 * count * dim
    if len(message) != start + named:
        raise ProtocolError(f"the message has {len(message)} bytes; its header announces {start + named}", id)
    z = np.frombuffer(message, "<f4", count * dim, REQUEST.size).reshape(count, dim)
    return Request(id, _read_targets(message[start:], n_targets, id), z)


def _read_targets(names: bytes, expected: int, id: int) -> tuple[Target, ...]:
    lines = names.decode(errors="replace").split("\n")
    if len(lines) != expected:
        raise ProtocolError(f"{len(lines)} targets are named; the header announces {expected}", id)
    return tuple(_read_target(line, id) for line in lines)


def _read_target(line: str, id: int) -> Target:
    found = re.fullmatch(r"([^@]+)(?:@(\d{1,9}))?", line)
    if not found or not is_id(found[1]):
        raise ProtocolError(f"target {line[:40]!r} is not a run id or run id@step", id)
    run, step = found.groups()
    return run, NEWEST if step is None else int(step)


def pack_reply(id: int, pictures: list[Decoded], micros: int) -> list[bytes | memoryview]:
    """The message of a reply, in parts to be joined; ProtocolError where it would be too large."""
    total = sum(p.pixels.nbytes for p in pictures)
    if total > LARGEST_REPLY:
        raise ProtocolError(f"these pictures take {total} bytes; one reply holds {LARGEST_REPLY}: ask for fewer at once", id)
    heads = [PICTURES.pack(p.pixels.shape[2], p.pixels.shape[1], p.pixels.shape[3], p.step) for p in pictures]
    first = REPLY.pack(VERSION, 0, len(pictures), id, min(micros, 2**32 - 1), len(pictures[0].pixels))
    return [first, *heads, *(p.pixels.data for p in pictures)]


def pack_error(id: int, text: str, micros: int = 0) -> bytes:
    """The message that says why there is no picture."""
    return REPLY.pack(VERSION, 1, 0, id, min(micros, 2**32 - 1), 0) + text.encode()


def read_reply(message: bytes) -> tuple[int, list[Decoded]]:
    """Request id and pictures of a reply, as a client sees it; a LabError with the server's words where it is an error."""
    _, kind, n_targets, id, _, count = REPLY.unpack_from(message)
    if kind:
        raise ProtocolError(message[REPLY.size :].decode(), id)
    start, pictures = REPLY.size + PICTURES.size * n_targets, []
    for i in range(n_targets):
        width, height, channels, step = PICTURES.unpack_from(message, REPLY.size + PICTURES.size * i)
        shape = (count, height, width, channels)
        pictures.append(Decoded(np.frombuffer(message, np.uint8, int(np.prod(shape)), start).reshape(shape), step))
        start += pictures[-1].pixels.nbytes
    return id, pictures
