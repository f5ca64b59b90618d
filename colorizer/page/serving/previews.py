"""Photographs go up as they are, and come down as previews.

Gradio's upload box shows the very file that it has just sent up: megabytes, sideways or broken where the browser does
not know the format. What a browser wants to put into a page, it asks for with an Accept header that begins with
"image/"; downloads, and programs, do not.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from gradio.utils import get_upload_folder
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from colorizer.errors import PhotoError

from .headers import in_cache
from .served_files import MADE, SHOWN


class Previews:
    """ASGI middleware: a photograph in Gradio's cache that shall be looked at is answered with its preview, as it was
    read, upright and in sRGB. What cannot be read is left to Gradio, as is what was made here."""

    def __init__(self, app: ASGIApp, preview: Callable[[str], str]):
        self.app = app
        self.preview = preview
        """The path of an upload -> the path of its preview; may raise PhotoError and OSError."""
        self._limit = CapacityLimiter(2)  # photographs open at once, each some dozen megabytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        before, is_file, name = scope.get("path", "").partition("/file=")
        if scope["type"] != "http" or not is_file:
            return await self.app(scope, receive, send)
        if Headers(scope=scope).get("accept", "").startswith("image/") and _is_upload(name):
            shown = await to_thread.run_sync(self._preview, name, limiter=self._limit)
            if shown:
                path = f"{before}/file={shown}"
                scope = {**scope, "path": path, "raw_path": quote(path).encode()}

        async def varying(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).add_vary_header("Accept")
            await send(message)

        return await self.app(scope, receive, varying)

    def _preview(self, path: str) -> str | None:
        with suppress(PhotoError, OSError, MemoryError):  # said where the photograph is coloured
            return self.preview(path)
        return None


def _is_upload(path: str) -> bool:
    if not (os.path.isabs(path) and in_cache(path) and os.path.isfile(path)):
        return False
    folder = Path(get_upload_folder()).resolve()
    return not any(Path(path).resolve().is_relative_to(folder / ours) for ours in (SHOWN, MADE))
