"""Keeps strangers where they belong: files come from Gradio's cache alone, headers bind the browser, and a request's
head, which is its address and its headers, is not too long.

SECURITY.md has the promises, and the test of each.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from starlette.types import Scope

from ..gradio_private import cache_folder
from ..i18n.toasts import refusal
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
