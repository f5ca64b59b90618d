"""The gate: everything that a request goes through before Gradio answers it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi.exceptions import HTTPException, RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..gradio_server import begin_with, describe_anew, fetch_nothing, follow_once, mend_server, outermost
from ..i18n.texts import refusal
from ..theme import FIRST
from .answers import Refused, said_to
from .connections import Patient, options
from .descriptions import Descriptions
from .headers import EVERYWHERE, FILE, MADE_ANEW, check_head, is_open, page_policy, path_of, without_many_cookies
from .previews import Previews
from .questions import Door, Questions
from .uploads import Uploads

log = logging.getLogger(__name__)


def gate(door: Door, preview: Callable[[str, Callable[[], bool]], str]) -> dict[str, Any]:
    """Arguments of FastAPI, for `app_kwargs` of gr.Blocks.launch. Has Gradio start its servers with our limits, and the
    page with our first scripts.

    door: refuses questions that no endpoint can answer. preview: as `Previews` takes it.
    """
    mend_server(Patient, **options())
    fetch_nothing(lambda: refusal("no_addresses"))
    describe_anew()
    follow_once()
    begin_with(FIRST)
    return {
        "middleware": [Middleware(Desks, door=door, preview=preview)],
        "lifespan": _guarded,
        "exception_handlers": {RequestValidationError: _no_question, Exception: _failed},
    }


class Gate:
    """ASGI, around a whole server: only addresses in `OPEN` answer, with a slash at their end or without, and short
    heads; nothing of other servers is fetched for a visitor. Every answer has our headers, errors among them."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            return await send({"type": "websocket.close", "code": 1008})
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        _, is_file, name = scope["path"].partition("/file=")
        headers = {**EVERYWHERE, "Content-Security-Policy": FILE if is_file else page_policy()}
        if is_file and name.lower().endswith(MADE_ANEW):
            headers["Cache-Control"] = "no-cache"
        started = complete = False

        async def with_headers(message: Message) -> None:
            nonlocal started, complete
            if message["type"] == "http.response.start":
                started = True
                MutableHeaders(scope=message).update(headers)
            await send(message)
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)

        if name.lower().startswith(("http:", "https:")):
            return await PlainTextResponse("Only files of this page.", 403)(scope, receive, with_headers)
        try:
            check_head(scope)
            if not is_open(path_of(scope)):
                raise Refused(404, "There is nothing at this address.")
            await self.app(without_many_cookies(scope), receive, with_headers)
        except Refused as refused:
            await refused.as_json()(scope, receive, with_headers)
        except asyncio.CancelledError:  # the server ends, and waits no longer for this
            if not started:
                await Refused(503, said_to(scope, "stopping")).as_json()(scope, receive, with_headers)
        except Exception as error:
            if isinstance(error.__cause__, HTTPException):  # an answer has begun, and said so
                return await send({"type": "http.response.body"})
            if not complete:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])  # an answer says so; the connection goes on


class Desks:
    """ASGI middleware, within that of Gradio: takes each request to what knows its kind."""

    def __init__(self, app: ASGIApp, door: Door, preview: Callable[[str, Callable[[], bool]], str]):
        self.app = app
        self.descriptions, self.uploads = Descriptions(app), Uploads(app)
        self.questions, self.previews = Questions(app, door), Previews(app, preview)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._of(scope)(scope, receive, send)

    def _of(self, scope: Scope) -> ASGIApp:
        if scope["type"] != "http":
            return self.app
        if scope["method"] in ("GET", "HEAD", "OPTIONS"):
            return self.previews if "/file=" in scope["path"] else self.descriptions
        if not path_of(scope).rstrip("/").endswith("/upload"):
            return self.questions
        return self.uploads if scope["method"] == "POST" else self.app


@asynccontextmanager
async def _guarded(app: Any) -> AsyncIterator[None]:
    """While a server runs, every request comes by the gate."""
    outermost(app, Gate)
    yield


async def _no_question(request: Request, error: RequestValidationError) -> Response:
    """Answer a request that FastAPI cannot read with one sentence. By itself, FastAPI sends a list, and all of the
    request back."""
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"] if part != "body")[:100]
    said = str(first["msg"])[:200]
    return Refused(422, f"{place}: {said[:1].lower()}{said[1:]}" if place else said).as_json()


async def _failed(request: Request, error: Exception) -> Response:
    return Refused(500, said_to(request.scope, "failed")).as_json()
