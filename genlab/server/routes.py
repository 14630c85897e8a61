"""Every route of the server besides the pages. A new one is a line here."""

from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

from genlab.server.address import API
from genlab.server.decode import decode
from genlab.server.faces import faces
from genlab.server.game import game
from genlab.server.live import live
from genlab.server.maps import map_message
from genlab.server.previews import preview
from genlab.server.thumbs import data_thumb, prior_thumb, run_thumb
from genlab.server.token import hand_out

BELOW_API: list[BaseRoute] = [
    Route("/run/{run_id}/live", live),
    Route("/preview/{run_id}/{name}.png", preview),
    Route("/faces", faces, methods=["POST"]),
    Route("/thumb/data/{name}/{part}/{positions}.png", data_thumb),
    Route("/thumb/run/{run_id}/{part}/{positions}.png", run_thumb),
    Route("/thumb/prior/{run_id}/{seeds}.png", prior_thumb),
    Route("/map/{run_id}/{name}.bin", map_message),
    Route("/token", hand_out),
    WebSocketRoute("/decode", decode),
    WebSocketRoute("/game", game),
]


def routes_under(base: str) -> list[BaseRoute]:
    """The routes of a lab whose pages are served under this path, "" for the root."""
    return [Mount(f"/{base.strip('/')}/{API}".replace("//", "/"), routes=BELOW_API)]


ROUTES = routes_under("")
