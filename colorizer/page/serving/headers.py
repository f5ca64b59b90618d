"""Keeps strangers where they belong: files come from Gradio's cache alone, headers bind the browser, and a request's
head, which is its address and its headers, is not too long.

SECURITY.md has the promises, and the test of each.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from pathlib import Path
from typing import Any

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..gradio_private import cache_folder
from ..i18n.toasts import refusal
from .answers import Refused, said_to

PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
"""Gradio's own scripts are inline and evaluated, so this cannot stop a script that got in, but nothing that it learns
gets out."""

log = logging.getLogger(__name__)

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # addresses hold what leads to a visitor's files
}
"""Headers of every answer."""

SPACES = "'self' https://huggingface.co https://*.huggingface.co https://*.hf.space"
"""The sites that show a Space in a frame."""

FILE = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
"""The policy for uploads and results: whatever a file holds, opened by itself it runs no script and has no origin."""


MADE_ANEW = (".zip", ".mp4")
"""Suffixes of files that may change at their address: albums and films, after a correction. Browsers take a file for
fresh for a tenth of its age, unless they are told to ask."""
MOST_HEAD = 32_000
"""Most bytes of the address and all headers."""
MOST_HEADERS = 100
MOST_PATH = 4_000
"""Most letters of the address without its query; no system has a longer path of a file."""
MOST_COOKIES = 4_000
"""Most bytes of cookies that are read. The page sets none; a browser sends those of other pages on the same machine."""
TOO_LONG = f"The address and the headers of a request have at most {MOST_HEAD} bytes; send a shorter one."


def framed_by() -> str:
    """The sites that may show the page in a frame: $COLORIZER_FRAME_ANCESTORS, such as "https://example.org" or "*"; by
    default the page itself, and on Spaces Hugging Face. Raises ValueError for a value that cannot be part of a
    header."""
    given = os.environ.get("COLORIZER_FRAME_ANCESTORS", "").strip()
    if not re.fullmatch(r"[\w\-./:*'\[\] ]*", given, re.ASCII):
        raise ValueError(f"COLORIZER_FRAME_ANCESTORS is a list of sites, such as https://example.org, not {given!r}")
    return given or (SPACES if os.environ.get("SPACE_ID") else "'self'")


def page_policy() -> str:
    """The content security policy of the page. On Spaces it stands in a frame with scripts of Hugging Face's."""
    frames = f"frame-ancestors {framed_by()}"
    return frames if os.environ.get("SPACE_ID") else f"{PAGE}; {frames}"


def in_cache(path: str) -> bool:
    """Whether a path, its links followed, leads into the folder where Gradio keeps uploads and results."""
    try:
        return Path(path).resolve().is_relative_to(Path(cache_folder()).resolve())
    except (OSError, ValueError, RuntimeError):  # too long, a zero byte, links in a circle
        return False


def uploaded_path(payload: Any) -> str | None:
    """The path of a file that an input was given, or None. Raises gr.Error for one from elsewhere.

    Gradio checks the paths of values that declare themselves to be files (`meta`); for an image it accepts others too.
    """
    if payload is None or payload.path is None:
        return None
    if not in_cache(payload.path):
        raise refusal("gone")
    return payload.path


class Guarded:
    """ASGI: security headers on every answer, errors among them, and no fetching of other servers' files for a
    visitor."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        _, is_file, name = scope["path"].partition("/file=")
        policy = FILE if is_file else page_policy()

        started = complete = False

        async def with_headers(message: Message) -> None:
            nonlocal started, complete
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for header, value in EVERYWHERE.items():
                    headers[header] = value
                headers["Content-Security-Policy"] = policy
                if is_file and name.lower().endswith(MADE_ANEW):
                    headers["Cache-Control"] = "no-cache"
            await send(message)
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)

        if name.lower().startswith(("http:", "https:")):
            return await PlainTextResponse("Only files of this page.", 403)(scope, receive, with_headers)
        try:
            await self.app(scope, receive, with_headers)
        except asyncio.CancelledError:  # the server ends, and waits no longer for this
            if not started:
                await Refused(503, said_to(scope, "stopping")).as_json()(scope, receive, with_headers)
        except Exception:
            if not complete:
                raise
            log.exception("%s %s failed", scope["method"], scope["path"])  # an answer says so; the connection goes on


class ShortHeads:
    """ASGI: a longer head is refused before anything parses it, and too many cookies are not read. Parsing
    can take seconds even for one head: for a cookie of backslashes, or a path of slashes, the time grows with the
    square of the length."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        headers: list[tuple[bytes, bytes]] = scope["headers"]
        address = len(scope["path"]) + len(scope.get("query_string", b""))
        if len(scope["path"]) > MOST_PATH:
            long = Refused(414, f"The path of an address has at most {MOST_PATH} letters; ask for a shorter one.")
            return await long.as_json()(scope, receive, send)
        if len(headers) > MOST_HEADERS or address + sum(len(name) + len(value) for name, value in headers) > MOST_HEAD:
            return await Refused(431, TOO_LONG).as_json()(scope, receive, send)
        if sum(len(value) for name, value in headers if name == b"cookie") > MOST_COOKIES:
            scope = {**scope, "headers": [header for header in headers if header[0] != b"cookie"]}
        await self.app(scope, receive, send)
