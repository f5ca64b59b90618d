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
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, NamedTuple

from ..errors import PhotoError
from .names import is_picture, printable
from .walk import begins_like_a_picture
from .zip_names import decoded

MOST_ENTRIES = 10_000
"""Most files of any kind in an archive, and in all archives of an album."""
MOST_DIRECTORY = 4_000_000
"""Most bytes of the tables of contents of all archives of an album; each is read at once."""
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
"""How each entry of a table of contents begins."""
_UTF8 = 0x08
"""The mark in the second byte of an entry's flags."""
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
    """Where it begins in the archive. The rest of its description may be long, and is read again."""
    size: int
    """Bytes unpacked."""


@dataclass
class Allowance:
    """How many files archives may still list, and in how many bytes, all of an album together."""

    files: int = field(default_factory=lambda: MOST_ENTRIES)
    directories: int = field(default_factory=lambda: MOST_DIRECTORY)


class _TooMany(Exception):
    """Tables of contents list more files than are allowed, or are longer."""


class _Small(io.FileIO):
    """A file that limits every read: `ZipFile` reads the whole table of contents at once, with any size the archive
    declares, and lists whatever is in it. So the entries are counted before that. Marks of UTF-8 names are removed, as
    `ZipFile` gives up where a marked name is not UTF-8; unmarked, each byte is a letter of cp437."""

    def __init__(self, path: str | Path, allowance: Allowance):
        super().__init__(str(path))
        self.allowance: Allowance | None = allowance
        """The allowance for the table of contents; None once the table was read."""

    def read(self, size: int | None = -1) -> bytes:
        content, at = bytearray(super().read(size and min(size, MOST_DIRECTORY + 1))), 0
        if size == _HEADER and content.startswith(b"PK\x03\x04"):
            content[7] &= ~_UTF8
        if self.allowance and size is not None and size >= 0:
            self.allowance.files -= content.count(_LISTED)
            self.allowance.directories -= len(content) if content.startswith(_LISTED) else 0
            if min(self.allowance.files, self.allowance.directories) < 0:
                raise _TooMany
        while self.allowance and content.startswith(_LISTED, at) and at + 46 <= len(content):
            content[at + 9] &= ~_UTF8
            at += 46 + sum(struct.unpack_from("<3H", content, at + 28))  # name, extra field, comment
        return bytes(content)


@contextmanager
def _opened(path: str | Path, allowance: Allowance) -> Iterator[tuple[_Small, zipfile.ZipFile]]:
    with _Small(path, allowance) as file, zipfile.ZipFile(file) as archive:
        file.allowance = None
        yield file, archive


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
    """The pictures of a ZIP archive, judged by their names or first bytes and sorted by name, and the entries left out,
    with reasons.

    most_bytes: limit on the declared size of all pictures together. allowance: shared by all archives of an album; this
    one's files are taken from it. Raises ArchiveError for an archive that cannot be read or exceeds a limit.
    """
    name = Path(path).name
    entries: list[Entry] = []
    refused: list[ArchiveError] = []
    others: dict[Entry, zipfile.ZipInfo] = {}
    junk = nameless = 0
    for whole, info in _table_of_contents(path, allowance or Allowance()):
        words = _words(whole)
        if not words and not whole.endswith(("/", "\\")):
            nameless += 1
            continue
        if not words or whole.endswith("/"):
            continue
        if words[0] == "__MACOSX" or words[-1].startswith("._") or words[-1].lower() in _JUNK:
            junk += 1
            continue
        problem = _problem(info, whole, words)
        entry = Entry("/".join(words), info.header_offset, info.file_size)
        if problem:
            refused.append(problem)
        elif not is_picture(words[-1]):
            others[entry] = info
        else:
            entries.append(entry)
    begin = _that_begin_like_pictures(path, others)
    entries += begin
    left = [entry.name.rpartition("/")[2] for entry in others if entry not in begin]
    total = sum(entry.size for entry in entries)
    if total > most_bytes:
        raise ArchiveError.of("archive_unpacked", name=name, megabytes=total / 1e6, most=most_bytes / 1e6)
    if not entries and not refused:
        raise ArchiveError.of("archive_no_pictures", name=name)
    if nameless:
        refused.append(ArchiveError.of("archive_nameless", name=name, count=nameless))
    if left:
        refused.append(ArchiveError.of("archive_other", name=name, count=len(left), example=printable(left[0])))
    if junk:
        refused.append(ArchiveError.of("archive_junk", name=name, count=junk))
    return sorted(entries, key=lambda entry: entry.name), refused


def read_entries(path: str | Path, entries: Sequence[Entry]) -> Iterator[bytes | ArchiveError]:
    """The encoded pictures, one at a time and in order; for a picture that cannot be read, the error."""
    name = Path(path).name
    left = iter(entries)
    try:
        with _opened(path, Allowance()) as (file, archive):
            listed = {info.header_offset: info for info in archive.infolist()}
            for entry in left:
                yield _read(file, archive, entry, listed.get(entry.at))
    except (*_UNREADABLE, _TooMany):  # the archive itself is gone or was replaced
        for _ in left:
            yield ArchiveError.of("archive_not_zip", name=name)


def _table_of_contents(path: str | Path, allowance: Allowance) -> list[tuple[str, zipfile.ZipInfo]]:
    """All entries, and their names."""
    name = Path(path).name
    try:
        with _opened(path, allowance) as (_, archive):
            found = archive.infolist()
    except _UNREADABLE:
        raise ArchiveError.of("archive_not_zip", name=name) from None
    except _TooMany:
        raise ArchiveError.of("archive_entries", most=MOST_ENTRIES, megabytes=MOST_DIRECTORY / 1e6) from None
    if _overlapping(found):
        raise ArchiveError.of("archive_overlap", name=name)
    names = decoded([info.orig_filename.encode("cp437") for info in found])
    return list(zip(names, found, strict=True))


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


def _problem(info: zipfile.ZipInfo, whole: str, words: list[str]) -> ArchiveError | None:
    """Why an entry is refused, judged by what the archive declares about it. whole, words: its name."""
    shown = printable(whole)
    if len(whole) > MOST_NAME:
        return ArchiveError.of("archive_name", name=shown, most=MOST_NAME)
    kind = stat.S_IFMT(info.external_attr >> 16)
    rooted = whole.startswith(("/", "\\")) or re.match("[A-Za-z]:", whole)
    if rooted or ".." in words or len(words) > MOST_FOLDERS or "\0" in whole:
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


def _that_begin_like_pictures(path: str | Path, entries: dict[Entry, zipfile.ZipInfo]) -> set[Entry]:
    found = set()
    with suppress(*_UNREADABLE, _TooMany), _opened(path, Allowance()) as (file, archive):
        for entry, info in entries.items():
            with suppress(*_UNREADABLE, RuntimeError), _entry(file, archive, info) as stored:
                if begins_like_a_picture(stored.read(32)):
                    found.add(entry)
    return found


def _entry(file: _Small, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> IO[bytes]:
    """An entry's bytes; `ZipFile` returns no more than were declared. Some programs write another name beside the bytes
    than into the table, which it takes for damage."""
    file.seek(info.header_offset + 26)
    (length,) = struct.unpack("<H", file.read(4)[:2])
    info.orig_filename = file.read(length).decode("cp437")
    return archive.open(info)


def _read(file: _Small, archive: zipfile.ZipFile, entry: Entry, info: zipfile.ZipInfo | None) -> bytes | ArchiveError:
    """The bytes of an entry, or the error."""
    if info and info.file_size == entry.size:
        with suppress(*_UNREADABLE, RuntimeError), _entry(file, archive, info) as stored:
            content = b"".join(iter(lambda: stored.read(1_000_000), b""))
            if len(content) == entry.size:
                return content
    return ArchiveError.of("archive_damaged", name=printable(entry.name))
