"""Small pictures over HTTP: images of a dataset or of a run's data, and what a run makes of a seed. Browsers keep them.

    /api/thumb/data/{dataset}/{part}/{positions}.png?size=64&channels=3&seed=0&n=1000
    /api/thumb/run/{run_id}/{part}/{positions}.png
    /api/thumb/prior/{run_id}/{seeds}.png?step=96

part is train, test or seen (genlab.data.opened). positions and seeds are numbers with commas between, 256 at most: one gives the image
itself, several one sheet with `columns` (default 16) images in a row and no gap. A run's own images come however they were given, since
the run names them; by name alone only datasets that are nobody's can be had.
"""

import hashlib
from collections.abc import Callable

import numpy as np
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from genlab.data import DataSpec
from genlab.errors import DataError, LabError
from genlab.latent.arrays import in_parts
from genlab.lens.batches import LARGEST
from genlab.lens.images import IMAGES
from genlab.lens.models import MODELS, NEWEST
from genlab.runs import find_run
from genlab.runs.pictures import png
from genlab.settings import build_config

MOST, LARGEST_NUMBER = 256, 2**53
KEPT, ASKED_AGAIN = "public, max-age=86400", "no-cache"
FIELDS = ("size", "channels", "seed", "n")

Pixels = tuple[np.ndarray, str]   # uint8 (n, H, W, C), and what the browser is told about keeping it


def data_thumb(request: Request) -> Response:
    """Images of a dataset that is known by name."""
    return _answer(request, lambda: (_data_images(request), KEPT))


def run_thumb(request: Request) -> Response:
    """Images of the data that a run was trained or tested on."""
    return _answer(request, lambda: (_run_images(request), KEPT))


def prior_thumb(request: Request) -> Response:
    """What a run makes of draws from its prior, one for each seed."""
    return _answer(request, lambda: _prior_images(request))


def _data_images(request: Request) -> np.ndarray:
    name = request.path_params["name"]
    if name == "own":
        raise DataError("own: uploads and folders are shown through the run that was trained on them")
    asked = {field: _number(request.query_params[field], field) for field in FIELDS if field in request.query_params}
    return _taken(build_config(DataSpec, {"name": name, **asked}), request)


def _run_images(request: Request) -> np.ndarray:
    return _taken(find_run(request.path_params["run_id"]).plan.data, request)


def _taken(spec: DataSpec, request: Request) -> np.ndarray:
    index = _numbers(request.path_params["positions"], "position")
    return IMAGES.take(spec, request.path_params["part"], index).x.transpose(0, 2, 3, 1)


def _prior_images(request: Request) -> Pixels:
    run_id, seeds = request.path_params["run_id"], _numbers(request.path_params["seeds"], "seed")
    asked = request.query_params.get("step")
    step = NEWEST if asked is None else _number(asked, "step")
    exact = MODELS.get(run_id, step, exact=True)
    z = np.concatenate([exact.prior(1, seed) for seed in seeds])
    model = MODELS.get(run_id, step)
    pixels = in_parts(model.decode, z, LARGEST)
    return pixels, ASKED_AGAIN if step == NEWEST else KEPT


def _answer(request: Request, make: Callable[[], Pixels]) -> Response:
    """The picture, 304 where the browser has it, 404 with the reason where there is none."""
    try:
        pixels, keeping = make()
        data = png(_sheet(pixels, _number(request.query_params.get("columns", "16"), "columns")))
    except LabError as error:
        return PlainTextResponse(str(error), 404)
    headers = {"ETag": f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"', "Cache-Control": keeping, "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="image/png", headers=headers)


def _sheet(pixels: np.ndarray, columns: int) -> np.ndarray:
    """Images in rows without a gap, the last row filled up with black.  (n, H, W, C) -> (rows H, columns W, C) or (.., ..)"""
    n, height, width, channels = pixels.shape
    columns = max(1, min(columns, n))
    rows = -(-n // columns)
    full = np.zeros((rows * columns, height, width, channels), np.uint8)
    full[:n] = pixels
    sheet = full.reshape(rows, columns, height, width, channels).swapaxes(1, 2).reshape(rows * height, columns * width, channels)
    return sheet[..., 0] if channels == 1 else sheet


def _numbers(text: str, what: str) -> list[int]:
    parts = text.split(",", MOST)
    if len(parts) > MOST:
        raise LabError(f"more than {MOST} {what}s are asked for at once")
    return [_number(part, what) for part in parts]


def _number(text: str, what: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 16 or int(text) >= LARGEST_NUMBER:
        raise LabError(f"{what} {text[:20]!r} is not a whole number below 2^53")
    return int(text)
