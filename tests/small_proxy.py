"""A reverse proxy as it stands before a lab on a shared machine: it takes its prefix away, and forwards the rest, sockets too.

    python small_proxy.py PORT PREFIX UPSTREAM [--own-host]      --own-host: what is behind it is told its own name, not the proxy's
"""

import asyncio
import sys
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

PORT, PREFIX, UPSTREAM, *MORE = sys.argv[1:]
DROPPED = {"connection", "upgrade", "transfer-encoding", "content-encoding", "content-length", "keep-alive"}
client = httpx.AsyncClient(base_url=f"http://{UPSTREAM}", timeout=60,
                           cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])))   # cookies are between the browser and the lab


def told(headers: dict, *names: str) -> dict:
    """The headers that go on."""
    dropped = DROPPED | set(names) | ({"host"} if "--own-host" in MORE else set())
    return {name: value for name, value in headers.items() if name not in dropped}


async def forward(request: Request) -> Response:
    path = "/" + request.path_params["rest"] + (f"?{request.url.query}" if request.url.query else "")
    answer = await client.request(request.method, path, headers=told(request.headers), content=await request.body())
    response = Response(answer.content, answer.status_code)
    response.raw_headers += [(n.lower().encode(), v.encode()) for n, v in answer.headers.multi_items()
                             if n.lower() not in DROPPED]
    return response


async def forward_socket(browser: WebSocket) -> None:
    headers = told(browser.headers, *(name for name in browser.headers if name.startswith("sec-websocket")))
    named, (host, port) = headers.pop("host", UPSTREAM), UPSTREAM.split(":")
    query = f"?{browser.url.query}" if browser.url.query else ""
    async with connect(f"ws://{named}/{browser.path_params['rest']}{query}", host=host, port=int(port), additional_headers=headers, max_size=None,
                       subprotocols=browser.scope["subprotocols"] or None, user_agent_header=None) as lab:
        await browser.accept(subprotocol=lab.subprotocol)
        ways = [asyncio.create_task(way) for way in (from_browser(browser, lab), to_browser(browser, lab))]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()


async def from_browser(browser: WebSocket, lab: object) -> None:
    try:
        while (message := await browser.receive())["type"] == "websocket.receive":
            await lab.send(message["bytes"] if message.get("bytes") is not None else message["text"])
    except (WebSocketDisconnect, ConnectionClosed):
        pass


async def to_browser(browser: WebSocket, lab: object) -> None:
    try:
        async for message in lab:
            await (browser.send_bytes if isinstance(message, bytes) else browser.send_text)(message)
    except ConnectionClosed:
        pass
    await browser.close(lab.close_code or 1000, lab.close_reason or "")


async def elsewhere(request: Request) -> Response:
    return PlainTextResponse("nothing of the lab's is here", 404)


routes = [Route(f"/{PREFIX}/{{rest:path}}", forward, methods=["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD"]),
          WebSocketRoute(f"/{PREFIX}/{{rest:path}}", forward_socket), Route("/{rest:path}", elsewhere)]

if __name__ == "__main__":
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(PORT), log_level="warning", ws_max_size=2**26)
