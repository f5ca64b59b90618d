"""Locks that are fair, and handlers that hold them."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import wraps
from inspect import isgeneratorfunction, signature
from types import TracebackType
from typing import Any

SECONDS_PER_MEGAPIXEL = 2.0
"""How much longer work on a larger photo may be kept waiting by what came later."""


class FairLock:
    """A lock that threads get in the order in which they ask for it; see `enter`. A threading.Lock may go to the same
    thread again and again. Use it by `with`; a thread that holds it must not ask for it again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[float, int, threading.Event]] = []
        self._count = itertools.count()
        self._taken = False

    def enter(self, pixels: int = 0) -> None:
        """Wait for it. Who asks for it to work on more pixels lets those pass who come within some seconds and have
        less to do; in the end everybody gets it."""
        with self._lock:
            turn = threading.Event() if self._taken else None
            self._taken = True
            if turn:
                until = time.monotonic() + SECONDS_PER_MEGAPIXEL * pixels / 1e6
                heapq.heappush(self._waiting, (until, next(self._count), turn))
        if turn:
            turn.wait()

    def leave(self) -> None:
        """Give it to the next."""
        with self._lock:
            if self._waiting:
                heapq.heappop(self._waiting)[-1].set()  # it stays taken, so that no thread gets in between
            else:
                self._taken = False

    def __enter__(self) -> None:
        self.enter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()


class Lanes:
    """Turns for work on photos at full size, of which the memory allows little at once: one thread works on a large
    photo, and beside it one on others. Use it by `with`; once the thread knows the photo, it says its `size`."""

    def __init__(self, large: int):
        self.large = large
        """Photos of more pixels are large."""
        self._ordinary, self._large = FairLock(), FairLock()
        self._mine = threading.local()

    def __enter__(self) -> None:
        self._mine.pixels = 0
        self._take(self._ordinary)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._give()
        del self._mine.pixels

    def size(self, pixels: int) -> None:
        """Say of how many pixels the photo is that this thread is about to work on. Waits for the turn of a large one.
        Does nothing if the thread does not work here."""
        if not hasattr(self._mine, "pixels"):
            return
        self._mine.pixels = max(self._mine.pixels, pixels)
        if self._mine.pixels > self.large and self._held() is not self._large:
            self._give()
            self._take(self._large)

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let others work during the block, in which this thread opens a photo. A large photo keeps its turn, as two of
        them would be too much. The thread must not hold another lock that the other threads may wait for."""
        if self._held() is not self._ordinary:
            yield
            return
        self._give()
        try:
            yield
        finally:
            if self._held() is None:
                self._take(self._ordinary)

    def _held(self) -> FairLock | None:
        return getattr(self._mine, "lane", None)

    def _take(self, lane: FairLock) -> None:
        lane.enter(self._mine.pixels)
        self._mine.lane = lane

    def _give(self) -> None:
        lane, self._mine.lane = self._held(), None
        if lane:
            lane.leave()


def while_holding(lock: AbstractContextManager[None], handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler that holds a lock while it works. A generator releases it at every `yield`."""

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
