"""Taking turns."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from inspect import isgeneratorfunction, signature
from types import TracebackType
from typing import Any


class Turns:
    """A lock that threads get in the order in which they asked for it, one at a time; threading.Lock may give itself
    to the same one again and again. Used by `with`; a thread that has it must not ask again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self._mine = threading.local()

    def __enter__(self) -> None:
        with self._lock:
            turn = threading.Event() if self._taken else None
            self._taken = True
            if turn:
                self._waiting.append(turn)
        if turn:
            turn.wait()
        self._mine.now = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mine.now = False
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()  # it stays taken: nobody may come in between
            else:
                self._taken = False

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let others have it for the block, if this thread does; then it is asked for again. Whoever uses this must
        hold no other lock that one of the others may wait for."""
        if not getattr(self._mine, "now", False):
            yield
            return
        self.__exit__(None, None, None)
        try:
            yield
        finally:
            self.__enter__()


def one_at_a_time(turns: Turns, handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler that has its turn while it works; one that yields gives others their turn whenever it does."""

    def stepwise(*values: Any, **named: Any) -> Iterator[Any]:
        with closing(handler(*values, **named)) as steps:
            while True:
                with turns:
                    try:
                        step = next(steps)
                    except StopIteration:
                        return
                yield step

    def whole(*values: Any, **named: Any) -> Any:
        with turns:
            return handler(*values, **named)

    wrapped = wraps(handler)(stepwise if isgeneratorfunction(handler) else whole)
    wrapped.__signature__ = signature(handler)  # type: ignore[attr-defined]  # of a method, without self
    return wrapped
