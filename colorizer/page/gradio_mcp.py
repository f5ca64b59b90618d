"""Gradio's tools for assistants (MCP), without threads that wait. tests/page/test_gradio_mcp.py says which part of
Gradio is no longer what it was.

Gradio asks its own server over HTTP. Until its answer comes, each call holds one of the forty threads that also serve
uploads and files. The answer itself needs more threads, so forty slow calls stop everybody. Here a call waits in the
queue, as the page's questions do, and holds no thread until it is worked on.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from importlib.metadata import PackageNotFoundError, version
from inspect import signature
from typing import Any
from uuid import uuid4
from weakref import WeakValueDictionary

import gradio as gr
import gradio.mcp
from gradio.data_classes import PredictBodyInternal
from gradio.mcp import GradioMCPServer
from gradio.server_messages import ProcessCompletedMessage
from starlette.requests import Request

log = logging.getLogger(__name__)

AT_ONCE = 24
"""Most calls of one tool from one address in the queue at once. Further calls wait for these outside it, and take no
place from others."""
PREFIX = "/gradio_api"
PROGRESS = {"estimation": "In the queue.", "process_starts": "At work."}
"""Sentences about the progress of a call, by the kind of Gradio's message."""


class Tools:
    """The public events of a page, asked within its server."""

    def __init__(self, page: gr.Blocks):
        self.page = page
        self._places: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()
        self._ending: set[asyncio.Task[None]] = set()

    async def ask(self, name: str, values: Sequence[Any], request: Request) -> AsyncGenerator[Any, None]:
        """Gradio's messages about a question to an event; the last one has the answer. Closing the generator withdraws
        the question. Raises RuntimeError if the queue does not take it."""
        queue, session, request = self.page._queue, uuid4().hex, _as_question(request)
        (event,) = (each for each in self.page.fns.values() if each.api_name == name)
        if queue.server_app is None:
            queue.set_server_app(self.page.app)
        address = request.client.host if request.client else ""
        async with self._places.setdefault((name, address), asyncio.Semaphore(AT_ONCE)):
            asked: dict[str, Any] = {"data": list(values), "fn_index": event._id, "session_hash": session}
            body = PredictBodyInternal(**asked, request=request)
            taken, said, _ = await queue.push(body=body, request=request, username=None)
            if not taken:
                raise RuntimeError(str(said))
            messages, answered = queue.pending_messages_per_session[session], False
            try:
                while not answered:
                    message = await messages.get()
                    answered = isinstance(message, ProcessCompletedMessage)
                    yield message
            finally:
                if not answered:
                    ending = asyncio.ensure_future(queue.clean_events(session_hash=session))
                    self._ending.add(ending)
                    ending.add_done_callback(self._ending.discard)
                queue.pending_event_ids_session.pop(session, None)
                del queue.pending_messages_per_session[session]


async def answer_of(
    messages: AsyncGenerator[Any, None], tell: Callable[[str], Awaitable[None]] | None = None
) -> list[Any]:
    """The answer to a question, as Gradio's client gives it. messages: as from `Tools.ask`. tell: called with sentences
    about the progress. Raises RuntimeError for an error, with its sentence."""
    message: Any = None
    async with aclosing(messages):
        async for message in messages:
            if tell and message.msg.value in PROGRESS:
                await tell(PROGRESS[message.msg.value])
    if not message.success:
        raise RuntimeError(message.output.get("error") or "The question could not be answered.")
    values = message.output["data"]
    return [values[0] if len(values) == 1 else tuple(values)]


class _Client:
    """Takes the place of Gradio's client of its own server."""

    def __init__(self, tools: Tools, request: Request):
        self._tools, self._request = tools, request

    def submit(self, *values: Any, api_name: str, headers: Any = None) -> AsyncGenerator[Any, None]:
        return self._tools.ask(api_name.lstrip("/"), values, self._request)


class ToolServer(GradioMCPServer):
    """Gradio's server of tools, with `Tools` in place of its client."""

    def __init__(self, blocks: gr.Blocks):
        super().__init__(blocks)
        self._tools = Tools(blocks)

    def StreamableHTTPSessionManager(self, **options: Any) -> Any:  # Gradio's name for MCP's class
        """The reader of questions; MCP's own limit, 4 MB since 1.30, is less than that of serving/questions.py."""
        manager, limit = GradioMCPServer.StreamableHTTPSessionManager, {"max_request_body_size": sys.maxsize}
        return manager(**options, **(limit if limit.keys() & signature(manager).parameters else {}))

    def _get_or_create_client(self) -> Any:
        return _Client(self._tools, self.mcp_server.request_context.request)

    async def _execute_tool_without_progress(self, job: Any) -> list[Any]:
        return await answer_of(job)

    async def _execute_tool_with_progress(self, job: Any, progress_token: str | int) -> Any:
        context, steps = self.mcp_server.request_context, itertools.count()

        async def tell(words: str) -> None:
            await context.session.send_progress_notification(
                progress_token=progress_token,
                progress=next(steps),
                message=words,
                related_request_id=str(context.request_id),
            )

        return await answer_of(job, tell)


def tools_possible() -> bool:
    """Whether MCP is installed, in a version that Gradio knows, as `gradio[mcp]` brings it."""
    try:
        found = version("mcp")
    except PackageNotFoundError:
        return False
    if not found.startswith("1."):
        log.warning('There are no tools for assistants: mcp is %s here. pip install "gradio[mcp]" brings mcp 1.', found)
    return found.startswith("1.")


def mend_tools() -> None:
    """Have Gradio serve its tools by `ToolServer`."""
    gradio.mcp.GradioMCPServer = ToolServer  # type: ignore[misc]


def _as_question(request: Request) -> Request:
    """The request as if it had come as a question of the page: the queue knows those addresses only."""
    root = request.scope["path"].partition(f"{PREFIX}/mcp")[0]
    scope = {**request.scope, "root_path": request.scope.get("app_root_path", ""), "query_string": b""}
    return Request({**scope, "path": f"{root}{PREFIX}/queue/join"})
