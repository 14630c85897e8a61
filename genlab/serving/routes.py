"""Every route of the server besides the pages. A new one is a line here."""

from starlette.routing import BaseRoute, Route, WebSocketRoute

from genlab.serving.decode import decode
from genlab.serving.faces import faces
from genlab.serving.live import live
from genlab.serving.previews import preview

ROUTES: list[BaseRoute] = [
    Route("/api/run/{run_id}/live", live),
    Route("/api/preview/{run_id}/{name}.png", preview),
    Route("/api/faces", faces, methods=["POST"]),
    WebSocketRoute("/api/decode", decode),
]
