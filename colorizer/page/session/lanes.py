"""Whose turn it is to work on a photo, and handlers that wait for theirs."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import wraps
from inspect import isgeneratorfunction, signature
from typing import Any

from colorizer.runtime.turns import NobodyWaits, Turns

from ..gradio_private import visitor_address, visitor_left
from ..i18n.texts import refusal

SECONDS_PER_MEGAPIXEL = 2.0
"""Seconds, for each megapixel of a photo, during which work that comes later may go first."""
AHEAD = 4
"""Most photos of one visitor that are opened before their turn, so that nobody waits for a decoder. They take memory
while they wait. There is one more place, for another visitor."""
HALVED = 30.0
"""Seconds after which requested work counts half."""
LOOK = 0.5
"""Seconds between checks whether visitors have left."""
FEW = 3
"""First steps of work on an ordinary photo that go before work that came later."""


class Lately:
    """How much work each visitor asked for lately."""

    def __init__(self) -> None:
        self._asked: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def add(self, visitor: str, pixels: int) -> None:
        """Note work of a visitor, in pixels of a photo times networks."""
        with self._lock:
            self._asked = {each: noted for each, noted in self._asked.items() if self.megapixels(each)}
            self._asked[visitor] = self._now(visitor) + pixels / 1e6, time.monotonic()

    def megapixels(self, visitor: str) -> int:
        """The work of a visitor as far as it counts now. Less than one megapixel counts as nothing."""
        return int(self._now(visitor))

    def _now(self, visitor: str) -> float:
        megapixels, when = self._asked.get(visitor, (0.0, 0.0))
        return float(megapixels * 0.5 ** ((time.monotonic() - when) / HALVED))


@contextmanager
def while_there() -> Iterator[None]:
    """Raises gr.Error where the visitor has left during the block."""
    try:
        yield
    except NobodyWaits:
        raise refusal("gone") from None


@dataclass
class Work:
    """The work of a handler for a visitor, in one step or several."""

    since: float = field(default_factory=time.monotonic)
    pixels: int = 0
    """Pixels of the largest photo that it has opened so far, times `networks`."""
    networks: int = 1
    """The number of networks that colour the photo."""
    steps: int = 0
    """The number of steps begun so far."""
    visitor: str = field(default_factory=visitor_address)
    """The address of the visitor who asked for it; "" if nobody did."""
    left: Callable[[], bool] = field(default_factory=visitor_left)
    """Says whether that visitor has left."""
    counted: bool = False
    """Whether it was added to the visitor's requested work."""


class Lanes:
    """Turns for work on photos at full size, because the memory allows little of it at once. One thread does large work
    (a large photo, or several networks), and one beside it does ordinary work. A few photos may be open before their
    turn; the turn begins once the thread knows the photo and says its `size`."""

    def __init__(self, large: int):
        self.large = large
        """Work is large above this number of pixels, times networks."""
        self._lately = Lately()
        self._ordinary, self._large = Turns(look=LOOK), Turns(look=LOOK)
        self._ahead = Turns(AHEAD + 1, of_one=AHEAD, look=LOOK)
        self._mine = threading.local()

    @contextmanager
    def turn(self, work: Work | None = None) -> Iterator[None]:
        """Do a step of some work, by default new, during the block. The next steps come before work that was asked for
        later, because the photo is in memory until the last step; but if there are many steps, others have turns in
        between."""
        work = work or Work()
        work.steps += 1
        self._mine.work, self._mine.ahead, self._mine.opening = work, False, False
        try:
            if work.pixels:
                lane = self._lane(work)
                finishes = lane is self._large or work.steps <= FEW
                work.since = work.since if finishes else time.monotonic()
                self._take(lane, finishes=finishes)
            yield
        finally:
            self._give()
            del self._mine.work

    def size(self, pixels: int, most: float = math.inf) -> None:
        """Say how many pixels the photo has that this thread is about to work on. Waits for the thread's turn; for a
        photo that is being opened and is not large, only until it may be opened. Does nothing if the thread does not
        work here. Raises Full if `most` threads of this visitor wait, and gr.Error if the visitor leaves."""
        work = self._work()
        if work is None:
            return
        work.pixels = max(work.pixels, pixels * work.networks)
        lane = self._lane(work)
        if lane is self._ordinary and self._mine.opening:
            if not self._mine.ahead:
                self._enter(self._ahead, most)
                self._mine.ahead = True
        elif self._held() is not lane:
            self._give()
            self._take(lane, most)

    def networks(self, count: int) -> None:
        """Say how many networks will colour the photo, before its size. Does nothing if the thread does not work
        here."""
        work = self._work()
        if work is not None:
            work.networks = max(count, 1)

    def give_way(self) -> None:
        """Let others have their turn before the next network. The thread must hold no photo meanwhile. Raises gr.Error
        if the visitor has left. Does nothing if the thread has no turn."""
        work, lane = self._work(), self._held()
        if work is None or lane is None:
            return
        self._give()
        if work.left():
            raise refusal("gone")
        work.since = time.monotonic()
        self._take(lane)

    @contextmanager
    def released(self) -> Iterator[None]:
        """Let others work during the block, in which this thread opens a photo. A large photo keeps its turn, as two of
        them would be too much. The thread must not hold another lock that the other threads may wait for."""
        work = self._work()
        if work is None or self._mine.opening or self._held() is self._large:
            yield
            return
        self._give()
        self._mine.opening = True
        try:
            yield
            if self._held() is None:  # after an error there is nothing to work on
                self._take(self._ordinary)
        finally:
            self._mine.opening = False
            if self._mine.ahead:
                self._ahead.leave(work.visitor)
                self._mine.ahead = False

    def _work(self) -> Work | None:
        return getattr(self._mine, "work", None)

    def _held(self) -> Turns | None:
        return getattr(self._mine, "lane", None)

    def _lane(self, work: Work) -> Turns:
        return self._large if work.pixels > self.large else self._ordinary

    def _take(self, lane: Turns, most: float = math.inf, finishes: bool = False) -> None:
        self._enter(lane, most, finishes)
        self._mine.lane, work = lane, self._mine.work
        if not work.counted:
            self._lately.add(work.visitor, work.pixels)
            work.counted = True

    def _enter(self, turns: Turns, most: float, finishes: bool = False) -> None:
        """Wait for a turn. Work that goes on with a photo in memory comes first, then that of visitors who asked for
        less lately. Among those who asked for as much, requests for larger photos yield to smaller ones that arrive
        within a few seconds; in the end everybody gets a turn."""
        work: Work = self._mine.work
        until = work.since + SECONDS_PER_MEGAPIXEL * work.pixels / 1e6
        with while_there():
            turns.enter(
                left=work.left,
                visitor=work.visitor,
                rank=lambda: (not finishes, self._lately.megapixels(work.visitor), until),
                most=most,
            )

    def _give(self) -> None:
        lane, self._mine.lane = self._held(), None
        if lane:
            lane.leave(self._mine.work.visitor)


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
        with lanes.turn():
            return handler(*values, **named)

    wrapped = wraps(handler)(stepwise if isgeneratorfunction(handler) else whole)
    wrapped.__signature__ = signature(handler)  # type: ignore[attr-defined]  # of a method, without self
    return wrapped
