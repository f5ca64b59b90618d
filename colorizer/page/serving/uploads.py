"""What a request may bring: no more than there is room for, and nothing that fills the memory."""

from __future__ import annotations

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..i18n.texts import preferred, speaking, text
from .disk_budget import ROOM

MOST_WORDS = 50_000_000
"""Bytes of what is no upload, such as a question; programs may put a photograph into one, by base64."""
MOST_FIELD = 100_000
"""Bytes of a part of an upload that is no file. Gradio keeps these in memory, and has no limit for them."""


class Uploads:
    """ASGI middleware: what a request brings has limits beside Gradio's own for a file.

    Gradio removes an upload that it cannot parse, and only that; so whatever ends one is said to it in this way.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("POST", "PUT", "PATCH"):
            return await self.app(scope, receive, send)
        headers = Headers(scope=scope)
        if not scope["path"].rstrip("/").endswith("/upload"):
            return await self.app(scope, _bounded(receive), send)
        length = headers.get("content-length", "")
        if await run_in_threadpool(ROOM.for_uploads) <= (int(length) if length.isdecimal() else 0):
            return await PlainTextResponse(_no_room(headers), 507)(scope, receive, send)
        status = 0
        try:
            fields = _Fields(headers.get("content-type", ""))
        except FormParserError:
            return await PlainTextResponse("The upload cannot be read.", 400)(scope, receive, send)

        async def counted() -> Message:
            nonlocal status
            message = await receive()
            if message["type"] == "http.disconnect":
                raise MultiPartException("The upload broke off.")
            body = message.get("body", b"")
            if not ROOM.take(len(body)):
                status = 507
                raise MultiPartException(_no_room(headers))
            if fields.too_large(body):
                status = 413
                raise MultiPartException("A part that is no file is too large.")
            return message

        async def told(message: Message) -> None:
            if status and message["type"] == "http.response.start":
                message["status"] = status
            await send(message)

        return await self.app(scope, counted, told)


class _Fields:
    """How large the parts of an upload are that are no files."""

    def __init__(self, content_type: str):
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        self._size = self._largest = 0
        self._header = self._value = b""
        self._is_file = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_begin": self._begin_header,
                "on_header_field": self._name,
                "on_header_value": self._describe,
                "on_header_end": self._end_header,
                "on_part_data": self._count,
            },
        ) if boundary else None  # fmt: skip

    def too_large(self, body: bytes) -> bool:
        """Whether one is too large, after another piece of the request's body. Raises MultiPartException for what
        cannot be read."""
        try:
            if self._parser:
                self._parser.write(body)
        except FormParserError:
            raise MultiPartException("The upload cannot be read.") from None
        return self._largest > MOST_FIELD

    def _begin(self) -> None:
        self._size, self._is_file = 0, False

    def _begin_header(self) -> None:
        self._header = self._value = b""

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _describe(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._is_file = b"filename" in parse_options_header(self._value)[1]

    def _count(self, _: bytes, start: int, end: int) -> None:
        if not self._is_file:
            self._size += end - start
            self._largest = max(self._largest, self._size)


def _bounded(receive: Receive) -> Receive:
    """Raises HTTPException where a request brings more than `MOST_WORDS`."""
    came = 0

    async def counted() -> Message:
        nonlocal came
        message = await receive()
        came += len(message.get("body", b""))
        if came > MOST_WORDS:
            raise HTTPException(413, "That is too much for one question.")
        return message

    return counted


def _no_room(headers: Headers) -> str:
    with speaking(preferred(headers.get("accept-language", ""))):
        return str(text("no_room"))
