"""Short answers of the server itself, before Gradio hears of a request."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import AbstractContextManager
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Message, Receive, Scope

from ..i18n.texts import LANGUAGES, preferred, speaking, text

AGAIN = {503: {"Retry-After": "10"}, 507: {"Retry-After": "60"}}


class Refused(Exception):
    """A request is not answered; the sentence says why."""

    def __init__(self, status: int, sentence: str):
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence

    def as_json(self) -> Response:
        """The answer as JSON, for programs and the page's own questions."""
        return JSONResponse({"detail": self.sentence}, self.status, AGAIN.get(self.status))

    def as_text(self) -> Response:
        """The answer as text, for the page's upload box."""
        return PlainTextResponse(self.sentence, self.status, AGAIN.get(self.status))


def speaking_to(scope: Scope) -> AbstractContextManager[None]:
    """`speaking` in the language in the address of the page that asks (`?lang=it`), otherwise in the one that its
    browser prefers."""
    headers = Headers(scope=scope)
    query = headers.get("referer", "").partition("?")[2].partition("#")[0]
    asked = parse_qs(query).get("lang", [""])[0].lower()
    return speaking(asked if asked in LANGUAGES else preferred(headers.get("accept-language", "")))


def said_to(scope: Scope, key: str) -> str:
    """A sentence in that language."""
    with speaking_to(scope):
        return str(text(key))


def raw_answer(status: str, sentence: str, headers: dict[str, str]) -> bytes:
    """A whole answer as bytes, for a visitor whose request is not even read; the connection is closed after it."""
    body = json.dumps({"detail": sentence}, ensure_ascii=False).encode()
    described = {**headers, "Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = "".join(f"{name}: {value}\r\n" for name, value in described.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body


SILENCE = 20.0
"""Seconds without a byte, or with very few, after which a request counts as given up."""
LEAST = 1000
"""Bytes a second that a request must bring in the long run. The slowest telephone line brings four times that."""


class TooSlow(Exception):
    """A request comes too slowly to wait for."""


def patient(receive: Receive) -> Receive:
    """Return a `receive` for a request's body that raises TooSlow when nothing comes for `SILENCE` seconds, or less
    than `LEAST` bytes a second after that. Once all is there it waits for ever, as for a visitor who leaves."""
    start, came, complete = time.monotonic(), 0, False

    async def received() -> Message:
        nonlocal came, complete
        if complete:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), SILENCE)
        except asyncio.TimeoutError:
            raise TooSlow from None
        came += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if not complete and came < LEAST * (time.monotonic() - start - SILENCE):
            raise TooSlow
        return message

    return received
