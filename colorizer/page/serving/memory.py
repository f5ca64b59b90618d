"""Memory that was freed is used again, by whatever thread, and what nobody uses is the system's again."""

from __future__ import annotations

import ctypes
import os
import platform
import threading
import time

ARENAS = 2
PAUSE = 30
"""Seconds from one giving back to the next."""
_M_ARENA_MAX = -8


def share_memory() -> None:
    """Let all threads take memory from the same two places, unless $MALLOC_ARENA_MAX says otherwise.

    glibc gives almost every thread a place of its own, up to eight for each core, and what was freed in one is of no
    use to the others: of a server that colours small photographs, a sixth of its memory in the end. Other systems are
    left as they are.
    """
    if "MALLOC_ARENA_MAX" not in os.environ and _on_glibc():
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Return freed memory to the system, wherever it lies: of its heaps, glibc by itself returns only what is above
    everything that is still used, and a small thing that a visitor leaves behind above a picture keeps its place."""
    if _on_glibc():
        ctypes.CDLL(None).malloc_trim(0)


def keep_giving_back() -> None:
    """Do so every half minute, in the background; it takes about a hundredth of a second."""

    def work() -> None:
        while True:
            time.sleep(PAUSE)
            give_back()

    threading.Thread(target=work, name="memory", daemon=True).start()


def _on_glibc() -> bool:
    return platform.libc_ver()[0] == "glibc"
