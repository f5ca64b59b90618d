"""The album that a visitor's session keeps."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from colorizer.albums.album import Album
from colorizer.albums.results import Done
from colorizer.albums.uploads import Upload
from colorizer.files.names import is_film
from colorizer.page.session.film import Film
from colorizer.page.session.request import PhotoRequest


@dataclass
class Running:
    """An album of a visitor. Only the visitor's session keeps it."""

    album: Album
    count: int
    """The number of photos to colour."""
    left_out: int
    """The number of files that were not tried; they come first in `album.failed`."""
    film: Film = field(default_factory=Film)
    """The visitor's photos."""
    request: PhotoRequest = field(default_factory=PhotoRequest)
    """How the photos without corrections are coloured."""
    stop: threading.Event = field(default_factory=threading.Event)
    active: bool = True
    """Whether a generator is working on it."""
    start: float = field(default_factory=time.monotonic)
    """When it began, on the clock of `time.monotonic`; later by the time for which it was stopped."""
    ended: float = 0.0
    """When it ended, or was stopped."""
    offered: bool = False
    """Whether its archive can be downloaded; Gradio then deletes it with its other files."""
    left: bool = False
    """Whether its visitor has left, or begun another album."""
    films: list[Upload] = field(default_factory=list)
    """Films whose frame is coloured, and that are left to colour."""
    made: list[Path] = field(default_factory=list)
    """Films in colour."""

    def handled(self) -> int:
        """The number of photos that are done or failed."""
        return len(self.album.done) + len(self.album.failed) - self.left_out

    def note(self, photo: Upload, done: Done) -> None:
        """Note in the film how a photo was coloured; if it is the frame of a film, the film is left to colour."""
        if photo.entry is None and is_film(photo.name) and photo not in self.films:
            self.films.append(photo)
        self.film.made(photo, self.film.of(photo).asked(self.request), done.small)

    def changed(self) -> list[Upload]:
        """Photos that are done, but were corrected or captioned since."""
        done = [(each, self.film.of(each.photo)) for each in self.album.done if each.photo]
        return [each.photo for each, frame in done if each.photo and (frame.corrected or frame.caption != each.caption)]

    def rest(self) -> int:
        """The number of photos and films that are left to colour."""
        return len(self.album.rest()) + len({*self.changed(), *self.films})

    def end(self) -> None:
        """Note that no generator works on it any more. Deletes its files if its visitor has left and they cannot be
        downloaded."""
        self.active = False
        self.ended = time.monotonic()
        if self.left and not self.offered:
            shutil.rmtree(self.album.folder, ignore_errors=True)


def forget(running: Running | None) -> None:
    """Stop an album whose visitor has left, or begun another, and delete its files unless they can be downloaded."""
    if running is None:
        return
    running.left = True
    running.stop.set()
    if not running.active:
        running.end()
