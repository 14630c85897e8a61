"""The server: the pages, the routes beside them, and what lives as long as it does. `streamlit run app.py`"""

# ruff: noqa: E402
import gc

gc.disable()   # what is imported stays for good: collecting in between finds nothing and takes 0.4 s. warm_up turns it on again

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from genlab.errors import LabError
from genlab.jobs import get_queue, shutdown
from genlab.lens.morph import prepare_first, prepare_next
from genlab.paths import explained, faults
from genlab.runs.clearing import keep_clear
from genlab.server.address import RelativeRedirects
from genlab.server.nodelay import send_at_once
from genlab.server.routes import routes_under
from genlab.server.token import trust
from genlab.server.visitor import VisitorCookie
from genlab.server.warm import warm_up, warm_up_later
from genlab.ui.shell.settings import use_settings

PAGES = Path(__file__).resolve().parent / "pages"
LATER_S = 2
log = logging.getLogger("genlab")


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[dict]:
    """Ready before the first visitor. What runs beside the server starts before the yield and ends after it."""
    for fault in faults():
        log.warning(fault)
    warm_up(PAGES)
    send_at_once()
    trust(let_in())
    ending = threading.Event()
    threading.Thread(target=get_ready, args=(ending,), name="first-screen", daemon=True).start()
    yield {}
    ending.set()
    await asyncio.to_thread(shutdown)


def let_in() -> list[str]:
    """Hosts whose pages Streamlit lets in however they reach it: this machine, as behind a proxy on it, and whom the settings name."""
    if not st.get_option("server.enableCORS"):
        return ["*"]
    return ["localhost", "127.0.0.1", st.get_option("browser.serverAddress"), *st.get_option("server.corsAllowedOrigins")]


def get_ready(ending: threading.Event) -> None:
    """The first screen before all else; what other pages need, the workers among it, one by one once the first visitors have seen it."""
    for prepare in (prepare_first, get_queue, warm_up_later, prepare_next):   # the queue is also made at once by a page that asks for it
        if prepare is not prepare_first and ending.wait(LATER_S):
            return
        with suppress(LabError), explained():   # the page that needs it says why it cannot be
            prepare()
    keep_clear(ending)


use_settings(Path(__file__).resolve())
app = st.App(PAGES / "main.py", lifespan=lifespan, routes=routes_under(st.get_option("server.baseUrlPath")),
             middleware=[Middleware(RelativeRedirects), Middleware(VisitorCookie)])
