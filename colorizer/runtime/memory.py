"""How much memory is free, and how to free it."""

from __future__ import annotations

import ctypes
import math
from contextlib import suppress
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


def give_back() -> None:
    """Return freed memory to the system, wherever it lies. By itself, glibc returns only the end of a heap, above
    everything that is still used: a small object above a picture, or above a film's frame, holds that memory."""
    with suppress(OSError, TypeError, AttributeError):  # another system's library
        ctypes.CDLL(None).malloc_trim(0)
