"""Colours photographs from files and ZIP archives, one by one, into one ZIP of full-size results.

The archive is complete after every photograph. If one photograph fails, the album records it and goes on.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image

from ..errors import PhotoError
from ..files.atomic import whole_file
from ..files.zip_reader import MOST_PHOTO_BYTES, ArchiveError, Entry, is_archive, pictures_in, read_entries
from ..files.zip_writer import append, result_name, same
from ..photo.kinds import is_grayscale
from ..photo.open import open_photo
from ..photo.save import save_photo
from ..photo.scale import at_most

if TYPE_CHECKING:
    from ..inference.colorization import Colorization

log = logging.getLogger(__name__)

MOST_PHOTOS = 500
"""Most photographs in an album."""
MOST_BYTES = 2_000_000_000
"""Most bytes of all encoded photographs in an album, unpacked."""
SIDE, SMALL_SIDE = 1400, 480
"""Longest side, in pixels, of the previews: large, and in a grid."""
MANIFEST, README = "manifest.json", "README.txt"


class AlbumError(PhotoError):
    """An album or one of its photographs cannot be used; the message says why in one sentence."""


class Found(NamedTuple):
    """A photograph to colour: a file, or an entry of an archive."""

    name: str
    """Its name in the result and in messages: folders within its archive, and its own name."""
    path: str
    entry: Entry | None = None


class Done(NamedTuple):
    """A coloured photograph. The paths lead to JPEG previews, at most `SIDE` pixels long."""

    name: str
    file: str
    """Its path in the archive of results."""
    size: tuple[int, int]
    """Width and height of the photograph, in pixels."""
    seconds: float
    gray: Path
    colour: Path
    original: Path | None
    """None for a photograph that is black and white."""
    small: Path
    """In colour, at most `SMALL_SIDE` pixels long."""


class Failed(NamedTuple):
    """A photograph, or something else in an archive, that was left out."""

    name: str
    error: PhotoError


def find_photos(paths: Iterable[str]) -> tuple[list[Found], list[Failed]]:
    """The photographs in files and ZIP archives, sorted by name within an archive, and the entries left out.

    A file counts as a photograph whatever its name, until reading it fails. A path given twice counts once.
    Raises AlbumError for more than `MOST_PHOTOS` or `MOST_BYTES`.
    """
    found: list[Found] = []
    left_out: list[Failed] = []
    total = 0
    for path in dict.fromkeys(paths):
        name = Path(path).name
        if not is_archive(path):
            size = Path(path).stat().st_size if Path(path).is_file() else 0
            if size > MOST_PHOTO_BYTES:
                values = {"megabytes": size / 1e6, "most": MOST_PHOTO_BYTES / 1e6}
                left_out.append(Failed(name, ArchiveError.of("archive_large", name=name, **values)))
                continue
            found.append(Found(name, path))
            total += size
            continue
        try:
            entries, refused = pictures_in(path, MOST_BYTES)
        except ArchiveError as error:
            left_out.append(Failed(name, error))
            continue
        found += [Found(entry.name, path, entry) for entry in entries]
        left_out += [Failed(name, error) for error in refused]
        total += sum(entry.info.file_size for entry in entries)
    if len(found) > MOST_PHOTOS:
        raise AlbumError.of("album_photos", count=len(found), most=MOST_PHOTOS)
    if total > MOST_BYTES:
        raise AlbumError.of("album_bytes", megabytes=total / 1e6, most=MOST_BYTES / 1e6)
    return found, left_out


def contents(found: Iterable[Found]) -> Iterator[str | bytes | PhotoError]:
    """For each photograph in order: what `open_photo` takes, or the error if it cannot be read from its archive. Each
    archive is opened once."""
    for path, group in groupby(found, key=lambda each: each.path):
        for of_archive, photos in groupby(group, key=lambda each: each.entry is not None):
            if of_archive:
                yield from read_entries(path, [photo.entry for photo in photos if photo.entry])
            else:
                yield from (photo.path for photo in photos)


def _read(content: str | bytes, name: str) -> Image.Image:
    return open_photo(content, name=name)


@dataclass
class Album:
    """One run: the photographs done, those that failed, and the archive of results, complete after every `add`."""

    folder: Path
    """Folder for its files. It must exist, and no other run may use it."""
    colour: Callable[[Image.Image], Colorization]
    """A function that colours a photograph; may raise PhotoError, RuntimeError, MemoryError."""
    settings: Mapping[str, Any]
    """The settings that made the colours, for the manifest; "checkpoint" goes into every file's metadata."""
    suffix: str = "png"
    """"png" or "jpg": the format of results."""
    stem: str = "colorized"
    """The archive's name."""
    read: Callable[[str | bytes, str], Image.Image] = _read
    """Decodes a photograph: its path or bytes, and its name; may raise PhotoError."""
    done: list[Done] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    _taken: set[str] = field(default_factory=set)

    @property
    def archive(self) -> Path:
        """The ZIP of results; it exists once one photograph is done."""
        return self.folder / f"{self.stem}.zip"

    def add(self, found: Found, content: str | bytes | PhotoError) -> Done | Failed:
        """Colour one photograph from `contents` and add it to the archive. A failure is recorded and returned."""
        try:
            if isinstance(content, PhotoError):
                raise content
            result = self._add(found, content)
        except PhotoError as error:
            failed = Failed(found.name, error)
        except MemoryError:
            failed = Failed(found.name, AlbumError.of("album_memory", name=found.name))
        except Exception as error:  # no error is a reason to lose the other photographs
            log.exception("%s could not be coloured", found.name)
            reason = str(error).partition("\n")[0] or type(error).__name__
            failed = Failed(found.name, AlbumError.of("album_failed", name=found.name, reason=reason))
        else:
            self.done.append(result)
            return result
        self.failed.append(failed)
        return failed

    def finish(self, readme: str) -> Path:
        """Add the manifest (JSON) and `readme` to the archive. Raises PhotoError if they cannot be written."""
        manifest = json.dumps(self.manifest(), ensure_ascii=False, indent=1)
        for name, content in ((MANIFEST, manifest), (README, readme)):
            append(self.archive, f"{content}\n".encode(), name)
        return self.archive

    def manifest(self) -> dict[str, Any]:
        """Every photograph with its file, size in pixels and seconds, or with its error; and the common settings."""
        photos = [
            {"name": each.name, "file": each.file, "size": list(each.size), "seconds": round(each.seconds, 3)}
            for each in self.done
        ]
        errors = [{"name": each.name, "error": str(each.error)} for each in self.failed]
        return {"settings": dict(self.settings), "photos": photos, "errors": errors}

    def _add(self, found: Found, content: str | bytes) -> Done:
        start = time.perf_counter()
        photo = self.read(content, found.name)
        result = self.colour(photo)
        file = result_name(found.name, self.suffix, self._taken)
        full = self.folder / f"full.{self.suffix}"
        try:
            save_photo(result.image, full, checkpoint=str(self.settings.get("checkpoint", "")))
            shown = self._pictures_to_look_at(result)  # before adding it to the archive: after that nothing may fail
            append(self.archive, full, file)
        finally:
            full.unlink(missing_ok=True)
        self._taken.add(same(file))
        return Done(found.name, file, photo.size, time.perf_counter() - start, *shown)

    def _pictures_to_look_at(self, result: Colorization) -> tuple[Path, Path, Path | None, Path]:
        number = len(self.done) + 1
        large = result.at_size(at_most(result.original, SIDE))

        def jpeg(kind: str, picture: Image.Image) -> Path:
            path = self.folder / f"{number}-{kind}.jpg"
            with whole_file(path, PhotoError) as partial:
                picture.save(partial, quality=92, subsampling=0)
            return path

        original = None if is_grayscale(result.original) else jpeg("original", large.original)
        small = jpeg("small", at_most(large.image, SMALL_SIDE))
        return jpeg("gray", large.grayscale), jpeg("colour", large.image), original, small


def rows(done: Sequence[Done]) -> Iterator[tuple[str, Image.Image, Image.Image]]:
    """(name, gray, colour) of each photograph, for `figures.pairs_sheet`; each picture is opened when needed."""
    for each in done:
        with Image.open(each.gray) as gray, Image.open(each.colour) as colour:
            yield each.name, gray, colour
