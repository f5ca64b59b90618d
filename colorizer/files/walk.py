"""Finds the pictures in a folder, and says what was left out. Opens only regular files, and reads no folder twice."""

from __future__ import annotations

import os
import re
import stat
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from .atomic import PARTIAL
from .names import is_film, is_picture, printable

_READ = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|GIF8[79]a|II[*+]\0|MM\0[*+]|RIFF....WEBP|BM.{4}\0{4}.{5}\0{2}"
    rb"|....ftyp(?:hei[cmsx]|hev[cmsx]|mif1|msf1|avi[fs])|\0\0\0\x0cjP  |\xff\x4f\xff\x51",
    re.DOTALL,
)
"""How files begin in the formats that `photo` reads."""
_UNREAD = re.compile(
    rb"8BPS|P[1-6]\s+(?:#|\d+\s)|P7\nWIDTH|P[Ff]\n|\xff\x0a|\0\0\0\x0cJXL |gimp xcf |v/1\x01|II\xbc\x01|SIMPLE  =|DDS "
    rb"|#\?RADIANCE|SDPX|XPDS|\x0a[\0-\x05]\x01[\x01\x02\x04\x08]|....ftypcrx |FUJIFILMCCD-RAW|IIRO|IIU\0|FOVb|\0MRM"
    rb"|BPG\xfb|FLIF|qoif|\x59\xa6\x6a\x95|\x01\xda[\0\x01][\x01\x02]\0[\x01-\x03]"
    rb"|FORM....(?:ILBM|PBM )|Paint Shop Pro Image|\x8aMNG\r\n|\x8bJNG\r\n"
    rb"|AT&TFORM|%!PS-Adobe-... EPSF|\xc5\xd0\xd3\xc6",
    re.DOTALL,
)
"""How pictures of other formats begin: Photoshop, Netpbm, JPEG XL and XR, raw files of cameras, and so on."""
_SCANNED = re.compile(rb"/Subtype\s*/Image\b")
"""The entries that a PDF has for each picture in it."""
_LOOKED_AT = 1_000_000
"""Bytes of a PDF in which a picture is looked for."""
_UNREAD_SUFFIXES = {
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".dng", ".erf", ".iiq", ".kdc", ".mef", ".mos", ".mrw", ".nef",
    ".nrw", ".orf", ".pef", ".raf", ".raw", ".rw2", ".rwl", ".sr2", ".srf", ".srw", ".x3f", ".pcd", ".dcm",
    ".tga", ".fff", ".gpr", ".rwz", ".fpx", ".pct", ".pict", ".wpg", ".afphoto",
}  # fmt: skip
"""Suffixes of such files that begin like another format, a TIFF most often, or like none."""


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
    films: list[Path]
    """Like the pictures, judged by their names alone (`is_film`)."""


def walk(folder: str | os.PathLike[str]) -> Walked:
    """The pictures and films in a folder and its subfolders. Pictures are judged by their names (`is_picture`), or if
    these do not tell, by their first bytes. Files that look like pictures of another format are left out, and so are
    the half-made films of stopped runs.

    Links are followed. A folder with several paths counts once, at its real path if that is in `folder`. Pipes, devices
    and unreadable folders are left out. Broken links and unreadable files count as pictures: opening them raises the
    error.
    """
    walked = Walked([], [], [])
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
                if entry.name.startswith(PARTIAL):
                    continue
                if entry.is_symlink() and path.is_dir():
                    links.append(path)
                elif entry.is_dir(follow_symlinks=False):
                    pending.append(path)
                elif not entry.name.startswith("."):
                    _add(path, walked)
    walked.pictures.sort()
    walked.films.sort()
    return walked


def begins_like_a_picture(begins: bytes) -> bool:
    """Whether a file begins as one in a format that `photo` reads. begins: its first 30 bytes or more."""
    return _READ.match(begins) is not None


def _add(path: Path, walked: Walked) -> None:
    with suppress(OSError):  # broken links, and links to themselves
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for ever
            if is_picture(path.name):
                walked.left_out.append(LeftOut(path, "is no file"))
            return
    if is_picture(path.name):
        walked.pictures.append(path)
        return
    if is_film(path.name):
        walked.films.append(path)
        return
    begins = b""
    with suppress(OSError), open(path, "rb") as file:
        begins = file.read(32)
        if begins.startswith(b"%PDF-") and _SCANNED.search(file.read(_LOOKED_AT)):
            walked.left_out.append(LeftOut(path, "is a document with pictures (save its pages as TIFF or PNG)"))
    if path.suffix.lower() in _UNREAD_SUFFIXES or _UNREAD.match(begins):
        walked.left_out.append(LeftOut(path, "is a picture in a format that is not read (save it as TIFF or PNG)"))
    elif begins_like_a_picture(begins):
        walked.pictures.append(path)
