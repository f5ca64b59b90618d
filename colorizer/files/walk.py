"""Which pictures lie in a folder, and what was left out: nothing but files is opened, and no folder is read twice."""

from __future__ import annotations

import os
import stat
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .names import is_picture, printable


class LeftOut(NamedTuple):
    """A folder, link or other thing that was not looked at."""

    path: Path
    reason: str
    missing: bool = True
    """Whether pictures may be missing for it; none are for a second way to the same folder."""

    def __str__(self) -> str:
        return f"{printable(str(self.path), most=1000)} {self.reason} and was left out."


class Walked(NamedTuple):
    """What a folder holds."""

    pictures: list[Path]
    """Sorted; each begins with the folder's path as it was given."""
    left_out: list[LeftOut]


def walk(folder: str | os.PathLike[str]) -> Walked:
    """The pictures in a folder and its folders, by their names (`is_picture`).

    Links are followed; a folder that several ways lead to counts once, where it really lies if that is in `folder`.
    Pipes, devices and folders that may not be read are left out. Broken links, and files that may not be read, are
    pictures: whoever opens them is told.
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
    with suppress(OSError):  # links to nothing, or to themselves
        if not stat.S_ISREG(os.stat(path).st_mode):  # to open a pipe would mean to wait for ever
            walked.left_out.append(LeftOut(path, "is no file"))
            return
    walked.pictures.append(path)
