"""A limited amount of something, for threads that wait in line."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK = 0.05
"""Seconds between checks of whether a visitor is still there."""


class NobodyWaits(Exception):
    """The visitor who sent the photograph has left."""


class Line:
    """A limited amount of something, given to threads in the order in which they asked."""

    def __init__(self, amount: float):
        self._free = amount
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, count: float, left: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Hold `count` of it during the block; raises NobodyWaits if the visitor leaves while waiting."""
        me = object()
        with self._changed:
            self._waiting.append(me)
            try:
                while self._waiting[0] is not me or count > self._free:
                    self._changed.wait(LOOK)
                    if left():
                        raise NobodyWaits
                self._free -= count
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._free += count
                self._changed.notify_all()
