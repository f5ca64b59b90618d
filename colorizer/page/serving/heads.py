"""Limits the length of a request's head, which is its address and its headers. Parsing can take seconds even for one
head: for a cookie of backslashes, or a path of slashes, the time grows with the square of the length."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

from .answers import Refused

MOST_HEAD = 32_000
"""Most bytes of the address and all headers."""
MOST_HEADERS = 100
MOST_PATH = 4_000
"""Most letters of the address without its query; no system has a longer path of a file."""
MOST_COOKIES = 4_000
"""Most bytes of cookies that are read. The page sets none; a browser sends those of other pages on the same machine."""
TOO_LONG = f"The address and the headers of a request have at most {MOST_HEAD} bytes; send a shorter one."


class ShortHeads:
    """ASGI: a longer head is refused before anything parses it, and too many cookies are not read."""

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
