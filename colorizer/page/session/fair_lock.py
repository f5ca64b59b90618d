"""A lock that is fair, and handlers that hold it."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import wraps
from inspect import isgeneratorfunction, signature
from types import TracebackType
from typing import Any


class FairLock:
    """A lock that threads get in the order in which they ask for it. A threading.Lock may go to the same thread again
    and again. Use it by `with`; a thread that holds it must not ask for it again."""

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
                self._waiting.popleft().set()  # it stays taken, so that no thread gets in between
            else:
                self._taken = False

    @contextmanager
    def released(self) -> Iterator[None]:
        """Release the lock during the block if this thread holds it. The thread must not hold another lock that the
        other threads may wait for."""
        if not getattr(self._mine, "now", False):
            yield
            return
        self.__exit__(None, None, None)
        try:
            yield
        finally:
            self.__enter__()


def while_holding(lock: FairLock, handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler that holds the lock while it works. A generator releases it at every `yield`."""

    def stepwise(*values: Any, **named: Any) -> Iterator[Any]:
        with closing(handler(*values, **named)) as steps:
            while True:
                with lock:
                    try:
                        step = next(steps)
                    except StopIteration:
                        return
                yield step

    def whole(*values: Any, **named: Any) -> Any:
        with lock:
            return handler(*values, **named)

    wrapped = wraps(handler)(stepwise if isgeneratorfunction(handler) else whole)
    wrapped.__signature__ = signature(handler)  # type: ignore[attr-defined]  # of a method, without self
    return wrapped
