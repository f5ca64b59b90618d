"""The photographs of one visitor, which all tabs share."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path
from typing import Any, TypeVar

from colorizer.albums.uploads import Failed, Upload, check_album, contents, find_uploads
from colorizer.colour.readout import PRESETS, Readout
from colorizer.errors import PhotoError
from colorizer.files.names import is_film
from colorizer.photo.caption import Caption, caption_of
from colorizer.photo.metadata import Metadata

from ..gradio_private import visitor_left
from ..serving.served_files import cached_file
from .request import PhotoRequest, request_from
from .shelf import Shelf

T = TypeVar("T")

ALL = "*"
"""Stands for the keys of all photographs."""


@dataclass(frozen=True)
class Frame:
    """One photograph."""

    upload: Upload
    caption: Caption = field(default_factory=Caption)
    """The visitor's words; for fields that the visitor did not write, those of its file."""
    own: frozenset[str] = frozenset()
    """The fields of the caption that the visitor wrote, or emptied."""
    heard: bool = False
    """Whether the metadata of its file were read."""
    request: PhotoRequest | None = None
    """Its request on the first tab, with its corrections; None if it was not there."""
    made: PhotoRequest | None = None
    """The request with which the album coloured it last; None if it did not."""
    small: Path | None = None
    """A small picture of it in colour."""
    written: str | None = None
    """Path of its file, if it came in an archive and was written."""
    unread: PhotoError | None = None
    """Why it cannot be read, once that was found out."""

    @property
    def path(self) -> str | None:
        """Path of its file, if it has one."""
        return self.written if self.upload.entry else self.upload.path

    @property
    def corrected(self) -> bool:
        """Whether the first tab shows it in other colours than the album."""
        return self.request is not None and self.made is not None and bare(self.request) != bare(self.made)

    def asked(self, request: PhotoRequest) -> PhotoRequest:
        """Its request in an album whose photographs are coloured by `request`: that of the first tab if it was
        corrected there, or is a film with settings that an album has not, else the album's."""
        own = self.request
        if own is None or bare(own) == bare(request):
            return request
        beyond = self.is_film and (own.preset not in PRESETS or own.like != "nothing")
        return own if own.points or self.made or beyond else request

    @property
    def is_film(self) -> bool:
        """Whether it stands for a film, by a frame of its beginning."""
        return self.upload.entry is None and is_film(self.upload.name)

    @property
    def key(self) -> str:
        """A key that is the same for the same file, or the same entry of the same archive."""
        return key_of(self.upload)

    @property
    def title(self) -> str:
        """Its title, or its file's name."""
        return self.caption.line(Path(self.upload.name).stem)


class Roll:
    """A visitor's photographs, in the order in which they came. It lives in a gr.State, and changes in place: events of
    several tabs may be under way at once."""

    def __init__(self) -> None:
        self.left_out: list[Failed] = []
        """The files and entries of the album that are no photographs."""
        self._taken_away: Counter[str] = Counter()
        """How often the photo of a tab was taken away."""
        self._frames: dict[str, Frame] = {}
        self._album: list[str] = []
        self._gone: dict[str, Frame] = {}
        """Photographs whose files are no longer among the album's. If they come again, they are as they were."""
        self._removed: dict[str, str] = {}
        """The photographs that the visitor let go: the paths of their files by key."""
        self._lock = threading.RLock()

    def __deepcopy__(self, memo: Any) -> Roll:
        """Gradio copies the roll that a page is laid out with, an empty one, for each visitor."""
        return Roll()

    def join(self, other: Roll) -> None:
        """Be the same roll as `other` from now on, with this one's photographs too. Events that are under way have
        either."""
        other.include(self.frames())
        self.__dict__ = vars(other)

    def include(self, frames: Sequence[Frame]) -> None:
        """Add those of another roll's photographs that are not here."""
        with self._lock:
            for frame in frames:
                self._frames.setdefault(frame.key, frame)

    def take_away(self, tab: str) -> None:
        """Note that a tab has no photo any more."""
        self._taken_away[tab] += 1

    def until_taken_away(self, tab: str, steps: Iterator[T]) -> Iterator[T]:
        """The steps of work on a tab's photo; the rest is left out once it is taken away. Gradio by itself cancels only
        work of which the browser knows that it has begun."""
        before = self._taken_away[tab]
        return takewhile(lambda _: self._taken_away[tab] == before, steps)

    def frames(self) -> list[Frame]:
        """All photographs."""
        with self._lock:
            return list(self._frames.values())

    def get(self, key: object) -> Frame | None:
        """The photograph with a key; None if there is none."""
        with self._lock:
            return self._frames.get(str(key))

    def at(self, path: str | None) -> Frame | None:
        """The photograph whose file is at a path; None if there is none."""
        with self._lock:
            return next((frame for frame in self._frames.values() if path and frame.path == path), None)

    def add(self, uploads: Sequence[Upload]) -> bool:
        """Add photographs, each once; returns whether there were new ones. Raises AlbumError for more than an album
        has."""
        keyed = {key_of(upload): upload for upload in uploads}
        with self._lock:
            new = {key: self._gone.get(key, Frame(upload)) for key, upload in keyed.items() if key not in self._frames}
            check_album([frame.upload for frame in (self._frames | new).values()])
            self._removed = {key: path for key, path in self._removed.items() if key not in new}
            self._gone = {key: frame for key, frame in self._gone.items() if key not in new}
            self._frames |= new
            return bool(new)

    def add_files(self, paths: Sequence[str]) -> list[Failed]:
        """Add the photographs in files and archives; returns what was left out. Raises AlbumError."""
        found, left_out = find_uploads(paths)
        self.add(found)
        return left_out

    def hold_files(self, paths: Sequence[str]) -> None:
        """Hold the photographs in the album's files and archives, and drop those of files that are no longer there.
        Raises AlbumError."""
        with self._lock:
            if set(self._album) == set(paths):
                return
            found, left_out = find_uploads(paths)
            gone = set(self._album) - set(paths)
            self._gone |= {key: each for key, each in self._frames.items() if each.upload.path in gone}
            self._frames = {key: each for key, each in self._frames.items() if each.upload.path not in gone}
            self.add([each for each in found if key_of(each) not in self._removed])
            self._album, self.left_out = list(paths), left_out

    def loose(self) -> list[str]:
        """The paths of files with photographs that are not among the album's."""
        with self._lock:
            return [
                *dict.fromkeys(frame.upload.path for frame in self.frames() if frame.upload.path not in self._album)
            ]

    def album(self) -> list[str]:
        """The paths of the album's files, but for those whose photographs the visitor let go."""
        with self._lock:
            held, let_go = {frame.upload.path for frame in self.frames()}, {*self._removed.values()}
            return [path for path in self._album if path in held or path not in let_go]

    def removed(self) -> list[str]:
        """The keys of the photographs that the visitor let go."""
        with self._lock:
            return [*self._removed]

    def take_up(self, known: Any) -> None:
        """Take up what the browser kept of photographs that came back. known: by the SHA-256 of a file {"request",
        "made"}, its request on the first tab, and the one with which the album coloured it; and "gone", the keys of
        those that were let go from archives."""
        gone = known.get("gone") if isinstance(known, dict) else None
        for key in gone if isinstance(gone, list) else ():
            self.remove(key)
        frames = [frame for frame in self.frames() if isinstance(known, dict) and frame.request is None]
        for frame, content in zip(frames, contents([frame.upload for frame in frames]), strict=True):
            with suppress(OSError):
                data = content if isinstance(content, bytes) else Path(str(content)).read_bytes()
                said = known.get(hashlib.sha256(data).hexdigest())
                if isinstance(said, dict):
                    request, made = (request_from(said.get(name), frame.key) for name in ("request", "made"))
                    self._amend(frame.key, request=request, made=made)

    def _amend(self, key: object, **changes: Any) -> None:
        """Change what is known of a photograph, if it is still here."""
        with self._lock:
            if (frame := self.get(key)) is not None:
                self._frames[frame.key] = replace(frame, **changes)

    def remove(self, key: object) -> None:
        """Let a photograph go, though its file may be among the album's."""
        with self._lock:
            if frame := self._frames.pop(str(key), None):
                self._removed[frame.key] = frame.upload.path

    def note(self, request: PhotoRequest) -> bool:
        """Note how the first tab shows a photograph, which is added if it is new; returns whether it was. Raises
        AlbumError."""
        assert request.path
        with self._lock:
            frame = self.at(request.path)
            new = frame is None
            if frame is None:
                frame = Frame(Upload(Path(request.path).name, request.path))
                self.add([frame.upload])
            self._frames[frame.key] = replace(frame, request=replace(request, view="", sides={}), unread=None)
            return new

    def write(self, key: object, name: str, words: object) -> None:
        """Write a title, a year or a credit; with the key `ALL`, that of all photographs. Raises ValueError for another
        field."""
        with self._lock:
            for frame in self.frames() if key == ALL else filter(None, [self.get(key)]):
                caption = frame.caption.with_field(name, words)
                self._frames[frame.key] = replace(frame, caption=caption, own=frame.own | {name})

    def read(self, key: object, said: Metadata) -> bool:
        """Fill a photograph's caption from its file's metadata, except the fields that the visitor wrote; returns
        whether it changed."""
        with self._lock:
            if (frame := self.get(key)) is None:
                return False
            found = {name: words for name, words in caption_of(said).fields().items() if name not in frame.own}
            self._frames[frame.key] = replace(frame, caption=frame.caption._replace(**found), heard=True)
            return self._frames[frame.key].caption != frame.caption

    def cannot_read(self, key: object, reason: PhotoError) -> None:
        """Note why a photograph cannot be read."""
        self._amend(key, unread=reason)

    def hear(self, shelf: Shelf) -> bool:
        """Read the metadata of photographs that were added, without decoding them; returns whether a caption changed,
        or one cannot be read. Raises gr.Error if the visitor leaves meanwhile."""
        frames, left, changed = [frame for frame in self.frames() if not frame.heard], visitor_left(), False
        for frame, content in zip(frames, contents([frame.upload for frame in frames]), strict=True):
            said = Metadata()
            try:
                if isinstance(content, PhotoError):
                    raise content
                said = shelf.said(content, frame.upload.name, left)
            except PhotoError as error:
                self.cannot_read(frame.key, error)
                changed = True
            changed |= self.read(frame.key, said)
        return changed

    def made(self, upload: Upload, request: PhotoRequest, small: Path) -> None:
        """Note how the album coloured a photograph. small: a small picture of it. Another request that the first tab
        showed before no longer counts as a correction."""
        with self._lock:
            if (frame := self.get(key_of(upload))) is not None:
                own = frame.request if frame.request is request else None
                self._frames[frame.key] = replace(frame, made=request, small=small, request=own, unread=None)

    def of(self, upload: Upload) -> Frame:
        """The photograph of an upload; if it was removed, as it came."""
        return self.get(key_of(upload)) or Frame(upload)

    def path_of(self, frame: Frame) -> str:
        """The path of a photograph's file, in Gradio's cache; a photograph in an archive is written there. Raises
        PhotoError."""
        if frame.upload.entry is None:
            return frame.upload.path
        content = next(iter(contents([frame.upload])))
        if isinstance(content, PhotoError):
            raise content
        assert isinstance(content, bytes)
        path = cached_file(content, Path(frame.upload.name).name)
        self._amend(frame.key, written=path)
        return path


def bare(request: PhotoRequest) -> PhotoRequest:
    """The fields of a request that change the picture, so that two can be compared."""
    return PhotoRequest(
        checkpoint=request.checkpoint,
        preset=request.preset,
        form=request.form.until("colouring").changed(partial=False),
        sliders=Readout() if request.preset in PRESETS and request.like == "nothing" else request.sliders,
        like=request.like,
        reference=request.reference if request.like == "picture" else None,
        palette=tuple(request.palette) if request.like == "palette" else (),
        points=tuple(dict(point) for point in request.points),
    )


def key_of(upload: Upload) -> str:
    """The key of an upload's frame."""
    entry = (upload.entry.name, upload.entry.at) if upload.entry else ()
    return hashlib.sha256(repr((upload.path, *entry)).encode()).hexdigest()[:16]
