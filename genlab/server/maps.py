"""The route of maps: one message with all of a map's points."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from genlab.errors import LabError
from genlab.maps.message import packed_map


def map_message(request: Request) -> Response:
    """The message of a map; 404 with the reason where there is none."""
    run_id, name = request.path_params["run_id"], request.path_params["name"]
    try:
        data, weights = packed_map(run_id, name)
    except LabError as error:
        return PlainTextResponse(str(error), 404)
    headers = {"ETag": f'"{name}-{weights}"', "Cache-Control": "private, max-age=3600", "X-Content-Type-Options": "nosniff"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(data, media_type="application/octet-stream", headers=headers)
