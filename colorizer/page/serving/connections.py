"""Limits on connections: how many there may be, and how long one may keep the server waiting."""

from __future__ import annotations

import asyncio
import errno
import math
import os
import socket
from collections import Counter
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ..gradio_server import one_port_only
from ..i18n.texts import text
from .answers import raw_answer
from .headers import EVERYWHERE, MOST_HEAD, TOO_LONG

HEAD = 15.0
"""Seconds until a connection has sent a request's head; those between two requests are uvicorn's five."""
STALLED = 60.0
"""Seconds for which a visitor may take nothing of an answer that is under way."""
MOST = 1000
"""Most connections at once; a browser has six at most."""
MOST_OF_ONE = 250
"""Most connections from one address, unless it is a proxy on this machine or in $FORWARDED_ALLOW_IPS."""
MOST_AHEAD = 100
"""Most requests that a connection may send before the first is answered; no browser sends a second."""
HANDLES = 4096
"""Open files and sockets to ask the system for; some allow 1024 unless asked."""

_from: Counter[str] = Counter()


class Patient(HttpToolsProtocol):
    """uvicorn's HTTP with time limits. uvicorn itself waits for ever for the end of a head, and for a visitor who takes
    nothing of an answer."""

    _timer: asyncio.TimerHandle | None = None
    _peer = ""
    _head = 0
    """How many bytes came since a head began or since the last of a body: more of a head, the name of a piece of a
    body, or a trailer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        peer = transport.get_extra_info("peername")
        self._peer = str(peer[0]) if peer else ""
        _from[self._peer] += 1
        if len(self.connections) > MOST or (_from[self._peer] > MOST_OF_ONE and not _is_proxy(self._peer)):
            transport.write(raw_answer("503 Service Unavailable", str(text("busy")), EVERYWHERE))
            transport.close()
            return
        app: ASGIApp = self.app

        async def heard(scope: Scope, receive: Receive, send: Send) -> None:
            self._wait(None)
            await app(scope, receive, send)

        self.app = heard
        self._wait(HEAD)

    def connection_lost(self, exc: Exception | None) -> None:
        self._wait(None)
        _from[self._peer] -= 1
        if _from[self._peer] <= 0:
            del _from[self._peer]
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._head > MOST_HEAD:
            self.transport.write(raw_answer("431 Request Header Fields Too Large", TOO_LONG, EVERYWHERE))
            self.transport.close()
        else:
            self._head += len(data)
            super().data_received(data)

    def on_message_begin(self) -> None:
        if len(self.pipeline) > MOST_AHEAD:
            raise ValueError  # which ends with `send_400_response`
        self._head = 0
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._wait(HEAD)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._wait(STALLED)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._wait(None)

    def send_400_response(self, msg: str) -> None:
        self.transport.write(raw_answer("400 Bad Request", "This is no HTTP request.", EVERYWHERE))
        self.transport.close()

    def _wait(self, seconds: float | None) -> None:
        """Close the connection after so many seconds, in place of what was set before."""
        if self._timer:
            self._timer.cancel()
        self._timer = None if seconds is None else self.loop.call_later(seconds, self._give_up, seconds, math.inf)

    def _give_up(self, seconds: float, before: float) -> None:
        """Close the connection, but not while a visitor takes the end of an answer, however slowly."""
        left = self.transport.get_write_buffer_size()
        if 0 < left < before:
            self._timer = self.loop.call_later(seconds, self._give_up, seconds, left)
        else:
            self.transport.abort()


def ask_for_handles() -> None:
    """Let this process have `HANDLES` open files and sockets, or as many as the system allows."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = HANDLES if hard == resource.RLIM_INFINITY else min(hard, HANDLES)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def check_port() -> None:
    """Raise OSError, with a sentence, if $GRADIO_SERVER_PORT is in use. Gradio would take another port, which nobody
    knows. On Spaces the port belongs to a proxy."""
    port = os.environ.get("GRADIO_SERVER_PORT")
    if not port or os.environ.get("SPACE_ID"):
        return
    one_port_only()
    host = (os.environ.get("GRADIO_SERVER_NAME") or "127.0.0.1").strip("[]")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as place:
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            place.bind((host, int(port)))
        except OSError as error:
            why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
            raise OSError(f"Port {port} {why}; choose another by GRADIO_SERVER_PORT.") from None


def options() -> dict[str, Any]:
    """Further options of uvicorn.Config: the page has no websockets, and the end of the server does not wait for
    visitors for long."""
    return {"ws": "none", "timeout_graceful_shutdown": 2}


def _is_proxy(peer: str) -> bool:
    trusted = {"127.0.0.1", "::1", *os.environ.get("FORWARDED_ALLOW_IPS", "").replace(" ", "").split(",")}
    return peer in trusted or "*" in trusted
