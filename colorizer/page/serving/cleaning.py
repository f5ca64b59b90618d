"""Old uploads and results are removed.

Gradio's own cleaning (`delete_cache`) knows none of the files that components of ours show, nor those of a server that
was killed; it leaves folders behind, and ends for good when an upload comes while it works.
"""

from __future__ import annotations

import logging
import os
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from ..gradio_private import cache_folder
from .disk_budget import ROOM

AGE = 86_400
"""Seconds for which files are kept."""
PAUSE = 3600
"""Seconds from one cleaning to the next."""

log = logging.getLogger(__name__)


def own_folder() -> None:
    """Unless $GRADIO_TEMP_DIR says where, uploads and results have a folder that other programs of Gradio, whose files
    are not ours to remove, do not use."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    os.environ.setdefault("GRADIO_TEMP_DIR", str(Path(tempfile.gettempdir()) / f"colorizer-{user}"))


def clean(folder: Path, age: float = AGE) -> list[str]:
    """Remove the files in `folder` that were made more than `age` seconds ago, and what folders stay empty for that
    long. Returns the files' paths; one that cannot be removed stays."""
    limit, removed = time.time() - age, []
    for name, _, files in os.walk(folder, topdown=False):
        with suppress(OSError):
            last_changed = os.stat(name).st_mtime
            for file in (os.path.join(name, file) for file in files):
                with suppress(OSError):
                    if os.lstat(file).st_ctime < limit:
                        os.unlink(file)
                        removed.append(file)
            if last_changed < limit and name != str(folder):
                os.rmdir(name)
    return removed


def keep_clean(known: Iterable[set[str]]) -> None:
    """Clean Gradio's cache now and every hour, in the background. known: sets of paths, of which those of removed files
    are taken out."""

    def work() -> None:
        while True:
            removed = clean(Path(cache_folder()))
            gone = {*removed, *ROOM.removed()}
            for paths in known:
                paths.difference_update(gone)
            if removed:
                log.info("%d files were older than a day", len(removed))
            time.sleep(PAUSE)

    threading.Thread(target=work, name="cleaning", daemon=True).start()
