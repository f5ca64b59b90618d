"""Limits uploads to the room that there is, and keeps them from filling the memory."""

from __future__ import annotations

import logging

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..gradio_server import tidy_uploads
from .answers import Refused, TooSlow, patient, said_to
from .disk_budget import disk_budget

MOST_WORDS = 300_000
"""Most bytes of an upload that are in no file: fields, and the headers of up to 1000 files. Gradio keeps these in
memory."""

log = logging.getLogger(__name__)


class Uploads:
    """ASGI: uploads have limits beside Gradio's own for a file, and the rest of a broken one is removed.

    Gradio answers with a sentence only if it cannot parse an upload; so everything that ends an upload is raised as
    such an error.
    """

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers, budget = Headers(scope=scope), disk_budget()
        length = headers.get("content-length", "")
        try:
            if await run_in_threadpool(budget.for_uploads) <= (int(length) if length.isdecimal() else 0):
                raise Refused(507, said_to(scope, "no_room"))
            fields = _Fields(headers.get("content-type", ""), said_to(scope, "upload_unreadable"))
            await self._watched(fields, scope, patient(receive), send)
        except FormParserError:
            await Refused(400, said_to(scope, "upload_unreadable")).as_text()(scope, receive, send)
        except Refused as refused:
            await refused.as_text()(scope, receive, send)

    async def _watched(self, fields: _Fields, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the upload on to Gradio, piece by piece. Raises Refused if nothing was answered yet."""
        budget, taken, status, sent = disk_budget(), 0.0, 0, 0
        no_room = said_to(scope, "no_room")

        async def counted() -> Message:
            nonlocal taken, status
            try:
                message = await receive()
            except TooSlow:
                status = 408
                raise MultiPartException(said_to(scope, "upload_cut_off")) from None
            if message["type"] == "http.disconnect":
                raise MultiPartException(said_to(scope, "upload_cut_off"))
            body = message.get("body", b"")
            too_large = fields.too_large(body)
            more = len(body) + 2 * budget.entry * fields.new_files()  # each has a folder of its own
            taken += more
            if not budget.take(more):
                status = 507
                raise MultiPartException(no_room)
            if too_large:
                status = 413
                raise MultiPartException(said_to(scope, "upload_wordy"))
            return message

        async def told(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.start":
                sent = message["status"] = status or message["status"]
            await send(message)

        try:
            with tidy_uploads():
                await self.app(scope, counted, told)
        except OSError as error:  # most often a full disk
            if sent:
                raise
            log.warning("an upload could not be written: %s", error)
            raise Refused(507, no_room) from None
        except Exception as error:  # Gradio expects a file in every field
            if sent:
                raise
            log.info("an upload could not be read: %s", error)
            raise Refused(400, said_to(scope, "upload_unreadable")) from None
        finally:
            if sent != 200:
                budget.give_back(taken)


class _Fields:
    """Counts the files of an upload, and its bytes that are in no file."""

    def __init__(self, content_type: str, unreadable: str):
        """unreadable: the sentence for an upload that cannot be read."""
        self._unreadable = unreadable
        _, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        self._size = self._files = 0
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
        """Whether too many bytes are in no file, after another piece of the body. Raises MultiPartException for a body
        that cannot be read."""
        try:
            if self._parser:
                self._parser.write(body)
        except FormParserError:
            raise MultiPartException(self._unreadable) from None
        return self._size > MOST_WORDS

    def _begin(self) -> None:
        self._is_file = False

    def _begin_header(self) -> None:
        self._header = self._value = b""

    def _name(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]
        self._size += end - start

    def _describe(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]
        self._size += end - start

    def _end_header(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._is_file = b"filename" in parse_options_header(self._value)[1]
            self._files += self._is_file

    def _count(self, _: bytes, start: int, end: int) -> None:
        if not self._is_file:
            self._size += end - start

    def new_files(self) -> int:
        """How many have begun since this was asked for last."""
        count, self._files = self._files, 0
        return count
