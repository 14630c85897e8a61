"""A run's preview pictures over HTTP, so that a page can show many of them without sending any itself."""

import hashlib
import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from genlab.errors import RunError
from genlab.runs import find_run


def preview(request: Request) -> Response:
    """The PNG of /api/preview/{run_id}/{name}.png: name is live-samples, live-recon, <step>-samples or <step>-recon.

    404 with the reason where there is none. Not async, so that the disk is read in a thread and not in the event loop.
    """
    run_id, name = request.path_params["run_id"], request.path_params["name"]
    try:
        if not re.fullmatch(r"(live|\d+)-(samples|recon)", name):
            raise RunError(f"preview {name!r} is not known; live-samples, live-recon, <step>-samples and <step>-recon are")
        data = find_run(run_id).preview_path(name).read_bytes()
    except RunError as error:
        return PlainTextResponse(str(error), 404)
    except FileNotFoundError:
        return PlainTextResponse(f"{run_id} has no preview {name!r} yet", 404)
    return _revalidated(request, data)


def _revalidated(request: Request, data: bytes) -> Response:
    """The picture, or 304 where the browser has it already: live ones change, and kept ones go when a run is deleted."""
    headers = {"ETag": f'"{hashlib.blake2b(data, digest_size=12).hexdigest()}"', "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="image/png", headers=headers)
