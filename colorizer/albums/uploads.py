"""Finds the photographs in uploaded files and ZIP archives, and says what was left out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ..errors import PhotoError
from ..files.zip_reader import (
    MOST_PHOTO_BYTES,
    Allowance,
    ArchiveError,
    Entry,
    is_archive,
    pictures_in,
    read_entries,
)

MOST_PHOTOS = 500
"""Most photographs in an album."""
MOST_BYTES = 2_000_000_000
"""Most bytes of all encoded photographs in an album, unpacked."""
MOST_LEFT_OUT = 200
"""Most left-out files and entries that are named, as the names are kept for each visitor; the rest is counted."""


class AlbumError(PhotoError):
    """An album or one of its photographs cannot be used; the message says why in one sentence."""


class Upload(NamedTuple):
    """A photograph to colour: a file, or an entry of an archive."""

    name: str
    """Its name in the result and in messages: folders within its archive, and its own name."""
    path: str
    entry: Entry | None = None


class Failed(NamedTuple):
    """A photograph, or something else in an archive, that was left out."""

    name: str
    error: PhotoError
    photo: Upload | None = None
    """None if it is no photograph."""


def find_uploads(paths: Iterable[str]) -> tuple[list[Upload], list[Failed]]:
    """The photographs in files and ZIP archives, sorted by name within an archive, and the entries left out.

    A file counts as a photograph whatever its name, until reading it fails. A file given twice counts once, however its
    path is written. Raises AlbumError for more files or photographs than `MOST_PHOTOS`, for more than `MOST_BYTES`, and
    for archives whose tables of contents together list more than `MOST_ENTRIES` or have more than `MOST_DIRECTORY`
    bytes.
    """
    found: list[Upload] = []
    left_out: list[Failed] = []
    allowance, files = Allowance(), dict[object, str]()
    for path in paths:
        files.setdefault(_file(path), path)
    if len(files) > MOST_PHOTOS:
        raise AlbumError.of("album_photos", count=len(files), most=MOST_PHOTOS)
    for path in files.values():
        name = Path(path).name
        if not is_archive(path):
            size = _size(path)
            if size > MOST_PHOTO_BYTES:
                values = {"megabytes": size / 1e6, "most": MOST_PHOTO_BYTES / 1e6}
                left_out.append(Failed(name, ArchiveError.of("archive_large", name=name, **values)))
                continue
            found.append(Upload(name, path))
            continue
        try:
            entries, refused = pictures_in(path, MOST_BYTES, allowance)
        except ArchiveError as error:
            if error.kind == "archive_entries":
                raise AlbumError.of(error.kind, **error.values) from None
            left_out.append(Failed(name, error))
            continue
        found += [Upload(entry.name, path, entry) for entry in entries]
        left_out += [Failed(name, error) for error in refused]
    check_album(found)
    if len(left_out) > MOST_LEFT_OUT:
        more = AlbumError.of("album_more", count=len(left_out) - MOST_LEFT_OUT)
        left_out[MOST_LEFT_OUT:] = [Failed("…", more)]
    return found, left_out


def check_album(uploads: Sequence[Upload]) -> None:
    """Raise AlbumError for more than `MOST_PHOTOS` or `MOST_BYTES`."""
    if len(uploads) > MOST_PHOTOS:
        raise AlbumError.of("album_photos", count=len(uploads), most=MOST_PHOTOS)
    total = sum(each.entry.size if each.entry else _size(each.path) for each in uploads)
    if total > MOST_BYTES:
        raise AlbumError.of("album_bytes", megabytes=total / 1e6, most=MOST_BYTES / 1e6)


def _file(path: str) -> object:
    """A key that is the same for all paths to a file. To follow a path of 2,000 folders by hand takes milliseconds."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return path
    return found.st_dev, found.st_ino


def _size(path: str) -> int:
    return Path(path).stat().st_size if Path(path).is_file() else 0


def contents(found: Iterable[Upload]) -> Iterator[str | bytes | PhotoError]:
    """For each photograph in order: its path or its bytes for `open_photo`, or the error if it cannot be read from its
    archive. Each archive is opened once."""
    for path, group in groupby(found, key=lambda each: each.path):
        for of_archive, photos in groupby(group, key=lambda each: each.entry is not None):
            if of_archive:
                yield from read_entries(path, [photo.entry for photo in photos if photo.entry])
            else:
                yield from (photo.path for photo in photos)
