"""Removes old uploads and results.

Gradio's own cleaning (`delete_cache`) is not used. When the server ends, it removes everything, including files that
another server in the same folder still shows. It knows neither the files that our own components show nor those of a
server that was killed. It leaves folders behind, and it ends for good if an upload comes while it works.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..gradio_private import cache_folder
from .disk_budget import disk_budget

AGE = 86_400
"""Seconds for which files are kept."""
HALF_AGE = 3600
"""Seconds without a write after which an upload counts as broken, because its server was killed."""
HALF = "tmp"
"""The beginning of the names of unfinished uploads."""
PAUSE = 3600
"""Seconds from one cleaning to the next."""

log = logging.getLogger(__name__)


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
