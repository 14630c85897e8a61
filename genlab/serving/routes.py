"""Every route of the server besides the pages. A new one is a line here."""

from starlette.routing import BaseRoute, Route

from genlab.serving.previews import preview

ROUTES: list[BaseRoute] = [
    Route("/api/preview/{run_id}/{name}.png", preview),
]
