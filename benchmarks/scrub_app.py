"""What benchmarks/scrub.py measures on: the lab's routes, one page with a scrubber on it, and a token for clients without a page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from genlab.server.routes import ROUTES
from genlab.server.token import new_token
from genlab.server.warm import warm_up

HERE = Path(__file__).resolve().parent


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict]:
    warm_up(HERE.parent / "pages")
    yield {}


def token(request: Request) -> PlainTextResponse:
    return PlainTextResponse(new_token())


app = st.App(HERE / "scrub_page.py", lifespan=lifespan, routes=[*ROUTES, Route("/token", token)])
