"""A small cache."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """A cache of the values that were used last: at most `size`, with a total cost of at most `budget`. It always keeps
    the newest one.

    Threads that ask for the same key at the same time wait until one of them has made the value.
    """

    def __init__(self, size: int, budget: float = math.inf, cost: Callable[[V], float] = lambda _: 0):
        self._size = size
        self._budget = budget
        self._cost = cost
        self._values: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, make: Callable[[], V]) -> V:
        """The value of `key`; `make` makes it if it is not there. If `make` raises, nothing is kept."""
        with self._lock:
            turn = self._making.setdefault(key, threading.Lock())
        with turn:
            try:
                with self._lock:
                    if key in self._values:
                        self._values.move_to_end(key)
                        return self._values[key]
                value = make()
                with self._lock:
                    self._values[key] = value
                    while len(self._values) > 1 and self._too_much():
                        self._values.popitem(last=False)
                return value
            finally:
                with self._lock:
                    self._making.pop(key, None)

    def peek(self, key: Hashable) -> V | None:
        """The value of `key`, or None. It never waits."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
            return self._values.get(key)

    def forget(self, key: Hashable) -> None:
        """Remove the value of `key`."""
        with self._lock:
            self._values.pop(key, None)

    def _too_much(self) -> bool:
        return len(self._values) > self._size or sum(map(self._cost, self._values.values())) > self._budget
