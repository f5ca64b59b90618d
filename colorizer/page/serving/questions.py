"""Limits on questions: they must be small, and go to an event that exists. Everything is checked before Gradio parses
it, which would put it into the queue, into memory and into pictures."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..gradio_private import cache_folder
from ..gradio_server import values_of_event
from .answers import Refused, TooSlow, patient, said_to, speaking_to
from .disk_budget import disk_budget
from .headers import MOST_PATH, path_of

MOST_BYTES = 1_000_000
"""Most bytes of a question; an album of 500 uploaded photographs takes half of them."""
MOST_WITH_PICTURE = 20_000_000
"""Most bytes of a question by MCP, where a photograph may be part of it, in base64."""
MOST_VALUES = 20_000
"""Most numbers, words, lists and objects in a question. A parsed value takes up to a hundred times its bytes."""
MOST_OF_A_CALL = 2_000
"""The same, in a question of a program or by MCP. Every wrong value is described in words before it is refused."""
MOST_DEPTH = 40
"""Most levels of lists within lists."""
MOST_FILES = 500
"""Most files of a question, by the folders in their paths: Gradio follows each path, folder by folder, before it
answers anybody else."""
MOST_NAME = 100
"""Most letters in the name of a visitor or a question. The server remembers these names for hours."""
MOST_AT_ONCE = 100_000_000
"""Most bytes of all questions in memory at once, except `SMALL` ones."""
SMALL = 64_000
_PICTURE = b"data:,a picture"
"""Stands for a picture while the rest of its question is checked."""


Door = Callable[[str, Mapping[str, Any] | list[Any]], tuple[int, str] | None]
"""Refuses questions of programs before they wait in the queue; see `api.refusal`."""


class Questions:
    """ASGI: reads questions, refuses invalid ones in one sentence, and passes the others on."""

    def __init__(self, app: ASGIApp, door: Door):
        self.app = app
        self.door = door
        self.held = 0
        """Bytes of questions in memory."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, question = path_of(scope).rstrip("/"), _Body(self)
        by_mcp = path.endswith("/mcp")
        try:
            await question.read(scope, patient(receive), MOST_WITH_PICTURE if by_mcp else MOST_BYTES)
            if not by_mcp:
                words = path.partition("/gradio_api/")[2].split("/")
                asked = parsed(question.content, MOST_OF_A_CALL if words[0] == "call" else MOST_VALUES)
                with speaking_to(scope):
                    if self._check(words, scope, asked):
                        question.content = json.dumps(asked).encode()
            elif picture := picture_in(question.content):
                budget = disk_budget()
                has_room = await run_in_threadpool(budget.for_uploads) > len(picture)
                if not (has_room and budget.take(len(picture) + 2 * budget.entry)):  # Gradio writes a file in a folder
                    raise Refused(507, said_to(scope, "no_room"))
            await self.app(scope, question.again(receive), send)
        except Refused as refused:
            await refused.as_json()(scope, receive, send)
        finally:
            self.held -= question.held

    def _check(self, path: list[str], scope: Scope, question: dict[str, Any]) -> bool:
        """Check a question; returns whether values that it lacks were added. Raises Refused for one that Gradio would
        answer with an error of its own, or not at all."""
        for name in ("session_hash", "event_id"):
            given = question.get(name)
            if given is not None and not (isinstance(given, str) and len(given) <= MOST_NAME):
                raise Refused(422, f"{name} is at most {MOST_NAME} letters.")
        kind, name = path[0], path[-1]
        if kind == "call" and len(path) in (2, 3):
            asked = question if path[1] == "v2" else _data(question)
            count = len(asked)
            refused = self.door(name, asked)
            if refused:
                raise Refused(*refused)
            return len(asked) != count
        if kind in ("run", "queue"):
            data, number = _data(question), question.get("fn_index")
            if type(number) is not int and not (number is None and kind == "run"):
                raise Refused(422, "fn_index is the number of an event of the page.")
            takes = values_of_event(scope["app"], number, name)
            if takes is None:
                raise Refused(404, "The page has no such event.")
            if len(data) < takes:
                raise Refused(422, f"data has too few values for this event: it takes {takes}, not {len(data)}.")
        return False


def parsed(body: bytes | bytearray, most: int = MOST_VALUES) -> dict[str, Any]:
    """The JSON object in a question; raises Refused for anything else, for more than `most` values, and for numbers
    that are not finite."""
    if _values(body) > most:
        raise Refused(413, f"A question has at most {most} values; ask several.")
    try:
        question = json.loads(body, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Refused(400, "A question is a JSON object, and its numbers are finite.") from None
    if not isinstance(question, dict):
        raise Refused(400, "A question is a JSON object, and its numbers are finite.")
    folders = 0
    for depth, level in enumerate(_levels(question)):
        if depth >= MOST_DEPTH:
            raise Refused(413, f"A question has at most {MOST_DEPTH} levels.")
        for part in level:
            path = part.get("path") if isinstance(part, dict) else None
            if isinstance(path, str) and len(path) > MOST_PATH:  # to follow one takes the square of its length
                raise Refused(413, f"The path of a file has at most {MOST_PATH} letters.")
            folders += path.count("/") + path.count("\\") if isinstance(path, str) else 0
    if folders > MOST_FILES * (cache_folder().count(os.sep) + 3):
        raise Refused(413, f"A question has at most {MOST_FILES} files, each by the path that its upload answered.")
    return question


def picture_in(body: bytes) -> str:
    """The picture in base64 that a question by MCP has; "" if it has none. Raises Refused for one that takes long to
    check: nothing but the picture may be long, and a long one is not parsed, as others would wait for that."""
    at = body.find(b'"data:') + 1
    end = body.find(b'"', at)
    long = b""
    if at and len(body) > MOST_BYTES and body[at - 2 : at - 1] != b"\\":
        long, body = body[at:end], body[:at] + _PICTURE + body[end:]
    if len(body) > MOST_BYTES or b"\\" in long or (long and body.count(_PICTURE) > 1):
        raise _too_large()
    given: Any = parsed(body, MOST_OF_A_CALL)
    for name in ("params", "arguments", "photo"):
        given = given.get(name) if isinstance(given, dict) else None
    if long and given != _PICTURE.decode():
        raise _too_large()
    picture = given if isinstance(given, str) and given.startswith("data:") else ""
    return long.decode("latin-1") or picture


def _values(body: bytes | bytearray) -> int:
    """A count of values in JSON that is never too low; signs within strings count, too."""
    return body.count(b",") + body.count(b"[") + body.count(b"{")


def _levels(value: Any) -> Iterator[list[Any]]:
    """The lists and objects of JSON, level by level."""
    level = [value]
    while level:
        level = [part for part in level if isinstance(part, (dict, list))]
        yield level
        level = [each for part in level for each in (part.values() if isinstance(part, dict) else part)]


def _data(question: Mapping[str, Any]) -> list[Any]:
    data = question.get("data")
    if not isinstance(data, list):
        raise Refused(422, 'data is missing: a question is {"data": [...]}, with a value for each input.')
    return data


def _finite(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _no_number(digits)


def _no_number(digits: str) -> float:
    raise ValueError(digits)


def _too_large() -> Refused:
    return Refused(413, "That is too much for one question; upload photographs, and ask about few things at once.")


class _Body:
    """The body of a request, read as far as there is memory for it."""

    def __init__(self, all_of_them: Questions):
        self.content = b""
        self.held = 0
        self._all = all_of_them

    async def read(self, scope: Scope, receive: Receive, most: int) -> None:
        """Read the body. Raises Refused for more than `most` bytes, or if too much is in memory already."""
        length = Headers(scope=scope).get("content-length", "")
        if length.isdecimal() and int(length) > most:
            raise _too_large()
        came, more = bytearray(), True  # not a list: a piece may be a byte, and takes fifty as an object
        while more:
            try:
                message = await receive()
            except TooSlow:
                raise Refused(408, "The question came too slowly.") from None
            if message["type"] == "http.disconnect":
                raise Refused(400, "The question broke off.")
            piece, more = message.get("body", b""), message.get("more_body", False)
            came += piece
            self.held += len(piece)
            self._all.held += len(piece)
            if self.held > most:
                raise _too_large()
            if self.held > SMALL and self._all.held > MOST_AT_ONCE:
                raise Refused(503, said_to(scope, "busy"))
        self.content = bytes(came)

    def again(self, receive: Receive) -> Receive:
        """Return a `receive` that gives the body once more, and then says whether the visitor leaves."""
        left = [self.content]
        self.content = b""

        async def received() -> Message:
            return {"type": "http.request", "body": left.pop(), "more_body": False} if left else await receive()

        return received
