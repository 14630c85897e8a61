"""A map for the browser: places, latents, errors and attributes of all its points in one message, so that nothing waits while one looks around.

    /api/map/{run_id}/{name}.bin      name is a map's key, or "shipped"

    u32 length of the header; the header, JSON: what the map is and where each array lies; the arrays, little-endian, from the next
    multiple of 4 on: xy f32 (N, dims), error f32 (N,), attributes f16 (known, K), anchors u32 (A,), codes f16 (A, D), film f32 (S, F, 2),
    filmCodes f16 (S, F, D)

Attributes are of the images, the first of the points; where there are none, since the model cannot encode, of all its draws.
Codes are those of the anchors, which are all points where they fit into CODES_BYTES.
"""

import json
import re
from functools import lru_cache

import numpy as np

from genlab.data import find_dataset, resolve
from genlab.data.base import Attribute, DataSpec
from genlab.data.streams import HELD_OUT
from genlab.errors import LabError, RunError
from genlab.lens.images import IMAGES
from genlab.lens.judged import read_latents
from genlab.lens.models import MODELS
from genlab.maps.file import LatentMap
from genlab.maps.store import SHIPPED, map_path, read_map
from genlab.models import find_model
from genlab.runs import find_run

CODES_BYTES = 6 * 2**20
NAME = re.compile(rf"{SHIPPED}|[0-9a-f]{{24}}")


def packed_map(run_id: str, name: str) -> tuple[bytes, str]:
    """The message of a run's map by its name, and the digest of the weights it is of; RunError where there is none."""
    if not NAME.fullmatch(name):
        raise RunError(f"map {name[:40]!r} is not known")
    found = read_map(run_id, name)   # says where it is missing or damaged
    return _packed(run_id, name, map_path(run_id, name).stat().st_mtime_ns), found.weights


@lru_cache(maxsize=8)
def _packed(run_id: str, name: str, _changed: int) -> bytes:
    return pack(read_map(run_id, name))


def pack(found: LatentMap) -> bytes:
    """The message of a map, as above."""
    attributes, info = known_of(found)
    anchors = anchors_of(found)
    arrays = {"xy": found.xy.astype("<f4"), "error": found.error.astype("<f4"), "attributes": attributes.astype("<f2"),
              "anchors": anchors.astype("<u4"), "codes": found.z[anchors].astype("<f2"), "film": found.film.astype("<f4"),
              "filmCodes": found.film_codes.astype("<f2")}
    run = find_run(found.run_id)
    header = {"run": run.id, "step": found.step, "dims": found.plan.dims, "latents": found.z.shape[1], "counts": found.counts, "images": found.images,
              "known": len(attributes), "encodes": find_model(run.plan.model).can_encode, "info": [vars(a) for a in info],
              "filmSteps": list(found.film_steps), "arrays": {}}
    at = 0
    for key, array in arrays.items():
        header["arrays"][key] = [at, array.size]
        at += -(-array.nbytes // 4) * 4
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    return b"".join([np.uint32(len(text)).tobytes(), text, *(array.tobytes().ljust(-(-array.nbytes // 4) * 4, b"\0") for array in arrays.values())])


def anchors_of(found: LatentMap) -> np.ndarray:
    """Points whose latents travel: all, or as many as fit, spread evenly by a fixed draw.  -> int (A,), ascending"""
    most = max(1, CODES_BYTES // (2 * found.z.shape[1]))
    if len(found) <= most:
        return np.arange(len(found))
    return np.sort(np.random.default_rng(0).permutation(len(found))[:most])


def known_of(found: LatentMap) -> tuple[np.ndarray, tuple[Attribute, ...]]:
    """Attributes of the map's images, float32 (images, K), and what each column is; the images themselves stay where they are.

    Of a map without images those of its draws, (N, K), as the judge or a classifier reads them; K is 0 where nobody can.
    """
    if not found.images:
        return _read(found)
    spec = resolve(find_run(found.run_id).plan.data)
    parts = [_known(spec, part, found.counts[part]) for part in ("test", "train") if found.counts[part]]
    return np.concatenate([attributes for attributes, _ in parts]), parts[0][1]


def _read(found: LatentMap) -> tuple[np.ndarray, tuple[Attribute, ...]]:
    try:
        judged = read_latents(MODELS.get(found.run_id, found.step, exact=True), found.z)
    except LabError:   # the points are worth a look all the same
        return np.empty((0, 0), np.float32), ()
    return judged.attributes, judged.info


def _known(spec: DataSpec, part: str, count: int) -> tuple[np.ndarray, tuple[Attribute, ...]]:
    dataset = find_dataset(spec.name)
    if dataset.facts is not None:
        facts = dataset.facts(spec, HELD_OUT if part == "test" else 0, count)
        return facts.attributes, facts.info
    images = IMAGES.open(spec)
    return images.images.attributes[images.at[part][:count]], images.images.attribute_info
