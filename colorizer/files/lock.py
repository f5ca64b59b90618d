"""Lets only one program at a time work in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = ".in-use"
"""The locked file. The lock ends with the program, however it ends; child processes do not inherit it."""


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Lock an existing folder. Raises BlockingIOError if another program has locked it.

    On Windows, and on network folders without locks, this always succeeds.
    """
    if fcntl is None:
        yield
        return
    path = folder / LOCK
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            _lock(handle)
            if _is_still(path, handle):
                break
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)  # the file of a program that has just ended and deleted it
    try:
        yield
    finally:
        try:
            with suppress(OSError):
                path.unlink()
        finally:
            os.close(handle)


def _lock(handle: int) -> None:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):  # POSIX allows either error for a lock that is held
        raise BlockingIOError from None
    except OSError:  # a folder without locks
        pass


def _is_still(path: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(path), os.fstat(handle))
    except FileNotFoundError:
        return False
