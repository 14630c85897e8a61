"""A server with one page and nothing on it but a scrubber."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st

from genlab.server.routes import ROUTES
from genlab.server.warm import warm_up

HERE = Path(__file__).resolve().parent


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict]:
    warm_up(HERE.parent / "pages")
    yield {}


app = st.App(HERE / "scrub_page.py", lifespan=lifespan, routes=ROUTES)
