"""Every route of the server besides the pages. A new one is a line here."""

from starlette.routing import BaseRoute, Route, WebSocketRoute

from genlab.serving.decode import decode
from genlab.serving.faces import faces
from genlab.serving.game import game
from genlab.serving.live import live
from genlab.serving.maps import map_message
from genlab.serving.previews import preview
from genlab.serving.thumbs import data_thumb, prior_thumb, run_thumb
from genlab.serving.token import hand_out

ROUTES: list[BaseRoute] = [
    Route("/api/run/{run_id}/live", live),
    Route("/api/preview/{run_id}/{name}.png", preview),
    Route("/api/faces", faces, methods=["POST"]),
    Route("/api/thumb/data/{name}/{part}/{positions}.png", data_thumb),
    Route("/api/thumb/run/{run_id}/{part}/{positions}.png", run_thumb),
    Route("/api/thumb/prior/{run_id}/{seeds}.png", prior_thumb),
    Route("/api/map/{run_id}/{name}.bin", map_message),
    Route("/api/token", hand_out),
    WebSocketRoute("/api/decode", decode),
    WebSocketRoute("/api/game", game),
]
