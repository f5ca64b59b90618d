"""What happens on the tab for many photographs, as plain functions of what it shows.

An album does not keep the networks to itself: it takes its turn (`Shelf.run`) for every photograph, and is no part of
the queue in which single photographs wait.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr

from colorizer.albums.album import Album, contents, find_photos
from colorizer.architectures.registry import facts
from colorizer.errors import PhotoError
from colorizer.files.atomic import unwritten
from colorizer.page.i18n.texts import explained, said, text
from colorizer.page.i18n.toasts import plain_errors, refusal, warn
from colorizer.page.serving.disk_budget import ROOM
from colorizer.page.serving.served_files import served_file
from colorizer.page.session.request import DEFAULT_PRESET, PhotoRequest, read
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.album_view import showing
from colorizer.page.widgets.made_files import NOTHING_MADE

from ..one_photo.handlers import Updates
from .wording import errors_table, outcome, preview_of_errors, problem, readme, stopping, under_way

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization

NO_FILES: Updates = {
    "zip": gr.update(value=None, interactive=False),
    "sheet": gr.update(interactive=False),
    "deck": gr.update(interactive=False),
    **NOTHING_MADE,
}
"""No file of an album."""

SELDOM = 5
"""How many times longer than it takes to tell the browser how things stand, it is not told again: the more photographs
there are, the longer that takes."""


@dataclass
class Running:
    """One album of one visitor: kept in their session, and by nobody else."""

    album: Album
    count: int
    """Of photographs to colour."""
    left_out: int
    """Of what was not even tried: the first of `album.failed`."""
    stop: threading.Event = field(default_factory=threading.Event)
    active: bool = True
    """Whether a generator is at work on it."""
    start: float = field(default_factory=time.monotonic)
    offered: bool = False
    """Whether its archive was given out; Gradio then deletes it with its other files."""
    left: bool = False
    """Whether its visitor will not come back to it."""

    def handled(self) -> int:
        """Photographs that are done or failed."""
        return len(self.album.done) + len(self.album.failed) - self.left_out

    def end(self) -> None:
        """No generator is at work on it any more."""
        self.active = False
        if self.left and not self.offered:
            shutil.rmtree(self.album.folder, ignore_errors=True)


def forget(running: Running | None) -> None:
    """An album whose visitor has left, or begun another: stop it, and delete what nobody can reach any more."""
    if running is None:
        return
    running.left = True
    running.stop.set()
    if not running.active:
        running.end()


@dataclass
class ManyPhotos:
    """What happens on the tab, as plain functions of what it shows."""

    shelf: Shelf

    def look(self, paths: Sequence[str] | None) -> Updates:
        """What was added, before anything is done with it: how many photographs, and what is left out."""
        if not paths:
            return {"chosen": ""}
        try:
            found, left_out = find_photos(paths)
        except PhotoError as error:
            return {"chosen": problem(error)}
        return {"chosen": said(lambda: f"<p>{text('many_ready', count=len(found))}</p>{preview_of_errors(left_out)}")}

    def run(
        self,
        running: Running | None,
        paths: Sequence[str] | None,
        checkpoint: str | None,
        preset: str = DEFAULT_PRESET,
        suffix: str = "png",
    ) -> Generator[Updates, None, None]:
        """Colour all photographs one after the other, and show each as it comes. running: the visitor's album before.

        Raises gr.Error where there is nothing to begin with; after that, what goes wrong is part of the answer.
        """
        if not paths:
            raise refusal("many_nothing")
        if not checkpoint:
            raise refusal("no_checkpoints")
        with plain_errors():
            found, left_out = find_photos(paths)
            self.shelf.colorizer(checkpoint)  # what is wrong with it is wrong for all
            album = self._album(checkpoint, preset, suffix, stem_of(paths))
        forget(running)
        album.failed.extend(left_out)
        running = Running(album, len(found), len(left_out))
        try:
            yield {
                "running": running,
                "waiting": gr.update(visible=False),
                "view": showing([]),
                "errors": errors_table(left_out),
                "button": gr.update(visible=False),
                "stop": gr.update(visible=True),
                "outcome": gr.update(visible=True),
                **NO_FILES,
            }
            told, cost = running.start, 0.0
            for photo, content in zip(found, contents(found), strict=True):
                if running.stop.is_set():
                    break
                if told + SELDOM * cost <= (now := time.monotonic()):
                    status = under_way(photo.name, running.handled(), running.count, now - running.start)
                    yield {"status": status, "view": showing(album.done), "errors": errors_table(album.failed)}
                    told = time.monotonic()
                    cost = told - now
                with self.shelf.work:
                    album.add(photo, content)
        finally:  # also where Gradio ends this, because the visitor has closed the page
            running.end()
        yield self.finished(running)

    def stopped(self, running: Running | None) -> Updates:
        """Stop after the photograph under way. An album whose work has ended already, because the connection broke, is
        given out."""
        if running is None:
            return {}
        running.stop.set()
        return {"status": stopping()} if running.active else self.finished(running)

    def finished(self, running: Running) -> Updates:
        """The end of an album: the archive of what is done, and what there is to say."""
        album = running.album
        updates: Updates = {}
        if album.done:
            try:
                album.finish(readme(album))
            except PhotoError as error:  # such as a full disk: what is in the archive stays there
                warn(explained(error))
            running.offered = True
            updates = {name: gr.update(interactive=True) for name in ("sheet", "deck")}
            updates["zip"] = gr.update(value=str(album.archive), interactive=True)
        seconds = time.monotonic() - running.start
        key = "many_done" if running.handled() == running.count else "many_stopped"
        return {
            "view": showing(album.done),
            "errors": errors_table(album.failed),
            "status": outcome(key, len(album.done), running.count, seconds),
            "button": gr.update(visible=True),
            "stop": gr.update(visible=False),
            **updates,
        }

    def _album(self, checkpoint: str, preset: str, suffix: str, stem: str) -> Album:
        request = PhotoRequest(checkpoint=checkpoint, preset=preset)
        card = self.shelf.card(checkpoint)

        def colour(photo: Image.Image) -> Colorization:
            with unwritten(f"{stem}.zip", PhotoError):
                ROOM.check()
            return read(self.shelf, request, self.shelf.run(checkpoint, photo))

        settings: dict[str, object] = {"checkpoint": checkpoint}
        if facts(card.architecture).has_distribution:
            settings["preset"] = preset
        settings |= request.numbers(card).numbers(facts(card.architecture))
        folder = served_file("album").parent
        return Album(folder, colour, settings, suffix, stem, self.shelf.decode)


def stem_of(paths: Sequence[str]) -> str:
    """What an album's files are called after: its one archive, or its one photograph."""
    return f"{Path(paths[0]).stem if len(set(paths)) == 1 else 'album'}-colorized"
