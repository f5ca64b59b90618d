"""File names: which belong to pictures, how to show them, and which are valid on every file system."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from pathlib import PurePath

SUFFIXES = {
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".bmp", ".dib", ".tif", ".tiff", ".gif", ".avif", ".heic",
    ".heif", ".hif", ".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc",
}  # fmt: skip
"""Suffixes of the files in a folder or an archive that count as pictures."""

FILMS = {
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".m2v", ".vob", ".ts", ".mts", ".m2ts", ".mxf",
    ".wmv", ".asf", ".flv", ".3gp", ".3g2", ".ogv", ".dv", ".nut",
}  # fmt: skip
"""Suffixes of the files that count as films."""

ENDING = "-colorized"
"""The end of the names of results in a folder, before their suffix."""

LONGEST = 255
"""Most bytes of a file's name, on the file systems of Linux, macOS and Windows."""


def is_picture(name: str) -> bool:
    """Whether a file of this name counts as a picture, judged by its suffix. Hidden files do not, so the half-written
    picture of a killed program does not either (`atomic.PARTIAL`)."""
    base = os.path.basename(name)
    return PurePath(base).suffix.lower() in SUFFIXES and not base.startswith(".")


def is_film(name: str) -> bool:
    """Whether a file of this name counts as a film, judged by its suffix. Hidden files do not."""
    base = os.path.basename(name)
    return PurePath(base).suffix.lower() in FILMS and not base.startswith(".")


def printable(name: str, most: int = 200) -> str:
    """A name that is safe to show: without control characters, characters that change text direction, and undecodable
    bytes. most: letters; a longer name keeps its end."""
    shown = "".join(
        letter if unicodedata.category(letter)[0] != "C" else "\N{REPLACEMENT CHARACTER}" for letter in name
    )
    return shown if len(shown) <= most else f"…{shown[-most:]}"


def shortened(stem: str, ending: str) -> str:
    """A stem that, with `ending`, makes a name that is not too long: the stem itself, or its beginning and a hash of
    the whole, so that two stems with the same beginning stay different."""
    encoded, room = os.fsencode(stem), LONGEST - len(os.fsencode(ending))
    if len(encoded) <= room:
        return stem
    digest = hashlib.blake2b(encoded, digest_size=4).hexdigest()
    return f"{encoded[: room - 9].decode('utf-8', 'ignore')}-{digest}"


def same(name: str) -> str:
    """A key that is equal for names that some file system treats as equal."""
    return unicodedata.normalize("NFC", name).casefold()
