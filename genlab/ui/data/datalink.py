"""A choice of images as part of an address, so that one page can hand it to another."""

import re
from collections.abc import Mapping

from genlab.data import DATASETS, DataSpec
from genlab.data.upload import ID
from genlab.errors import DataError
from genlab.settings import build_config

NUMBERS = ("n", "seed", "size", "channels")
USUAL_FIT = DataSpec.model_fields["fit"].default
PARAMETERS = ("images", "upload", "correlate", "fit", *NUMBERS)


def spec_query(spec: DataSpec) -> dict[str, str | int]:
    """The parameters that stand for a choice of images; what the dataset decides by itself is left out."""
    plain = DataSpec(name=spec.name, size=DATASETS[spec.name].size, channels=DATASETS[spec.name].channels)
    query = {"images": spec.name} | {name: getattr(spec, name) for name in NUMBERS if getattr(spec, name) not in (None, 0, getattr(plain, name))}
    if ID.fullmatch(spec.path):   # never a folder of this machine
        query["upload"] = spec.path
    if spec.fit != USUAL_FIT:
        query["fit"] = spec.fit
    if spec.correlations:
        query["correlate"] = ";".join(f"{a},{b},{rho:g}" for a, b, rho in spec.correlations)
    return query


def spec_from(query: Mapping[str, str]) -> DataSpec | None:
    """The choice that an address names, None where it names none; LabError where it is damaged."""
    if "images" not in query:
        return None
    upload = query.get("upload", "")
    if upload and not ID.fullmatch(upload):
        raise DataError(f"upload {upload[:40]!r} in the address is no id; copy the whole link")
    pairs = [tuple(pair.split(",")) for pair in query.get("correlate", "").split(";") if pair]
    numbers = {name: int(query[name]) if re.fullmatch(r"[0-9]{1,16}", query[name]) else query[name] for name in NUMBERS if name in query}
    return build_config(DataSpec, {"name": query["images"], "path": upload, "correlations": tuple(pairs), **numbers,
                                   "fit": query.get("fit", USUAL_FIT)})
