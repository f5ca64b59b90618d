"""Locks that are fair, and handlers that hold them."""

from __future__ import annotations

import heapq
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from inspect import isgeneratorfunction, signature
from types import TracebackType
from typing import Any

SECONDS_PER_MEGAPIXEL = 2.0
"""How much longer work on a larger photo may be kept waiting by what came later."""
AHEAD = 4
"""Photos that are opened before it is their turn, so that nobody waits for a decoder; those take memory while they
wait."""

FEW = 3
"""Steps of work with an ordinary photo that do not wait for those who came later."""


class Full(Exception):
    """Too many wait already."""


class FairLock:
    """A lock that threads get in the order in which they ask for it; see `enter`. A threading.Lock may go to the same
    thread again and again. Use it by `with`; a thread that holds it must not ask for it again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[float, int, threading.Event]] = []
        self._count = itertools.count()
        self._taken = False

    def enter(self, pixels: int = 0, since: float | None = None, most: float = math.inf) -> None:
        """Wait for it. Who asks for it to work on more pixels lets those pass who come within some seconds and have
        less to do; in the end everybody gets it.

        since: when this work began, by time.monotonic, if that was before now. Raises Full if it must be waited for,
        and `most` wait already.
        """
        with self._lock:
            if self._taken and len(self._waiting) >= most:
                raise Full
            turn = threading.Event() if self._taken else None
            self._taken = True
            if turn:
                until = (time.monotonic() if since is None else since) + SECONDS_PER_MEGAPIXEL * pixels / 1e6
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


@dataclass
class Work:
    """What a handler does for a visitor, in one step or several."""

    since: float = field(default_factory=time.monotonic)
    pixels: int = 0
    """Of the largest photo that it has opened so far."""
    steps: int = 0
    """Begun so far."""


class Lanes:
    """Turns for work on photos at full size, of which the memory allows little at once: one thread works on a large
    photo, and beside it one on others. A few of these may be open before their turn. Use it by `with`, or by `turn`;
    once the thread knows the photo, it says its `size`."""

    def __init__(self, large: int):
        self.large = large
        """Photos of more pixels are large."""
        self._ordinary, self._large = FairLock(), FairLock()
        self._ahead = threading.Semaphore(AHEAD)
        self._mine = threading.local()

    @contextmanager
    def turn(self, work: Work) -> Iterator[None]:
        """Do a step of some work during the block. The next steps come before those who asked later, as the photo is in
        memory until the last one; but where there are many, others have their turns between."""
        work.steps += 1
        self._mine.work, self._mine.ahead = work, False
        try:
            self._take(self._large if work.pixels > self.large else self._ordinary)
            yield
        finally:
            self._give()
            del self._mine.work

    def __enter__(self) -> None:
        self._mine.turn = self.turn(Work())
        self._mine.turn.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._mine.turn.__exit__(kind, error, trace)

    def size(self, pixels: int, most: float = math.inf) -> None:
        """Say of how many pixels the photo is that this thread is about to work on. Waits for the turn of a large one,
        or until it may be opened. Does nothing if the thread does not work here. Raises Full where `most` wait for the
        turn of a large one."""
        work: Work | None = getattr(self._mine, "work", None)
        if work is None:
            return
        work.pixels = max(work.pixels, pixels)
        if work.pixels > self.large:
            if self._held() is not self._large:
                self._give()
                self._take(self._large, most)
        elif self._held() is None and not self._mine.ahead:
            self._ahead.acquire()
            self._mine.ahead = True

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
            if self._held() is None:  # who fails has nothing to work on
                self._take(self._ordinary)
        finally:
            if self._mine.ahead:
                self._ahead.release()
                self._mine.ahead = False

    def _held(self) -> FairLock | None:
        return getattr(self._mine, "lane", None)

    def _take(self, lane: FairLock, most: float = math.inf) -> None:
        work: Work = self._mine.work
        first = lane is self._large or 1 < work.steps <= FEW
        lane.enter(work.pixels, work.since if first else None, most)
        self._mine.lane = lane

    def _give(self) -> None:
        lane, self._mine.lane = self._held(), None
        if lane:
            lane.leave()


def while_holding(lanes: Lanes, handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler that has its turn while it works. A generator gives it up at every `yield`."""

    def stepwise(*values: Any, **named: Any) -> Iterator[Any]:
        work = Work()
        with closing(handler(*values, **named)) as steps:
            while True:
                with lanes.turn(work):
                    try:
                        step = next(steps)
                    except StopIteration:
                        return
                yield step

    def whole(*values: Any, **named: Any) -> Any:
        with lanes.turn(Work()):
            return handler(*values, **named)

    wrapped = wraps(handler)(stepwise if isgeneratorfunction(handler) else whole)
    wrapped.__signature__ = signature(handler)  # type: ignore[attr-defined]  # of a method, without self
    return wrapped
