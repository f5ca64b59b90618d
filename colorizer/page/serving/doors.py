"""Everything that a request goes through before Gradio answers it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from ..gradio_server import begin_with, describe_anew, fetch_nothing, mend_server, outermost
from ..i18n.toasts import refusal
from ..look.theme import FIRST
from .answers import Refused, said_to
from .connections import Patient, options
from .descriptions import Descriptions
from .headers import Guarded, ShortHeads
from .previews import Previews
from .questions import Door, Questions
from .routes import OpenRoutes
from .uploads import Uploads


def doors(door: Door, preview: Callable[[str, Callable[[], bool]], str]) -> dict[str, Any]:
    """Arguments of FastAPI, for `app_kwargs` of gr.Blocks.launch. Has Gradio start its servers with our limits, and the
    page with our first scripts.

    door: refuses questions that no endpoint can answer. preview: as `Previews` takes it.
    """
    mend_server(Patient, **options())
    fetch_nothing(lambda: refusal("no_addresses"))
    describe_anew()
    begin_with(FIRST)
    return {
        "middleware": [
            Middleware(Descriptions),
            Middleware(Uploads),
            Middleware(Questions, door=door),
            Middleware(Previews, preview=preview),
        ],
        "lifespan": _guarded,
        "exception_handlers": {RequestValidationError: _no_question, Exception: _failed},
    }


@asynccontextmanager
async def _guarded(app: Any) -> AsyncIterator[None]:
    """While a server runs, every answer has our headers, and closed addresses stay closed."""

    def wrapped(inner: ASGIApp) -> ASGIApp:
        return Guarded(ShortHeads(OpenRoutes(inner)))

    outermost(app, wrapped)
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
