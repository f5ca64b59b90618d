"""Reads the pictures in ZIP archives from strangers, one at a time, and nothing else.

No entry is ever unpacked to a path: names are only displayed, and bytes go from the archive to memory. We do not trust
what an archive says about itself: sizes, counts and ratios have limits, before and during reading.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..errors import PhotoError
from .names import is_picture, printable

MOST_ENTRIES = 10_000
"""Most files of any kind in an archive, and in all archives of an album."""
MOST_DIRECTORY = 4_000_000
"""Most bytes of an archive's table of contents, which is read at once."""
MOST_NAME = 500
"""Most letters of an entry's name, its folders among them; it is kept as long as the album is."""
MOST_PHOTO_BYTES = 250_000_000
"""Most bytes of an encoded picture."""
MOST_RATIO, RATIO_FROM = 250, 2_000_000
"""Largest compression ratio of an entry with more than this many bytes. (Photographs hardly shrink; only a blank page
in an uncompressed format reaches this.)"""
MOST_FOLDERS = 20
"""Most levels of nested folders."""

ARCHIVES = {
    ".zip", ".tar", ".gz", ".tgz", ".bz2", ".tbz", ".xz", ".txz", ".7z", ".rar", ".jar", ".cab", ".iso", ".zst", ".lz4",
    ".cbz", ".cbr",
}  # fmt: skip
_LISTED = b"PK\x01\x02"
"""How every entry of a table of contents begins."""
_HEADER = 30
"""Bytes that stand before an entry at least."""
_JUNK = {".ds_store", "thumbs.db", "desktop.ini", "ehthumbs.db"}

_UNREADABLE = (OSError, ValueError, EOFError, NotImplementedError, struct.error, zipfile.BadZipFile, zlib.error)
"""Errors that `zipfile` raises on damaged data."""


class ArchiveError(PhotoError):
    """An archive or an entry is refused; the message says why in one sentence."""


class Entry(NamedTuple):
    """A picture in an archive."""

    name: str
    """Its folders and its own name, separated by "/"; no part is "..", "." or empty."""
    at: int
    """Where it begins in the archive. What else the archive says of it may be long, and is read again."""
    size: int
    """Bytes unpacked."""


@dataclass
class Allowance:
    """How many files archives may still list, all of an album together."""

    files: int = field(default_factory=lambda: MOST_ENTRIES)


class _TooMany(Exception):
    """A table of contents lists more files than are allowed."""


class _Small(io.FileIO):
    """A file that limits every read: `ZipFile` reads the whole table of contents at once, with any size the archive
    declares, and lists whatever is in it. So its entries are counted before that."""

    def __init__(self, path: str | Path, allowance: Allowance):
        super().__init__(str(path))
        self.allowance: Allowance | None = allowance
        """Of the table of contents; None after that was read."""

    def read(self, size: int | None = -1) -> bytes:
        if size is not None and size > MOST_DIRECTORY:
            raise zipfile.BadZipFile("too large a table of contents")
        content = super().read(size)
        if self.allowance and size is not None and size >= 0:
            self.allowance.files -= content.count(_LISTED)
            if self.allowance.files < 0:
                raise _TooMany
        return content


def is_archive(path: str | Path) -> bool:
    """Whether a file counts as a ZIP archive, judged by its name or its first bytes."""
    if Path(path).suffix.lower() == ".zip":
        return True
    try:
        with open(path, "rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError:
        return False


def pictures_in(
    path: str | Path, most_bytes: float, allowance: Allowance | None = None
) -> tuple[list[Entry], list[ArchiveError]]:
    """The pictures of a ZIP archive, sorted by name, and the entries left out, with reasons.

    most_bytes: limit on the declared size of all pictures together. allowance: of all archives of an album; what this
    one lists is taken from it. Raises ArchiveError for an archive that cannot be read or exceeds a limit.
    """
    name = Path(path).name
    entries: list[Entry] = []
    refused: list[ArchiveError] = []
    others: list[str] = []
    junk = nameless = 0
    for info in _table_of_contents(path, allowance or Allowance()):
        words = _words(info.filename)
        if not words and not info.filename.endswith(("/", "\\")):
            nameless += 1
            continue
        if not words or info.is_dir():
            continue
        if words[0] == "__MACOSX" or words[-1].startswith("._") or words[-1].lower() in _JUNK:
            junk += 1
            continue
        problem = _problem(info, words)
        if problem:
            refused.append(problem)
        elif not is_picture(words[-1]):
            others.append(words[-1])
        else:
            entries.append(Entry("/".join(words), info.header_offset, info.file_size))
    total = sum(entry.size for entry in entries)
    if total > most_bytes:
        raise ArchiveError.of("archive_unpacked", name=name, megabytes=total / 1e6, most=most_bytes / 1e6)
    if not entries and not refused:
        raise ArchiveError.of("archive_no_pictures", name=name)
    if nameless:
        refused.append(ArchiveError.of("archive_nameless", name=name, count=nameless))
    if others:
        refused.append(ArchiveError.of("archive_other", name=name, count=len(others), example=printable(others[0])))
    if junk:
        refused.append(ArchiveError.of("archive_junk", name=name, count=junk))
    return sorted(entries, key=lambda entry: entry.name), refused


def read_entries(path: str | Path, entries: Sequence[Entry]) -> Iterator[bytes | ArchiveError]:
    """The encoded pictures, one at a time and in order; for a picture that cannot be read, the error."""
    name = Path(path).name
    left = iter(entries)
    try:
        with _Small(path, Allowance()) as file, zipfile.ZipFile(file) as archive:
            file.allowance, listed = None, {info.header_offset: info for info in archive.infolist()}
            for entry in left:
                yield _read(archive, entry, listed.get(entry.at))
    except (*_UNREADABLE, _TooMany):  # the archive itself is gone or was replaced
        for _ in left:
            yield ArchiveError.of("archive_not_zip", name=name)


def _table_of_contents(path: str | Path, allowance: Allowance) -> list[zipfile.ZipInfo]:
    name = Path(path).name
    try:
        with _Small(path, allowance) as file, zipfile.ZipFile(file) as archive:
            found = archive.infolist()
    except _UNREADABLE:
        raise ArchiveError.of("archive_not_zip", name=name) from None
    except _TooMany:
        raise ArchiveError.of("archive_entries", name=name, most=MOST_ENTRIES) from None
    if _overlapping(found):
        raise ArchiveError.of("archive_overlap", name=name)
    return found


def _overlapping(found: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether two entries have bytes in common. A bomb of 10 MB can be 280 TB unpacked that way, and each of its
    entries looks harmless."""
    end = 0
    for info in sorted(found, key=lambda info: info.header_offset):
        if info.header_offset < end:
            return True
        end = info.header_offset + _HEADER + info.compress_size
    return False


def _words(name: str) -> list[str]:
    """Folders and name, split at either kind of slash."""
    return [word for word in name.replace("\\", "/").split("/") if word not in ("", ".")]


def _problem(info: zipfile.ZipInfo, words: list[str]) -> ArchiveError | None:
    """Why an entry is refused, judged by what the archive declares about it."""
    shown = printable(info.filename)
    if len(info.filename) > MOST_NAME:
        return ArchiveError.of("archive_name", name=shown, most=MOST_NAME)
    kind = stat.S_IFMT(info.external_attr >> 16)
    rooted = info.filename.startswith(("/", "\\")) or re.match("[A-Za-z]:", info.filename)
    if rooted or ".." in words or len(words) > MOST_FOLDERS or "\0" in info.orig_filename:
        return ArchiveError.of("archive_outside", name=shown)
    if kind and kind != stat.S_IFREG:
        return ArchiveError.of("archive_link", name=shown)
    if info.flag_bits & 1:
        return ArchiveError.of("archive_encrypted", name=shown)
    if Path(words[-1]).suffix.lower() in ARCHIVES:
        return ArchiveError.of("archive_nested", name=shown)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return ArchiveError.of("archive_method", name=shown)
    if info.file_size > MOST_PHOTO_BYTES:
        return ArchiveError.of("archive_large", name=shown, megabytes=info.file_size / 1e6, most=MOST_PHOTO_BYTES / 1e6)
    ratio = info.file_size / max(info.compress_size, 1)
    if info.file_size > RATIO_FROM and ratio > MOST_RATIO:
        return ArchiveError.of("archive_bomb", name=shown, ratio=ratio)
    return None


def _read(archive: zipfile.ZipFile, entry: Entry, info: zipfile.ZipInfo | None) -> bytes | ArchiveError:
    """The bytes of an entry, or the error; `ZipFile` itself returns no more bytes than were declared."""
    if info and info.file_size == entry.size:
        with suppress(*_UNREADABLE, RuntimeError), archive.open(info) as file:
            content = b"".join(iter(lambda: file.read(1_000_000), b""))
            if len(content) == entry.size:
                return content
    return ArchiveError.of("archive_damaged", name=printable(entry.name))
