"""Memory that was freed is used again, by whatever thread."""

from __future__ import annotations

import ctypes
import os
import platform

ARENAS = 2
_M_ARENA_MAX = -8


def share_memory() -> None:
    """Let all threads take memory from the same two places, unless $MALLOC_ARENA_MAX says otherwise.

    glibc gives almost every thread a place of its own, up to eight for each core, and what was freed in one is of no
    use to the others: of a server that colours small photographs, a sixth of its memory in the end. Other systems are
    left as they are.
    """
    if "MALLOC_ARENA_MAX" not in os.environ and platform.libc_ver()[0] == "glibc":
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, ARENAS)
