"""Finds the pictures in a folder, and what was left out: opens only regular files, and reads no folder twice."""

from __future__ import annotations

import os
import stat
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .names import is_picture, printable


class LeftOut(NamedTuple):
    """A folder, link or other entry that was skipped."""

    path: Path
    reason: str
    missing: bool = True
    """Whether pictures may be missing because of it; not so for a second path to the same folder."""

    def __str__(self) -> str:
        return f"{printable(str(self.path), most=1000)} {self.reason} and was left out."


class Walked(NamedTuple):
    """The contents of a folder."""

    pictures: list[Path]
    """Sorted paths; each begins with the folder's path as it was given."""
    left_out: list[LeftOut]


def walk(folder: str | os.PathLike[str]) -> Walked:
    """The pictures in a folder and its subfolders, judged by their names (`is_picture`).

    Links are followed. A folder with several paths counts once, at its real path if that is in `folder`. Pipes, devices
    and unreadable folders are left out. Broken links and unreadable files count as pictures: opening them raises the
    error.
    """
    walked = Walked([], [])
    seen: set[tuple[int, int]] = set()
    links: deque[Path] = deque([Path(folder)])
    while links:
        pending = [links.popleft()]
        while pending:
            place = pending.pop()
            try:
                found = os.stat(place)
                if (found.st_dev, found.st_ino) in seen:
                    walked.left_out.append(LeftOut(place, "leads to a folder that was read already", missing=False))
                    continue
                seen.add((found.st_dev, found.st_ino))
                with os.scandir(place) as scanned:
                    entries = sorted(scanned, key=lambda entry: entry.name)
            except OSError as error:
                walked.left_out.append(LeftOut(place, f"cannot be read ({error.strerror})"))
                continue
            for entry in entries:
                path = place / entry.name
                if entry.is_symlink() and path.is_dir():
                    links.append(path)
                elif entry.is_dir(follow_symlinks=False):
                    pending.append(path)
                elif is_picture(entry.name):
                    _add(path, walked)
    walked.pictures.sort()
    return walked


def _add(path: Path, walked: Walked) -> None:
    with suppress(OSError):  # broken links, and links to themselves
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for ever
            walked.left_out.append(LeftOut(path, "is no file"))
            return
    walked.pictures.append(path)
