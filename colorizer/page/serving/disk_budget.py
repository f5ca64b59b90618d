"""Room for uploads and results: a budget of bytes for all of Gradio's cache, whoever fills it."""

from __future__ import annotations

import errno
import logging
import math
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ..gradio_private import cache_folder

FULL, ENOUGH = 0.9, 0.8
"""Above which share of the budget the oldest files go, and down to which. What is above `FULL` is for results alone, so
that uploads do not keep others from the colours of what they have."""
SPARED = 3600
"""Seconds for which files stay even then: somebody may be looking at them."""
PAUSE = 10, 60
"""Seconds from one look at all files to the next, the longer the more there are; uploads in between are counted as they
come."""

log = logging.getLogger(__name__)


class File(NamedTuple):
    """A file of the cache."""

    changed: float
    """When, in seconds since 1970."""
    size: int
    """Bytes."""
    path: str


def budget(taken: float) -> float:
    """Bytes for the cache: $COLORIZER_CACHE_GB, or half of what its disk has for it, free or `taken` by it already.

    Raises ValueError for a setting that is no number above 0.
    """
    given = os.environ.get("COLORIZER_CACHE_GB")
    if not given:
        return (shutil.disk_usage(_existing(cache_folder())).free + taken) / 2
    with suppress(ValueError):
        if 0 < float(given) < math.inf:
            return float(given) * 1e9
    raise ValueError(f"COLORIZER_CACHE_GB is gigabytes, such as 20 or 0.5, not {given!r}")


class Room:
    """How much of the budget is left. Where little is, the oldest files go first, but for those of the last hour."""

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self._look_again = -math.inf
        self._most = self._taken = 0.0
        self._removed: list[str] = []

    def check(self) -> None:
        """Raises OSError, as a full disk does, where no result may be written. Takes long where there are many files,
        and was not asked lately."""
        self._look()
        if self._taken >= self._most:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def for_uploads(self) -> float:
        """Bytes that may be uploaded now. Takes long as `check` does."""
        self._look()
        return FULL * self._most - self._taken

    def take(self, count: int) -> bool:
        """Count bytes that are being uploaded; whether there is room for them. Waits for nothing."""
        self._taken += count
        return self._taken <= FULL * self._most

    def look_again(self) -> None:
        """Do not rely on what was seen before."""
        self._look_again = -math.inf

    def removed(self) -> list[str]:
        """Paths of the files that had to go since this was asked for last."""
        with self._looking:
            removed, self._removed = self._removed, []
            return removed

    def _look(self) -> None:
        with self._looking:
            if (start := time.monotonic()) < self._look_again:
                return
            files = sorted(files_in(cache_folder()))
            taken = sum(file.size for file in files)
            self._most = budget(taken)
            self._taken = self._make_room(files, taken)
            end = time.monotonic()
            self._look_again = end + min(max(PAUSE[0], 20 * (end - start)), PAUSE[1])

    def _make_room(self, files: list[File], taken: int) -> int:
        if taken <= FULL * self._most:
            return taken
        before, spared = taken, time.time() - SPARED
        for file in files:
            if file.changed > spared or taken <= ENOUGH * self._most:
                break
            with suppress(OSError):
                os.unlink(file.path)
                self._removed.append(file.path)
                taken -= file.size
        log.warning("%.0f of %.0f MB were taken, %.0f are now", before / 1e6, self._most / 1e6, taken / 1e6)
        return taken


def files_in(folder: str) -> Iterator[File]:
    """All files in a folder and its folders. What is gone before it is looked at is left out."""
    for name, _, files in os.walk(folder):
        for path in (os.path.join(name, file) for file in files):
            with suppress(OSError):
                stat = os.lstat(path)
                yield File(stat.st_ctime, stat.st_size, path)


def _existing(path: str) -> Path:
    """A path, or the first folder above it that is there."""
    return next(each for each in (Path(path).absolute(), *Path(path).absolute().parents) if each.exists())


ROOM = Room()
