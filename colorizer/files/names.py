"""Names of files: which are pictures', which can be shown, and which every file system takes."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from pathlib import PurePath

SUFFIXES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".avif", ".heic",
    ".heif", ".hif", ".jp2", ".j2k", ".jpf",
}  # fmt: skip
"""How files are called that are taken for pictures, where a folder or an archive holds others too."""

LONGEST = 255
"""Bytes of a file's name, on the file systems of Linux, macOS and Windows."""


def is_picture(name: str) -> bool:
    """Whether a file of this name is taken for a picture: by its suffix. Hidden files are not, and so neither is half a
    picture of a program that was killed (`atomic.PARTIAL`)."""
    base = os.path.basename(name)
    return PurePath(base).suffix.lower() in SUFFIXES and not base.startswith(".")


def printable(name: str, most: int = 200) -> str:
    """A name as it may be shown: no control characters, nor such as turn the direction of letters, nor bytes that are
    no letters. most: letters; of a longer name, the end is kept."""
    shown = "".join(
        letter if unicodedata.category(letter)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for letter in name
    )
    return shown if len(shown) <= most else f"…{shown[-most:]}"


def shortened(stem: str, ending: str) -> str:
    """A stem that makes, with `ending`, a name that is not too long: itself, or its beginning and a hash of the whole,
    so that two that begin alike stay apart."""
    encoded, room = os.fsencode(stem), LONGEST - len(os.fsencode(ending))
    if len(encoded) <= room:
        return stem
    digest = hashlib.blake2b(encoded, digest_size=4).hexdigest()
    return f"{encoded[: room - 9].decode('utf-8', 'ignore')}-{digest}"
