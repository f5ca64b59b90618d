"""When a run stops early, and when it saves."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

from accelerate import Accelerator

from .processes import mean_over


class Watch:
    """Tells a run when to save, and when to stop: after `max_minutes`, on Ctrl-C and on SIGTERM, once a step is done.

    A context manager. A second signal stops the run at once with KeyboardInterrupt, and so does the first one during
    validation.
    """

    def __init__(
        self, accelerator: Accelerator, save_minutes: float, max_minutes: float, say: Callable[[str], None] = print
    ):
        self._say = say
        self._waits = True
        self._accelerator, self._save_after, self._stop_after = accelerator, save_minutes * 60, max_minutes * 60
        self._started = self._saved = time.monotonic()
        self._asked = False
        self._earlier: dict[int, object] = {}

    def __enter__(self) -> Watch:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._earlier[number] = signal.signal(number, self._ask)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        for number, handler in self._earlier.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _ask(self, number: int, frame: FrameType | None) -> None:
        if self._asked or not self._waits:
            raise KeyboardInterrupt
        self._asked = True
        self._say("stopping after this step, with a state; once more stops at once")

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Inside this context a signal stops the run at once: a resumed run repeats the interrupted work."""
        self._waits = False
        try:
            if self._asked:
                raise KeyboardInterrupt
            yield
        finally:
            self._waits = True

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def stop(self) -> bool:
        """Whether this step was the last; the same in all processes."""
        return mean_over(self._accelerator, float(self._asked or self.seconds > self._stop_after))[0] > 0

    def save(self) -> bool:
        """Whether it is time to save a state; if so, restarts the interval."""
        if time.monotonic() - self._saved <= self._save_after:
            return False
        self._saved = time.monotonic()
        return True
