"""The room on the disk for what strangers cause, uploads and results: a budget, counted by the space and the files that
they take, and cleaning.

Gradio's own cleaning (`delete_cache`) is not used. When the server ends, it removes everything, including files that
another server in the same folder still shows. It knows neither the files that our own components show nor those of a
server that was killed. It leaves folders behind, and it ends for good if an upload comes while it works.
"""

from __future__ import annotations

import errno
import logging
import math
import os
import shutil
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..gradio_private import cache_folder

FULL, ENOUGH = 0.9, 0.8
"""Above the first share of the budget, the oldest files are removed, down to the second share. The space above `FULL`
is for results alone: uploads must not keep visitors from the colours of the photos that they have."""
SPARED = 3600
"""Seconds for which files stay even then, because somebody may be looking at them."""
LOOKS = 10, 60
"""Seconds from one look at all files to the next, more if there are many; bytes written in between are counted as they
come."""
BLOCK = 4096
"""Bytes in which disks give out space."""
TICK = 0.1
"""Seconds by which a disk's clock may be behind."""
INODE = 65_536
"""Most bytes that a file counts however small it is, because a disk has room for a limited number of files."""

log = logging.getLogger(__name__)


class File(NamedTuple):
    """A file of the cache."""

    changed: float
    """When, in seconds since 1970."""
    size: float
    """Bytes that it counts."""
    path: str


def budget(taken: float) -> float:
    """Bytes for the cache: $COLORIZER_CACHE_GB, or half of the bytes on its disk that are free or already `taken` by
    the cache.

    Raises ValueError for a setting that is no positive number.
    """
    given = os.environ.get("COLORIZER_CACHE_GB")
    if not given:
        return (shutil.disk_usage(_existing(cache_folder())).free + taken) / 2
    with suppress(ValueError):
        if 0 < float(given) < math.inf:
            return float(given) * 1e9
    raise ValueError(f"COLORIZER_CACHE_GB is gigabytes, such as 20 or 0.5, not {given!r}")


class DiskBudget:
    """How much of the budget is left for one folder. When little is left, the oldest files go first, but not those of
    the last hour."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.entry = bytes_per_file(folder)
        """Bytes that a file or a folder counts at least."""
        self._looking = threading.Lock()
        self._counting = threading.Lock()
        self._look_again = self._looked = -math.inf
        self._most = self._taken = 0.0
        self._written: dict[str, float] = {}
        self._removed: list[str] = []

    def check(self) -> None:
        """Raise OSError, as a full disk does, if no result may be written. Takes long if there are many files and the
        last check was long ago."""
        self._look()
        if self._settle() >= self._most:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def for_uploads(self) -> float:
        """Bytes that may be uploaded now. May take as long as `check`."""
        self._look()
        return FULL * self._most - self._settle()

    def take(self, count: float) -> bool:
        """Count bytes that are being uploaded; returns whether there is room for them. Never waits."""
        with self._counting:
            self._taken += count
            return self._taken <= FULL * self._most

    def give_back(self, count: float) -> None:
        """Stop counting bytes that are not there after all."""
        with self._counting:
            self._taken -= count

    def watch(self, folder: str | os.PathLike[str]) -> None:
        """Count the files that come into this folder of results, unless it was there at the last look and did not
        change."""
        with suppress(OSError), self._counting:
            if os.stat(folder).st_ctime >= self._looked - TICK:
                self._written.setdefault(str(folder), 0.0)

    def removed(self) -> list[str]:
        """Paths of the files that had to go since this was asked for last."""
        with self._looking:
            removed, self._removed = self._removed, []
            return removed

    def cost(self, size: int) -> float:
        """Bytes that a file of `size` counts."""
        return max(math.ceil(size / BLOCK) * BLOCK, self.entry)

    def walk(self) -> tuple[list[File], float]:
        """All files, the oldest first, and the bytes that they and their folders count. Files that disappear meanwhile
        are left out."""
        files, taken = [], 0.0
        for name, folders, names in os.walk(self.folder):
            taken += self.entry * len(folders)
            for path in (os.path.join(name, each) for each in names):
                with suppress(OSError):
                    stat = os.lstat(path)
                    files.append(File(stat.st_ctime, self.cost(stat.st_size), path))
        return sorted(files), taken + sum(file.size for file in files)

    def _settle(self) -> float:
        """The bytes that are taken, including those written since the last look."""
        with self._counting:
            for folder, counted in self._written.items():
                self._written[folder] = now = self._within(folder)
                self._taken += now - counted
            return self._taken

    def _within(self, folder: str) -> float:
        total = 0.0
        with suppress(OSError), os.scandir(folder) as entries:
            total = self.entry
            for entry in entries:
                with suppress(OSError):
                    total += self.cost(entry.stat(follow_symlinks=False).st_size)
        return total

    def _look(self) -> None:
        with self._looking:
            if (start := time.monotonic()) < self._look_again:
                return
            with self._counting:
                before = self._written
                # A folder that did not change since the last look is not being written any more.
                self._written = {folder: now for folder in before if (now := self._within(folder)) != before[folder]}
                self._looked = time.time()
            files, taken = self.walk()
            self._most = budget(taken)
            taken = self._make_room(files, taken)
            with self._counting:
                self._taken = taken
            end = time.monotonic()
            self._look_again = end + min(max(LOOKS[0], 20 * (end - start)), LOOKS[1])

    def _make_room(self, files: list[File], taken: float) -> float:
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
                if (folder := os.path.dirname(file.path)) != self.folder:
                    os.rmdir(folder)  # unless there is more in it
                    taken -= self.entry
        log.warning("%.0f of %.0f MB were taken, %.0f are now", before / 1e6, self._most / 1e6, taken / 1e6)
        return taken


def disk_budget() -> DiskBudget:
    """The budget of the folder in which uploads and results are kept now."""
    return _budget_of(cache_folder())


@cache
def _budget_of(folder: str) -> DiskBudget:
    return DiskBudget(folder)


def bytes_per_file(folder: str) -> int:
    """Bytes of the folder's disk for each file that it can hold, from `BLOCK` to `INODE`: a disk that can hold no
    further file is as full as one without free bytes."""
    if not hasattr(os, "statvfs"):
        return BLOCK
    disk = os.statvfs(_existing(folder))
    share = disk.f_frsize * disk.f_blocks // disk.f_files if disk.f_files else 0  # some disks have no such limit
    return min(max(share, BLOCK), INODE)


def _existing(path: str) -> Path:
    """A path, or the nearest folder above it that exists."""
    return next(each for each in (Path(path).absolute(), *Path(path).absolute().parents) if each.exists())


AGE = 86_400
"""Seconds for which files are kept."""
HALF_AGE = 3600
"""Seconds without a write after which an upload counts as broken, because its server was killed."""
HALF = "tmp"
"""The beginning of the names of unfinished uploads."""
PAUSE = 3600
"""Seconds from one cleaning to the next."""


def clean(folder: Path, age: float = AGE) -> list[str]:
    """Remove the files in `folder` that were made more than `age` seconds ago, folders that were empty for that long,
    and uploads that were never completed. Returns the files' paths; one that cannot be removed stays.

    Several servers may use the folder. Each goes by age alone, so none removes a file that another still needs.
    """
    now = time.time()
    limit, removed = now - age, []
    for name, _, files in os.walk(folder, topdown=False):
        with suppress(OSError):
            last_changed = os.stat(name).st_mtime
            for file in (os.path.join(name, file) for file in files):
                with suppress(OSError):
                    stat = os.lstat(file)
                    half = name == str(folder) and os.path.basename(file).startswith(HALF)
                    if stat.st_ctime < limit or (half and stat.st_mtime < now - min(age, HALF_AGE)):
                        os.unlink(file)
                        removed.append(file)
            if last_changed < limit and name != str(folder):
                os.rmdir(name)
    return removed


def keep_clean(known: Iterable[set[str]]) -> None:
    """Clean Gradio's cache now and every hour, in the background. known: sets of paths, from which those of removed
    files are taken out."""

    def work() -> None:
        while True:
            removed = clean(Path(cache_folder()))
            gone = {*removed, *disk_budget().removed()}
            for paths in known:
                paths.difference_update(gone)
            if removed:
                log.info("%d files were older than a day", len(removed))
            time.sleep(PAUSE)

    threading.Thread(target=work, name="cleaning", daemon=True).start()
