"""A run as it goes, over HTTP: browsers ask twice a second, so an answer must cost next to nothing."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from genlab.errors import RunError
from genlab.jobs import get_queue
from genlab.runs import Run, find_run
from genlab.server.feed import Feeds


def place_of(run: Run) -> dict | None:
    """Where a waiting run stands in the queue; None where it does not wait there."""
    place = get_queue().place(run)
    return asdict(place) if place else None


FEEDS = Feeds(find_run, place_of)


def live(request: Request) -> Response:
    """JSON of /api/run/{run_id}/live?since=CURSOR: the status, and what came after the cursor of an earlier answer.

    404 with the reason where there is no such run. Not async, so that the disk is read in a thread and not in the event loop.
    """
    try:
        answer = FEEDS.of(request.path_params["run_id"]).since(request.query_params.get("since", ""))
    except RunError as error:
        return JSONResponse({"error": str(error)}, 404)
    return JSONResponse({**answer, "wait_s": FEEDS.wait_s()}, headers={"Cache-Control": "no-store"})
