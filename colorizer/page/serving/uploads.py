"""Limits uploads to the room that there is, and keeps them from filling the memory."""

from __future__ import annotations

import asyncio
import logging

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..gradio_server import UploadWatch, watched_upload
from .answers import Refused, TooSlow, patient, said_to
from .disk_budget import disk_budget

MOST_WORDS = 300_000
"""Most bytes of the headers of an upload's files, of which there are up to 1000. Gradio keeps these in memory."""

MANY, PIECE = 30, 1024
"""Dashes, two of which begin every file, from which on a piece of an upload is passed on in smaller ones, and bytes of
these: Gradio makes all files of a piece at once, and nobody else is answered meanwhile."""

log = logging.getLogger(__name__)


class Uploads:
    """ASGI: uploads have limits beside Gradio's own for a file, and the rest of a broken one is removed."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        length, watch = Headers(scope=scope).get("content-length", ""), _Watch(scope)
        try:
            if await run_in_threadpool(watch.budget.for_uploads) <= (int(length) if length.isdecimal() else 0):
                raise Refused(507, said_to(scope, "no_room"))
            await self._watched(watch, scope, patient(receive), send)
        except Refused as refused:
            await refused.as_text()(scope, receive, send)

    async def _watched(self, watch: _Watch, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the upload on to Gradio, piece by piece. Raises Refused if nothing was answered yet."""
        sent, pieces = 0, list[Message]()

        async def counted() -> Message:
            if pieces:
                await asyncio.sleep(0)
                return pieces.pop()
            try:
                message = await receive()
            except TooSlow:
                raise watch.refusal(408, "upload_cut_off") from None
            if message["type"] == "http.disconnect":
                raise watch.refusal(400, "upload_cut_off")
            body: bytes = message.get("body", b"")
            watch.take(len(body))
            if body.count(b"--") > MANY:
                pieces.extend(
                    {**message, "body": body[at : at + PIECE], "more_body": True} for at in range(0, len(body), PIECE)
                )
                pieces[-1]["more_body"] = message.get("more_body", False)
                pieces.reverse()
                return pieces.pop()
            return message

        async def told(message: Message) -> None:
            nonlocal sent
            if message["type"] == "http.response.start":
                sent = message["status"] = watch.status or message["status"]
            await send(message)

        try:
            with watched_upload(watch):
                await self.app(scope, counted, told)
        except Exception as error:
            if sent:
                raise
            if isinstance(error, OSError):  # most often a full disk
                log.warning("an upload could not be taken: %s", error)
                raise Refused(507, said_to(scope, "no_room")) from None
            log.exception("an upload could not be taken")
            raise Refused(500, said_to(scope, "failed")) from None
        finally:
            if sent != 200:
                watch.budget.give_back(watch.taken)


class _Watch(UploadWatch):
    """The bytes and files of one upload. Gradio answers with a sentence only if it cannot parse an upload; so
    everything that ends one is raised as such an error."""

    def __init__(self, scope: Scope):
        self.scope, self.budget = scope, disk_budget()
        self.taken = 0.0
        """Bytes of the budget that it takes."""
        self.words = self.status = 0

    def refusal(self, status: int, key: str) -> MultiPartException:
        """An error by which Gradio answers with the sentence `key`, and we with this status."""
        self.status = status
        return MultiPartException(said_to(self.scope, key))

    def take(self, count: float) -> None:
        """Take bytes of the budget. Raises MultiPartException where it has no room."""
        self.taken += count
        if not self.budget.take(count):
            raise self.refusal(507, "no_room")

    def on_file(self) -> None:
        self.take(2 * self.budget.entry)  # each has a folder of its own

    def on_words(self, count: int) -> None:
        self.words += count
        if self.words > MOST_WORDS:
            raise self.refusal(413, "upload_wordy")

    def on_nonsense(self) -> MultiPartException:
        return self.refusal(400, "upload_unreadable")
