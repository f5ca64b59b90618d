"""Limits the memory that the page takes, and lets any thread, or the system, use memory that was freed."""

from __future__ import annotations

import ctypes
import math
import os
import platform
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from colorizer.photo.limits import MAX_BYTES, MAX_PIXELS
from colorizer.runtime.memory import give_back

ARENAS = 2
PAUSE = 30
"""Seconds from one return of memory to the next."""
LARGE = 16_000_000
"""Bytes from which on memory is taken from the system, and goes back there at once. Pillow's pictures are in pieces of
16 MiB."""
_OF_GLIBC = ("MALLOC_ARENA_MAX", -8, ARENAS), ("MALLOC_MMAP_THRESHOLD_", -3, LARGE)
"""Variables, the numbers of their parameters for `mallopt`, and values."""

BASE = 700_000_000
"""Bytes of the server and its networks, without a photograph; two processes that decode are among them."""
DECODED = 11
"""Bytes per pixel of a photograph while it is decoded: Pillow's four, three on their way, and four in the server."""
KEPT_PIXELS = 150_000_000
"""Pixels of all photographs kept open, at four bytes each; the last one stays whatever its size."""
_LIMITS = "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"


class Shares(NamedTuple):
    """The shares of the memory that photographs may take."""

    pixels: int
    """Most pixels of one photograph."""
    decoding: int
    """Bytes of all photographs that are decoded at once."""
    kept_pixels: int
    """Pixels of all photographs that are kept open."""


def shares(memory: float) -> Shares:
    """Divide `memory` bytes for the whole page: beside `BASE`, a third for decoding, a quarter for photographs that are
    kept, and the rest for the one that is being coloured, which takes nine bytes a pixel beside its own four."""
    room = max(memory - BASE, 100e6)
    decoding = room * 0.35
    return Shares(
        int(min(MAX_PIXELS, decoding / DECODED)), int(min(MAX_BYTES, decoding)), int(min(KEPT_PIXELS, room / 16))
    )


def memory_limit() -> float:
    """Bytes that the page may take: $COLORIZER_MEMORY_GB, or what a container or the machine has. Raises ValueError for
    a setting that is no number, or less than 1."""
    given = os.environ.get("COLORIZER_MEMORY_GB")
    if given:
        with suppress(ValueError):
            if 1 <= float(given) < math.inf:
                return float(given) * 1e9
        raise ValueError(f"COLORIZER_MEMORY_GB is gigabytes, 1 or more, not {given!r}")
    known = [_machine_memory()]
    for path in _LIMITS:
        with suppress(OSError, ValueError):  # "max" where there is none
            known.append(float(Path(path).read_text()))
    return min(known)


def _machine_memory() -> float:
    with suppress(AttributeError, OSError, ValueError):
        return float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    return math.inf


def share_memory() -> None:
    """Let all threads take memory from the same two places, and large pieces from the system, unless $MALLOC_ARENA_MAX
    or $MALLOC_MMAP_THRESHOLD_ say otherwise.

    glibc gives almost every thread a place of its own, up to eight for each core, and memory that was freed in one is
    of no use to the others: a server that colours small photographs wastes a sixth of its memory in the end. Once a
    large piece was freed, it also keeps such pieces: 400 MB of a photograph of 40 megapixels. Other systems are left as
    they are.
    """
    if platform.libc_ver()[0] == "glibc":
        for variable, parameter, value in _OF_GLIBC:
            if variable not in os.environ:
                ctypes.CDLL(None).mallopt(parameter, value)


def keep_giving_back() -> None:
    """Give memory back every half minute, in the background; it takes about a hundredth of a second."""

    def work() -> None:
        while True:
            time.sleep(PAUSE)
            give_back()

    threading.Thread(target=work, name="memory", daemon=True).start()
