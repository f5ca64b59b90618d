"""Photographs go up as they are, and come down as previews.

Gradio's upload box shows the very file that it has just sent up: megabytes, sideways or broken where the browser does
not know the format. For pictures in a page, a browser sends an Accept header that begins with "image/"; downloads and
programs do not.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import gradio as gr
from anyio import CapacityLimiter, create_task_group, to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from colorizer.errors import PhotoError

from ..gradio_private import cache_folder
from .headers import in_cache
from .served_files import MADE, SHOWN

AT_ONCE = 32
"""Most requests for previews that are worked on at once. Previews of open photos do not wait for other photos to be
decoded."""


class Previews:
    """ASGI: a request to look at a photograph in Gradio's cache is answered with its preview, as it was
    read, upright and in sRGB. Files that cannot be read, and files that were made here, are left to Gradio."""

    def __init__(self, app: ASGIApp, preview: Callable[[str, Callable[[], bool]], str]):
        self.app = app
        self.preview = preview
        """The path of an upload, and a function that says whether its visitor has left -> the path of its preview; may
        raise PhotoError, OSError and gr.Error."""
        self._limit = CapacityLimiter(AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before, _, name = scope["path"].partition("/file=")
        # Gradio fails for several ranges, and answers one with all the visitor's own headers. It knows the unit in
        # small letters only, and leaves it to Starlette otherwise.
        headers = [(key, said.replace(b"b", b"B", 1) if key == b"range" else said) for key, said in scope["headers"]]
        scope = {**scope, "headers": headers}
        if Headers(scope=scope).get("accept", "").startswith("image/") and _is_upload(name):
            shown, receive = await self._waited_for(name, receive)
            if shown:
                path = f"{before}/file={shown}"
                scope = {**scope, "path": path, "raw_path": quote(path).encode()}

        async def varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Accept")
            await send(message)

        return await self.app(scope, receive, varying)

    async def _waited_for(self, path: str, receive: Receive) -> tuple[str | None, Receive]:
        """The preview's path, unless the visitor leaves before; and the `receive` with which the request goes on."""
        left, came = threading.Event(), deque[Message]()

        async def watch() -> None:
            while True:
                came.append(await receive())
                if came[-1]["type"] == "http.disconnect":
                    return left.set()

        async def again() -> Message:
            return came.popleft() if came else await receive()

        async with create_task_group() as tasks:
            tasks.start_soon(watch)
            shown = await to_thread.run_sync(self._preview, path, left.is_set, limiter=self._limit)
            tasks.cancel_scope.cancel()
        return shown, again

    def _preview(self, path: str, left: Callable[[], bool]) -> str | None:
        with suppress(PhotoError, OSError, MemoryError, gr.Error):  # said where the photograph is coloured
            return self.preview(path, left)
        return None


def _is_upload(path: str) -> bool:
    if not (os.path.isabs(path) and in_cache(path) and os.path.isfile(path)):
        return False
    folder = Path(cache_folder()).resolve()
    return not any(Path(path).resolve().is_relative_to(folder / ours) for ours in (SHOWN, MADE))
