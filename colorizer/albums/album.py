"""Colours photographs from files and ZIP archives, one by one, into one ZIP of full-size results.

The archive is complete after every photograph. If one photograph fails, the album records it and goes on.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from PIL import Image

from ..errors import PhotoError
from ..files.atomic import whole_file
from ..files.identity import sha256
from ..files.names import same
from ..files.zip_writer import append, result_name, without
from ..photo.caption import Caption, captioned
from ..photo.form import Form
from ..photo.kinds import has_own_colours
from ..photo.metadata import Provenance
from ..photo.open import Opened, read_photo
from ..photo.picture import at_most
from .record import CSV, JSON, Line, as_csv, as_json, made_with, now
from .uploads import AlbumError, Failed, Upload
from .work import corrected, save_photo_of, why

if TYPE_CHECKING:
    from ..inference.colorization import Colorization

log = logging.getLogger(__name__)

SIDE, SMALL_SIDE = 1400, 480
"""Longest side, in pixels, of the previews: large, and in a grid."""
IN_THE_FILE = ("photo_", "film_", "archive_")
"""How the kinds of errors begin whose reason is in the file, which stays as it is; but for `MAY_PASS`."""
MAY_PASS = ("photo_incomplete", "photo_memory", "photo_slow", "photo_unopened", "film_busy", "film_room")
README = "README.txt"
MANIFEST = (JSON, CSV, README)
"""The files of an archive that are no results."""


class Done(NamedTuple):
    """A coloured photograph. The paths lead to JPEG previews, at most `SIDE` pixels long."""

    photo: Upload
    line: Line
    """Its line in the manifest, but for its caption."""
    notes: tuple[PhotoError, ...]
    """Sentences about its file: what was ignored in it, other pages."""
    caption: Caption
    """The caption that a person wrote for it."""
    made: Provenance
    """How its colours were made."""
    settings: Mapping[str, Any]
    """The settings that made its colours; "checkpoint" among them."""
    gray: Path
    colour: Path
    original: Path | None
    """None for a print, which has no colours of its own."""
    small: Path
    """In colour, at most `SMALL_SIDE` pixels long."""

    @property
    def name(self) -> str:
        return self.photo.name

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the photograph, in pixels."""
        return self.line.width, self.line.height

    @property
    def incomplete(self) -> bool:
        """Whether a part of the picture is missing."""
        return any(note.kind == "photo_partial" for note in self.notes)


def _read(content: str | bytes, found: Upload, form: Form) -> Opened:
    return read_photo(content, name=found.name, **form.decoding())


@dataclass
class Album:
    """One run: the photographs done, those that failed, and the archive of results, complete after every `add`."""

    folder: Path
    """Folder for its files. It must exist, and no other run may use it."""
    colour: Callable[[Image.Image, Upload], Colorization]
    """A function that colours a photograph; may raise PhotoError, RuntimeError, MemoryError."""
    settings: Mapping[str, Any]
    """The settings that made the colours, for the manifest; "checkpoint" among them."""
    stem: str = "colorized"
    """The archive's name."""
    read: Callable[[str | bytes, Upload, Form], Opened] = _read
    """Decodes a photograph, given its path or bytes, its `Upload` and its `Form`; may raise PhotoError."""
    checkpoint_sha256: str = ""
    form: Form = Form()  # noqa: RUF009  # frozen
    """How photographs are read and written; 16 bits where the scan has them."""
    words: str = ""
    """The words of a visible mark; by default in English."""
    caption_of: Callable[[Upload], Caption] = lambda found: Caption()
    """Returns the caption that a person wrote for a photograph, for its result's metadata. Called after `read`."""
    own: Callable[[Upload], tuple[Form, Mapping[str, Any]] | None] = lambda found: None
    """For a photograph with settings of its own: how it is read and written, and the settings, "checkpoint" among them.
    None for a photograph that uses the album's."""
    planned: Sequence[Upload] = ()
    """All photographs to be added, in order, so that the manifest names those that a stopped run did not reach."""
    done: list[Done] = field(default_factory=list)
    films: dict[Upload, Line] = field(default_factory=dict)
    """The lines of films in the archive, by the photographs that are their frames."""
    failed: list[Failed] = field(default_factory=list)
    _pictures: int = 0
    _finished: bool = False
    """Whether the archive has a manifest."""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    """Held while the archive changes."""

    @property
    def archive(self) -> Path:
        """The ZIP of results; it exists once one photograph is done."""
        return self.folder / f"{self.stem}.zip"

    def add(self, found: Upload, content: str | bytes | PhotoError) -> Done | Failed:
        """Colour one photograph from `content` and add it to the archive, in place of its result, if it has one. A
        failure is recorded and returned."""
        try:
            if isinstance(content, PhotoError):
                raise content
            with self._lock:
                self._take_out()
                result = self._add(found, content)
        except Exception as error:  # no error is a reason to lose the other photographs
            failed = Failed(found.name, why(found.name, error) or _unforeseen(found.name, error), found)
            self.failed.append(failed)
            return failed
        self.done.append(result)
        place = {found: i for i, found in enumerate(self.planned)}
        self.done.sort(key=lambda each: place.get(each.photo, 0))
        return result

    def add_film(self, found: Upload, film: Path, size: tuple[int, int], seconds: float) -> None:
        """Add the film of a photograph that is done to the archive, in place of an earlier one. film: in colour, of
        `size` (width, height), made in `seconds`. Raises PhotoError."""
        frame = next(each.line for each in self.done if each.photo == found)
        digest = sha256(film)
        with self._lock:
            self._take_out(films=[found])
            file = result_name(found.name, film.suffix[1:], self._taken)
            append(self.archive, film, file)
        self.films[found] = replace(
            frame, result=file, width=size[0], height=size[1], seconds=round(seconds, 3), result_sha256=digest,
            date=now(), notes="",
        )  # fmt: skip

    def rest(self) -> list[Upload]:
        """The planned photographs that are not done, in order: not reached, or failed for a reason that may pass."""
        left = {*self.waiting(), *(each.photo for each in self.failed if _may_pass(each.error))}
        return [found for found in self.planned if found in left]

    def go_on(self, form: Form, again: Collection[Upload] = ()) -> list[Upload]:
        """Prepare to colour the rest, and forget its failures; returns it, in order. form: as before, but `partial` may
        differ. again: photographs to colour once more; their results leave the archive. Raises PhotoError."""
        self._take_out(again)
        self.failed = [each for each in self.failed if each.photo not in again]
        rest = self.rest()
        self.failed = [each for each in self.failed if each.photo not in rest]
        self.form = form
        return rest

    def _take_out(self, photos: Collection[Upload] = (), films: Collection[Upload] = ()) -> None:
        """Take the results of photographs with their films, of `films` the film alone, and the manifest out of the
        archive. Raises PhotoError."""
        films = {*photos, *films}
        old = [each.line.result for each in self.done if each.photo in photos]
        old += [line.result for photo, line in self.films.items() if photo in films]
        if old or self._finished:
            with self._lock:
                without(self.archive, [*MANIFEST, *old])
            self._finished = False
        self.done = [each for each in self.done if each.photo not in photos]
        self.films = {photo: line for photo, line in self.films.items() if photo not in films}

    def finish(self, readme: str) -> Path:
        """Add the manifest, as JSON and CSV, and `readme` to the archive. Raises PhotoError if that fails."""
        lines = list(self.lines())
        manifest = as_json(lines).encode(), as_csv(lines), f"{readme}\n".encode()
        with self._lock:
            self._take_out()
            for name, content in zip(MANIFEST, manifest, strict=True):
                append(self.archive, content, name)
                self._finished = True
        return self.archive

    def waiting(self) -> list[Upload]:
        """The planned photographs that were not reached, in order."""
        tried = {each.photo for each in self.done} | {each.photo for each in self.failed}
        return [found for found in self.planned if found not in tried]

    @property
    def _taken(self) -> set[str]:
        """Keys of the names of results in the archive."""
        return {same(line.result) for line in (*(each.line for each in self.done), *self.films.values())}

    def _add(self, found: Upload, content: str | bytes) -> Done:
        start = time.perf_counter()
        own = self.own(found)
        form, settings = own or (self.form, self.settings)
        opened = self.read(content, found, form)
        result = self.colour(corrected(opened.image, form), found)
        caption = self.caption_of(found)
        opened = replace(opened, metadata=captioned(opened.metadata, caption))
        self._take_out([found])
        ending = "-colorized-incomplete" if opened.incomplete else "-colorized"
        file = result_name(found.name, form.format, self._taken, ending)
        full = self.folder / f"full.{form.format}"
        try:
            save_photo_of(result, opened, full, form, words=self.words)
            digests = _sha256_of(content), sha256(full)
            shown = self._pictures_to_look_at(
                result, opened.metadata.predicted
            )  # first, because nothing may fail once it is in the archive
            append(self.archive, full, file)
        finally:
            full.unlink(missing_ok=True)
        made = result.provenance
        told = {**settings, **made.settings, "hints": list(made.hints)} if own else settings
        line = Line(
            found.name, file, "done", "", *opened.image.size, round(time.perf_counter() - start, 3), *digests,
            date=now(), notes=" ".join(map(str, opened.notes)),
            **_made_with(told, made.sha256 if own else self.checkpoint_sha256),
        )  # fmt: skip
        return Done(found, line, opened.notes, caption, made, settings, *shown)

    def lines(self) -> Iterator[Line]:
        """The lines of the manifest: photographs that are done, each with its film, that failed, and that were not
        reached."""
        common = _made_with(self.settings, self.checkpoint_sha256)
        for each in self.as_written():
            title, year, credit = each.caption
            for line in filter(None, (each.line, self.films.get(each.photo))):
                yield replace(line, title=title, year=year, credit=credit)
        for failed in self.failed:
            yield Line(failed.name, "", "failed", str(failed.error), **common)
        for found in self.waiting():
            yield Line(found.name, "")

    def as_written(self) -> list[Done]:
        """The photographs that are done, each with the caption that it has by now."""
        return [each._replace(caption=self.caption_of(each.photo)) for each in self.done]

    def _pictures_to_look_at(self, result: Colorization, coloured: bool) -> tuple[Path, Path, Path | None, Path]:
        self._pictures += 1
        number = self._pictures  # not the photograph's number, because a photograph may be done again
        shrunk = at_most(result.original, SIDE)
        # At the same size, there is nothing to compute.
        large = result if shrunk.size == result.original.size else result.at_size(shrunk)

        def jpeg(kind: str, picture: Image.Image) -> Path:
            path = self.folder / f"{number}-{kind}.jpg"
            with whole_file(path, PhotoError) as partial:
                picture.save(partial, quality=92, subsampling=0)
            return path

        own = has_own_colours(large.original) and not coloured
        original = jpeg("original", large.original) if own else None
        small = jpeg("small", at_most(large.image, SMALL_SIDE))
        return jpeg("gray", large.grayscale), jpeg("colour", large.image), original, small


def _may_pass(error: PhotoError) -> bool:
    """Whether a photograph that failed may be coloured later, or with other settings."""
    return error.kind in MAY_PASS or not error.kind.startswith(IN_THE_FILE)


def _unforeseen(name: str, error: Exception) -> PhotoError:
    """A failure without Python's message, which may name files on this machine; the log has it."""
    log.error("%s could not be coloured", name, exc_info=error)
    reason = error.strerror if isinstance(error, OSError) else ""
    return AlbumError.of("album_failed", name=name, reason=reason or "an unexpected fault")


def _sha256_of(content: str | bytes) -> str:
    return hashlib.sha256(content).hexdigest() if isinstance(content, bytes) else sha256(Path(content))


def _made_with(settings: Mapping[str, Any], sha256: str) -> dict[str, Any]:
    rest = {name: value for name, value in settings.items() if name != "checkpoint"}
    return made_with(str(settings.get("checkpoint", "")), sha256, rest)
