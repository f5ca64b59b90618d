"""The album that a visitor's session keeps, and that their next page takes over after a reload."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from colorizer.albums.album import Album, Done
from colorizer.albums.uploads import Upload
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll


@dataclass
class Running:
    """An album of a visitor. Only the sessions of the visitor's pages keep it."""

    album: Album
    count: int
    """The number of photos to colour."""
    roll: Roll = field(default_factory=Roll)
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
    made: dict[Upload, Path] = field(default_factory=dict)
    """Films in colour."""
    pages: int = 1
    """How many pages of its visitor hold it: one more after each reload."""
    resume: bool = False
    """Whether a reload interrupted it, so that it is to go on in the new page."""

    def handled(self) -> int:
        """The number of photos that are done or failed."""
        done, failed = ({each.photo for each in tried} for tried in (self.album.done, self.album.failed))
        return len((done | failed) - {None})

    def coloured(self) -> int:
        """The number of photos and films in colour."""
        return sum(each.photo in self.made or not self.roll.of(each.photo).is_film for each in self.album.done)

    def note(self, photo: Upload, done: Done) -> None:
        """Note in the roll how a photo was coloured; if it is the frame of a film, the film is left to colour."""
        if self.roll.of(photo).is_film and photo not in self.films:
            self.films.append(photo)
            self.made.pop(photo, None)
        self.roll.made(photo, self.roll.of(photo).asked(self.request), done.small)

    def changed(self) -> list[Upload]:
        """Photos that are done, but were corrected or captioned since."""
        frames = [(each, self.roll.of(each.photo)) for each in self.album.done]
        return [each.photo for each, frame in frames if frame.corrected or frame.caption != each.caption]

    def corrected(self) -> list[Upload]:
        """Photos that are done, but were corrected since."""
        return [each.photo for each in self.album.done if self.roll.of(each.photo).corrected]

    def behind(self) -> bool:
        """Whether a reload interrupted it, or photos were corrected since it was done."""
        return self.resume or (not self.active and bool(self.corrected()))

    def whole(self) -> bool:
        """Whether the files of what is done are still there."""
        done = self.album.done
        return all(each.small.exists() for each in done) and (not done or self.album.archive.exists())

    def come_to(self, roll: Roll) -> None:
        """Belong to another page of its visitor too, whose photos `roll` holds. A page that still waits for it gets no
        more than the photo that is under way."""
        roll.join(self.roll)
        self.pages += 1
        self.resume = (self.handled() < self.count or bool(self.films)) and not self.stop.is_set()
        if self.active:
            self.stop.set()
            self.ended = time.monotonic()

    def rest(self) -> int:
        """The number of photos and films that are left to colour."""
        return len({*self.album.rest(), *self.changed(), *self.films})

    def begin_again(self) -> None:
        """Note that a generator works on it again."""
        self.stop.clear()
        self.active = True
        self.start += time.monotonic() - self.ended

    def end(self) -> None:
        """Note that no generator works on it any more. Deletes its files if its visitor has left and they cannot be
        downloaded."""
        self.active = False
        self.ended = time.monotonic()
        if self.left and not self.offered:
            shutil.rmtree(self.album.folder, ignore_errors=True)


def forget(running: Running | None) -> None:
    """A page has left an album, or begun another. Stop one that no other page has, and delete its files unless they can
    be downloaded."""
    if running is None:
        return
    running.pages -= 1
    if running.pages:
        return
    running.left = True
    running.stop.set()
    if not running.active:
        running.end()
