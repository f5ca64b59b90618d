"""What keeps strangers where they belong: files from Gradio's cache alone, and headers that bind the browser.

SECURITY.md has what is promised, and the test of each promise.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..gradio_private import cache_folder
from ..i18n.toasts import refusal

PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
"""Gradio's own scripts are inline and evaluated, so this stops none that got in; but nothing it learns gets out."""

FILE = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
"""For uploads and results: whatever they hold, opened by itself it runs no script and is of no origin."""


def in_cache(path: str) -> bool:
    """Whether a path, its links followed, leads into the folder where Gradio keeps uploads and results."""
    try:
        return Path(path).resolve().is_relative_to(Path(cache_folder()).resolve())
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, links in a circle
        return False


def uploaded_path(payload: Any) -> str | None:
    """The path of a file that an input was given, or None. Raises gr.Error for one from elsewhere.

    Gradio checks the paths of what says of itself that it is a file (`meta`); for an image it believes others too.
    """
    if payload is None or payload.path is None:
        return None
    if not in_cache(payload.path):
        raise refusal("gone")
    return payload.path


class Guarded:
    """ASGI middleware: security headers on every answer, and no fetching of other servers' files for a visitor."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        _, is_file, name = scope["path"].partition("/file=")
        # On Spaces the page stands in a frame with scripts of Hugging Face's.
        policy = FILE if is_file else "" if os.environ.get("SPACE_ID") else PAGE

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"  # addresses hold what leads to a visitor's files
                if policy:
                    headers["Content-Security-Policy"] = policy
            await send(message)

        if name.lower().startswith(("http:", "https:")):
            return await PlainTextResponse("Only files of this page.", 403)(scope, receive, with_headers)
        return await self.app(scope, receive, with_headers)
