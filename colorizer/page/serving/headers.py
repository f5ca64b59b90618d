"""Keeps strangers where they belong: files come from Gradio's cache alone, headers bind the browser, and a request's
head, which is its address and its headers, is not too long.

SECURITY.md has the promises, and the test of each.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from starlette.routing import compile_path
from starlette.types import Scope

from ..gradio_private import cache_folder
from ..i18n.texts import refusal
from ..theme import ROUTES
from .answers import Refused

PAGE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data: blob:; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'"
)
"""Gradio's own scripts are inline and evaluated, so this cannot stop a script that got in, but nothing that it learns
gets out."""

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
"""Most letters of the address without its query, and of a file's path; no system has a longer one."""
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


def check_head(scope: Scope) -> None:
    """Raise Refused for a head that is too long, before anything parses it. Parsing can take seconds even for one
    head: for a cookie of backslashes, or a path of slashes, the time grows with the square of the length."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if len(scope["path"]) > MOST_PATH:
        raise Refused(414, f"The path of an address has at most {MOST_PATH} letters; ask for a shorter one.")
    address = len(scope["path"]) + len(scope.get("query_string", b""))
    if len(headers) > MOST_HEADERS or address + sum(len(name) + len(value) for name, value in headers) > MOST_HEAD:
        raise Refused(431, TOO_LONG)


def without_many_cookies(scope: Scope) -> Scope:
    """A request as Gradio may read it: without its cookies if they have more than `MOST_COOKIES` bytes."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    if sum(len(value) for name, value in headers if name == b"cookie") <= MOST_COOKIES:
        return scope
    return {**scope, "headers": [header for header in headers if header[0] != b"cookie"]}


OPEN = {
    "/": "the page",
    "/config": "its parts, for clients",
    "/assets/{path:path}": "Gradio's scripts",
    "/static/{path:path}": "Gradio's pictures and fonts",
    "/theme.css": "colours and letters",
    "/favicon.ico": "the browser's tab",
    "/manifest.json": "an icon on a telephone",
    "/robots.txt": "search engines",
    "/gradio_api/app_id": "whether the server was started anew; health checks",
    "/gradio_api/startup-events": "Gradio asks itself when it starts",
    "/gradio_api/heartbeat/{session_hash}": "whether a visitor is still there",
    "/gradio_api/info": "the endpoints, for clients",
    "/gradio_api/openapi.json": "the endpoints, for other programs",
    "/gradio_api/upload": "photographs",
    "/gradio_api/upload_progress": "how much of them is there",
    "/gradio_api/file={path_or_url:path}": "uploads, results and examples",
    "/gradio_api/queue/join": "a question of the page or a client",
    "/gradio_api/queue/data": "its answer",
    "/gradio_api/run/{api_name}": "a quick question of the page",
    "/gradio_api/cancel": "the Stop button",
    "/gradio_api/reset": "the same, for older clients",
    "/gradio_api/call/{api_name}": "a question of a program",
    "/gradio_api/call/v2/{api_name}": "the same, with names",
    "/gradio_api/call/{api_name}/{event_id}": "its answer",
    "/gradio_api/call/v2/{api_name}/{event_id}": "its answer",
    "/gradio_api/mcp": "tools for assistants",
    "/gradio_api/mcp/schema": "their description",
    **{route.path: "letters" for route in ROUTES},
}
"""Addresses as Gradio's routes write them, and what the page needs them for."""

_PATTERNS: list[re.Pattern[str]] = [compile_path(path)[0] for path in OPEN]


def is_open(path: str) -> bool:
    """Whether a path, from the page's root on, answers."""
    trimmed = path.rstrip("/") or "/"
    return any(pattern.match(path) or pattern.match(trimmed) for pattern in _PATTERNS)


def path_of(scope: Scope) -> str:
    """A request's path from the page's root on."""
    path, root = scope["path"], scope.get("root_path", "").rstrip("/")
    return path[len(root) :] or "/" if root and (path == root or path.startswith(f"{root}/")) else path
