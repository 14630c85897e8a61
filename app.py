"""The server: the pages, the routes beside them, and what lives as long as it does. `streamlit run app.py`"""

# ruff: noqa: E402
import gc

gc.disable()   # what is imported stays for good: collecting in between finds nothing and takes 0.4 s. warm_up turns it on again

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from genlab.serving.routes import ROUTES
from genlab.serving.visitor import VisitorCookie
from genlab.serving.warm import warm_up

PAGES = Path(__file__).resolve().parent / "pages"


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict]:
    """Ready before the first visitor. What runs beside the server starts before the yield and ends after it."""
    warm_up(PAGES)
    yield {}


app = st.App(PAGES / "main.py", lifespan=lifespan, routes=ROUTES, middleware=[Middleware(VisitorCookie)])
