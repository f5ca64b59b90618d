"""Every private part of Gradio's server that the page replaces, and why; see gradio_private.py for those of its events,
components and queue. tests/page/test_gradio_server.py says which part is no longer what it was."""

from __future__ import annotations

import os
import re
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NoReturn

import gradio.http_server
import gradio.processing_utils
import gradio.route_utils
import gradio.routes
import gradio.utils
import uvicorn
from gradio.route_utils import GradioMultiPartParser, get_root_url, upload_fn
from gradio.routes import App
from jinja2 import FunctionLoader
from python_multipart.exceptions import FormParserError
from starlette.concurrency import run_in_threadpool
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Scope

# --- Uploads. Gradio removes the file of an upload only if it cannot parse the upload. Files of uploads that break off,
# files in unknown fields, and files for which the disk is full stay for good.

MOST_PROGRESS = 1000
"""Most uploads whose progress is kept. Gradio keeps it for ever if nobody asks for it."""


class UploadWatch:
    """Hears of an upload while Gradio parses it. Each method may raise MultiPartException, which ends the upload."""

    parser: GradioMultiPartParser | None = None

    def on_file(self) -> None:
        """Another file begins."""

    def on_words(self, count: int) -> None:
        """Further bytes of the headers of files."""

    def on_nonsense(self) -> MultiPartException:
        """The error for an upload that cannot be parsed."""
        return MultiPartException("Could not parse the upload.")


_watch: ContextVar[UploadWatch] = ContextVar("watch")
_form: ContextVar[Any] = ContextVar("form", default=None)
"""An upload that was parsed before."""


class _Parsed(Exception):
    """An upload was parsed."""


class WatchedParser(GradioMultiPartParser):
    """Gradio's parser of uploads, which tells an `UploadWatch` of what it reads."""

    def __init__(self, *values: Any, **named: Any):
        super().__init__(*values, **named)
        self.ended = False
        self.watch = _watch.get(UploadWatch())
        self.watch.parser = self.watch.parser or self

    async def parse(self) -> Any:
        if form := _form.get():
            return form
        try:
            form = await super().parse()
        except FormParserError:
            raise self.watch.on_nonsense() from None
        except MultiPartException as error:
            if isinstance(error.__cause__, FormParserError):
                raise self.watch.on_nonsense() from None
            raise
        if not (form and self.ended):  # what it lacks would be missed by nobody
            raise self.watch.on_nonsense()
        raise _Parsed(form)

    def on_end(self) -> None:
        self.ended = True

    def on_headers_finished(self) -> None:
        super().on_headers_finished()
        if self._current_part.file is None:  # a field, where Gradio expects files
            raise self.watch.on_nonsense()
        self.watch.on_file()

    def _check_header_size(self, additional_bytes: int) -> None:
        super()._check_header_size(additional_bytes)
        self.watch.on_words(additional_bytes)


async def _taken_in(*values: Any, **named: Any) -> Any:
    """Gradio's answer to an upload. It gives every file its name and folder in one go, which takes a second for a
    thousand files: a thread does that here, once the upload is parsed."""

    def name_files(form: Any) -> Any:
        _form.set(form)  # within this thread's own context
        try:
            upload_fn(*values, **named).send(None)
        except StopIteration as answer:
            return answer.value
        raise RuntimeError("Gradio waits for something else than the upload.")

    try:
        return await upload_fn(*values, **named)
    except _Parsed as parsed:
        return await run_in_threadpool(name_files, *parsed.args)


@contextmanager
def watched_upload(watch: UploadWatch) -> Iterator[None]:
    """Have the parser of an upload, answered within the block, tell `watch`; then remove the files without a name of
    their own that it leaves behind."""
    token = _watch.set(watch)
    try:
        yield
    finally:
        _watch.reset(token)
        for file in watch.parser._files_to_close_on_error if watch.parser else ():
            with suppress(OSError):
                file.close()
            with suppress(OSError):  # it has its name now
                os.unlink(file.name)
        progress = gradio.routes.file_upload_statuses
        for upload in list(progress._statuses)[:-MOST_PROGRESS]:
            progress.stop_tracking(upload)
            progress._signals.pop(upload, None)


# --- Events.


def values_of_event(app: Any, number: int | None, name: str) -> int | None:
    """How many values an event of a page takes, by its number or, without one, by its name; None if there is no such
    event. Gradio fails for an unknown event, and for fewer values."""
    events = app.get_blocks().fns
    named = (event for event in events.values() if event.api_name == name)
    found = next(named, None) if number is None else events.get(number)
    return None if found is None else len(found.inputs)


# --- Addresses in place of files. Gradio downloads them while their question holds its place in the queue, without a
# limit for bytes or seconds, and asks a foreign name server if it does not like the answer of its own.


def fetch_nothing(refusal: Callable[[], Exception]) -> None:
    """Have Gradio raise what `refusal` returns where it would fetch an address."""

    async def refuse(*_: Any, **__: Any) -> NoReturn:
        raise refusal()

    def refuse_here(*_: Any, **__: Any) -> NoReturn:
        raise refusal()

    gradio.processing_utils.async_ssrf_protected_download = refuse
    gradio.processing_utils.async_ssrf_protected_get = refuse
    gradio.processing_utils.ssrf_protected_download = refuse_here
    gradio.processing_utils.save_url_to_cache = refuse_here


# --- Files of the page's own. Gradio follows the path of each file of a question once for each of them, and the path of
# each of them again: for an album that takes seconds, in which nobody is answered.


def follow_once() -> None:
    """Have Gradio follow a path once to tell whether the file is one of the page's own."""

    def is_static(file_path: Any, static_files: list[Path]) -> bool:
        path = getattr(file_path, "path", file_path)
        if not isinstance(path, (str, Path)) or not os.path.exists(path):
            return False
        real = Path(os.path.realpath(path))
        return not {real, *real.parents}.isdisjoint(static_files)

    gradio.utils._is_static_file = is_static


# --- The description of the endpoints. Gradio writes the address by which it was first asked for into its examples, and
# keeps them: if the first request has a false name (the Host header), all later visitors get that address.

_description: ContextVar[Any] = ContextVar("description", default=None)


def describe_anew() -> None:
    """Let Gradio write the description for each request, and keep none."""

    def keep(app: App, written: Any) -> None:
        _description.set(written)  # until this request is answered

    App.api_info = property(lambda app: _description.get(), keep)  # type: ignore[assignment]


def public_address(scope: Scope, path: str) -> str | None:
    """The page's address as the visitor of a request calls it. Gradio writes it into what it says of the page; nothing
    else of the request makes a difference. None where visitors log in, as it then matters who they are. path: what is
    asked for."""
    app = scope["app"]
    if app.auth is not None or app.auth_dependency is not None:
        return None
    return get_root_url(Request(scope), path, app.root_path or scope.get("root_path"))


# --- The page's HTML. Gradio puts the `head` that it is given into the page only when its own scripts run.

_templates = gradio.routes.templates.env.loader


def begin_with(scripts: str) -> None:
    """Have the page begin with scripts, before those of Gradio. scripts: HTML."""

    def source(name: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        assert _templates
        text, path, unchanged = _templates.get_source(gradio.routes.templates.env, name)
        first = f"<head>{{% raw %}}\n{scripts}{{% endraw %}}"
        return text.replace("<head>", first, 1), path, unchanged

    gradio.routes.templates.env.loader = FunctionLoader(source)


# --- The stream of answers. The server ends it once nothing is asked. A question that crosses the end on its way gets
# no answer: the browser finds the stream open when it asks, then closes it, and forgets the questions that still wait.

SCRIPTS = Path(gradio.routes.BUILD_PATH_LIB)
_STREAM_ENDS = re.compile(r"\w+\.msg===`close_stream`\)\{\w+\(\w+,(\w+)\.abort_controller\);")


def mended_client() -> list[Route]:
    """Gradio's script in the browser, changed so that it opens the stream again for questions that still wait; empty if
    the script is no longer as we know it."""
    routes = []
    for path in SCRIPTS.glob("index-*.js"):
        mended, count = _STREAM_ENDS.subn(r"\g<0>\1.unclosed_events.size&&\1.open_stream();", path.read_text("utf-8"))
        if count:
            routes.append(_script(f"/assets/{path.name}", mended))
    return routes


def _script(address: str, script: str) -> Route:
    tag = f'"{sha256(script.encode()).hexdigest()}"'  # Gradio's name says nothing of what we changed

    def serve(request: Request) -> Response:
        headers = {"Cache-Control": "no-cache", "ETag": tag}
        if request.headers.get("If-None-Match", "").removeprefix("W/") == tag:
            return Response(status_code=304, headers=headers)
        return Response(script, media_type="text/javascript", headers=headers)

    return Route(address, serve)


# --- Connections. Gradio starts uvicorn with none of the limits that uvicorn offers.


def mend_server(protocol: type, **options: Any) -> None:
    """Have Gradio start its server with a protocol, with further options of uvicorn.Config, and with `WatchedParser`.

    protocol: a class as uvicorn's `http` takes.
    """
    config = partial(uvicorn.Config, http=protocol, **options)
    gradio.http_server.uvicorn = types.SimpleNamespace(Config=config)  # type: ignore[assignment]
    gradio.route_utils.GradioMultiPartParser = WatchedParser  # type: ignore[misc]
    gradio.routes.upload_fn = _taken_in


def one_port_only() -> None:
    """Have Gradio fail if the requested port is in use, instead of taking another that nobody knows."""
    gradio.http_server.TRY_NUM_PORTS = 1


WITHOUT_KNOCKING: dict[str, Any] = {"_frontend": False}
"""Options of gr.Blocks.launch. By default Gradio asks its own server whether it answers, and ends if that takes long,
as it does when strangers come first."""


def outermost(app: Any, wrap: Callable[[ASGIApp], ASGIApp]) -> None:
    """Wrap all of a running app, including its own answers to errors. Gradio puts its own middleware around that of
    `app_kwargs`."""
    app.middleware_stack = wrap(app.middleware_stack)
