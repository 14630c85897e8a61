"""The server: the pages, the routes beside them, and what lives as long as it does. `streamlit run app.py`"""

# ruff: noqa: E402
import gc

gc.disable()   # what is imported stays for good: collecting in between finds nothing and takes 0.4 s. warm_up turns it on again

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from genlab.jobs import get_queue, shutdown
from genlab.serving.morph import prepare_first, prepare_next
from genlab.serving.nodelay import send_at_once
from genlab.serving.routes import ROUTES
from genlab.serving.visitor import VisitorCookie
from genlab.serving.warm import warm_up, warm_up_later

PAGES = Path(__file__).resolve().parent / "pages"
LATER_S = 3


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict]:
    """Ready before the first visitor. What runs beside the server starts before the yield and ends after it."""
    get_queue()   # its workers come up in processes of their own while this one imports
    warm_up(PAGES)
    send_at_once()
    threading.Thread(target=get_ready, name="first-screen", daemon=True).start()
    yield {}
    await asyncio.to_thread(shutdown)


def get_ready() -> None:
    """The first screen before all else; what other pages need, once the first visitors have seen it."""
    prepare_first()
    time.sleep(LATER_S)
    warm_up_later()
    prepare_next()


app = st.App(PAGES / "main.py", lifespan=lifespan, routes=ROUTES, middleware=[Middleware(VisitorCookie)])
