"""A limited amount of something, which threads take in turns."""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

LOOK = 0.05
"""Seconds between checks of whether a visitor is still there."""


class NobodyWaits(Exception):
    """The visitor who sent the photograph has left."""


class Full(Exception):
    """Too many threads wait already."""


class _Waiting(NamedTuple):
    """A thread that waits."""

    need: float
    visitor: str
    rank: Callable[[], Any]
    turn: threading.Event


class Turns:
    """A limited amount of something, given to threads in the order of their ranks, and of equal ones to the one that
    asked first. Nobody passes a thread that needs more than is there. A threading.Lock may go to the same thread again
    and again."""

    def __init__(self, amount: float = 1, of_one: float = math.inf, look: float = LOOK):
        """of_one: most that one visitor holds. look: seconds between checks of whether a visitor is still there."""
        self._free, self._of_one, self._look = amount, of_one, look
        self._waiting: list[_Waiting] = []
        self._held: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(
        self,
        count: float = 1,
        left: Callable[[], bool] = lambda: False,
        *,
        visitor: str = "",
        rank: Callable[[], Any] = lambda: 0,
        most: float = math.inf,
    ) -> None:
        """Wait for `count` of it.

        left: says whether the visitor has left. rank: asked whenever some of it is free; the lowest comes first. Raises
        NobodyWaits if the visitor leaves, and Full if `most` threads of this visitor wait already.
        """
        me = _Waiting(count, visitor, rank, threading.Event())
        with self._lock:
            self._waiting.append(me)
            self._give_out()
            if not me.turn.is_set() and sum(each.visitor == visitor for each in self._waiting) > most:
                self._waiting.remove(me)
                raise Full
        while not me.turn.wait(self._look):
            if left():
                with self._lock:
                    if not me.turn.is_set():
                        self._waiting.remove(me)
                        self._give_out()  # it may have needed much
                        raise NobodyWaits

    def leave(self, visitor: str = "", count: float = 1) -> None:
        """Give `count` of it back."""
        with self._lock:
            self._free += count
            self._held[visitor] -= count  # type: ignore[assignment]
            self._held += Counter()  # drops visitors who hold none
            self._give_out()

    @contextmanager
    def taken(self, count: float = 1, left: Callable[[], bool] = lambda: False) -> Iterator[None]:
        """Hold `count` of it during the block. Raises NobodyWaits if the visitor leaves while waiting."""
        self.enter(count, left)
        try:
            yield
        finally:
            self.leave(count=count)

    def _give_out(self) -> None:
        while may := [each for each in self._waiting if self._held[each.visitor] + each.need <= self._of_one]:
            following = min(may, key=lambda each: each.rank())
            if following.need > self._free:
                return
            self._waiting.remove(following)
            self._free -= following.need
            self._held[following.visitor] += following.need  # type: ignore[assignment]
            following.turn.set()
