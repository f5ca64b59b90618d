"""How much memory is free, and sharing it between threads: each waits until what it needs is there."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def free_memory() -> float:
    """Bytes that this machine, or the container this runs in, has left; infinite where the system does not say."""
    free = math.inf
    with suppress(OSError, ValueError, IndexError):
        said = Path("/proc/meminfo").read_text()
        free = 1024.0 * int(said.partition("MemAvailable:")[2].split()[0])
    with suppress(OSError, ValueError):  # "max" where a container has no limit
        limit = float((_CGROUP / "memory.max").read_text())
        free = min(free, limit - float((_CGROUP / "memory.current").read_text()))
    return max(free, 0.0)


class Room:
    """An amount that threads take parts of, and give back."""

    def __init__(self, amount: float):
        self._amount, self._taken = amount, 0.0
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, count: float) -> Iterator[None]:
        """Hold `count` of it during the block. A request for more than there is at all is granted when nobody else
        holds any."""
        with self._changed:
            self._changed.wait_for(lambda: not self._taken or self._taken + count <= self._amount)
            self._taken += count
        try:
            yield
        finally:
            with self._changed:
                self._taken -= count
                self._changed.notify_all()
