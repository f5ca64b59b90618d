"""Keeps what Gradio says of the page: its HTML, and its two descriptions for programs. Gradio copies and writes all of
it anew for each visitor, which takes several times as long as a small photo's colours."""

from __future__ import annotations

import asyncio
import gzip
import json
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..gradio_server import public_address
from .headers import path_of

KEPT = ("/", "/config", "/gradio_api/info")
MOST = 24
"""Most answers that are kept, a tenth of a megabyte each where packed. The server's public address makes a difference,
and a visitor may call it by any name."""
PROGRAM = "gradio_client/"
"""The beginning of the user agent of Gradio's client for Python."""
FOR_BROWSERS = ("css", "head", "js", "layout", "page")
"""Parts of the page's description that a program does not read."""


class Wanted(NamedTuple):
    """All that an answer depends on."""

    path: str
    address: str
    """The page's, as the visitor calls it: Gradio writes it into its answers."""
    packed: bool
    program: bool


class Written(NamedTuple):
    """A whole answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes

    async def send(self, send: Send) -> None:
        """Give it to one visitor, whose headers may still be changed."""
        await send({"type": "http.response.start", "status": self.status, "headers": [*self.headers]})
        await send({"type": "http.response.body", "body": self.body})


class Descriptions:
    """ASGI: Gradio writes each description once, and those who ask for it meanwhile wait for it."""

    def __init__(self, app: ASGIApp):
        self.app = app
        self._kept: dict[Wanted, asyncio.Future[Written]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = _wanted(scope)
        if wanted is None:
            return await self.app(scope, receive, send)
        written = self._kept.pop(wanted, None) or asyncio.ensure_future(self._written(scope, wanted))
        self._kept[wanted] = written  # those that were asked for last are at the end
        while len(self._kept) > MOST:
            del self._kept[next(iter(self._kept))]
        try:
            answer = await asyncio.shield(written)  # others may wait for it, too
        except Exception:
            self._kept.pop(wanted, None)
            raise
        if answer.status != 200:
            self._kept.pop(wanted, None)
        await answer.send(send)

    async def _written(self, scope: Scope, wanted: Wanted) -> Written:
        """Gradio's answer, as it is kept. Nothing in the address makes a difference: what Gradio knows beside this
        page, such as other pages and links to a state, is not here."""
        sent: list[Message] = []

        async def collect(message: Message) -> None:
            sent.append(message)

        async def nothing() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        await self.app({**scope, "query_string": b""}, nothing, collect)
        start, body = sent[0], b"".join(message.get("body", b"") for message in sent[1:])
        if start["status"] == 200:
            if wanted.program:
                body = for_programs(body)
            headers = MutableHeaders(raw=start["headers"])
            headers["Vary"] = "Accept-Encoding, User-Agent"
            if wanted.packed:
                body = await run_in_threadpool(gzip.compress, body, 6)
                headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(body))
        return Written(start["status"], start["headers"], body)


def for_programs(config: bytes) -> bytes:
    """The page's description (JSON) without what is of no use to Gradio's client for Python: what browsers need, and
    the events that programs may not ask for. Only for the state of those would the client stay connected."""
    page = {name: value for name, value in json.loads(config).items() if name not in FOR_BROWSERS}
    events = [event for event in page["dependencies"] if event["api_visibility"] != "private"]
    used = {part for event in events for part in (*event["inputs"], *event["outputs"])}
    parts = [part for part in page["components"] if part["id"] in used]
    return json.dumps({**page, "dependencies": events, "components": parts, "connect_heartbeat": False}).encode()


def _wanted(scope: Scope) -> Wanted | None:
    """The answer that a request wants; None for anything that is not kept."""
    path = path_of(scope).rstrip("/") or "/"
    if scope["method"] != "GET" or path not in KEPT:
        return None
    address, headers = public_address(scope, path), Headers(scope=scope)
    program = path == "/config" and headers.get("user-agent", "").startswith(PROGRAM)
    packed = "gzip" in headers.get("accept-encoding", "")
    return None if address is None else Wanted(path, address, packed, program)
