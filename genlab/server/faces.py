"""/api/faces: factors in, portraits out, as fast as a pointer moves.

POST, JSON: {"seed": 0, "person": 17, "size": 256, "faces": [{"smile": 0.5, "hair_style": "bob"}, ...]}. Person number `person` of the
stream that `seed` names is drawn once for each of `faces`, with these factors changed. The answer is one PNG, the portraits below each
other; the header Genlab-Person holds the person's own factors, attributes first, and Server-Timing what drawing took.
Anything else is JSON with the reason: 400 a request that cannot be drawn, 403 a stranger, 408 too slow, 413 too long, 429 too many at once.
"""

import asyncio
import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from genlab.data.faces import Factors, render, sample_factors
from genlab.errors import DataError, LabError
from genlab.machine import machine
from genlab.runs.pictures import png
from genlab.server.token import is_same_origin, page_of
from genlab.settings import build_config

TOKEN = "x-genlab-token"
LONGEST = 16_384           # bytes of a request
MOST_FACES = 32
MOST_PIXELS = 32 * 128**2   # of one answer: a tenth of a second of drawing
PER_PAGE, IN_ALL = 2, 64    # requests at work or waiting
PATIENCE_S = 10.0           # for a body that does not come

_at_work: Counter[str] = Counter()   # by page; touched in the event loop alone
_painters = ThreadPoolExecutor(max(1, min(4, machine().cores // 2)), thread_name_prefix="faces")


class FacesRequest(BaseModel):
    """What a page asks for."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    seed: int = Field(0, ge=0, lt=2**53)
    person: int = Field(ge=0, lt=2**53)
    size: int = Field(256, ge=16, le=256)
    faces: tuple[dict[str, float | str], ...] = Field(min_length=1, max_length=MOST_FACES)


async def faces(request: Request) -> Response:
    """One answer, drawn in a thread of its own; the event loop only reads and refuses."""
    page = page_of(request.headers.get(TOKEN, ""))
    if not is_same_origin(request) or page is None:
        return _refusal(403, "this page is of another host, or from before a restart; reload it")
    if _at_work[page] >= PER_PAGE or _at_work.total() >= IN_ALL:
        return _refusal(429, f"too many requests at once; a page has {PER_PAGE} and the server {IN_ALL}")
    _at_work[page] += 1
    try:
        body = await asyncio.wait_for(_body(request), PATIENCE_S)
        if body is None:
            return _refusal(413, f"a request has {LONGEST} bytes at most")
        return await asyncio.get_running_loop().run_in_executor(_painters, _answer, body)
    except LabError as error:
        return _refusal(400, str(error))
    except (TimeoutError, ClientDisconnect):
        return _refusal(408, f"the request did not come within {PATIENCE_S:.0f} s")
    finally:
        _at_work[page] -= 1
        if not _at_work[page]:
            del _at_work[page]


async def _body(request: Request) -> bytes | None:
    """What was sent; None where it is too long, without reading on."""
    parts = bytearray()
    async for part in request.stream():
        parts += part
        if len(parts) > LONGEST:
            return None
    return bytes(parts)


def _answer(body: bytes) -> Response:
    began = time.perf_counter()
    asked = read_request(body)
    person = sample_factors(1, asked.seed, asked.person)
    x = render(variants(person, asked.faces), asked.size)
    picture = png(x.transpose(0, 2, 3, 1).reshape(-1, asked.size, 3))
    own = np.concatenate([person.attributes[0], person.identity[0]])
    return Response(picture, media_type="image/png", headers={
        "Genlab-Person": ",".join(f"{v:.6g}" for v in own), "Server-Timing": f"draw;dur={1e3 * (time.perf_counter() - began):.1f}",
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def read_request(body: bytes) -> FacesRequest:
    """The request in a body; LabError where it is none, or asks for too many pixels."""
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):   # what is no UTF-8, no JSON, or nested without end
        raise DataError("faces: the request is no JSON") from None
    if not isinstance(values, dict):
        raise DataError(f"faces: the request is a {type(values).__name__}; an object with person and faces is needed")
    asked = build_config(FacesRequest, values)
    if len(asked.faces) * asked.size**2 > MOST_PIXELS:
        raise DataError(f"faces: {len(asked.faces)} faces of {asked.size} pixels; {MOST_PIXELS // asked.size**2} of this size are allowed at once")
    return asked


def variants(person: Factors, changes: tuple[dict, ...]) -> Factors:
    """One person (1 row) with each of these changes -> a row for each; DataError for an unknown name or a value not allowed."""
    changed = [person.with_(**change) for change in changes]
    return Factors(np.concatenate([f.attributes for f in changed]), np.concatenate([f.identity for f in changed]))


def _refusal(status: int, reason: str) -> Response:
    return JSONResponse({"error": reason}, status, headers={"Cache-Control": "no-store"})
