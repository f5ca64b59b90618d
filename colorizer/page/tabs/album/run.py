"""The handlers of the tab for many photos, as plain functions of the values on it.

An album shares the networks with other visitors: it waits for its turn (`Shelf.run`) for every photo. It is not in the
queue in which single photos wait.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import gradio as gr

from colorizer.albums.album import Album, Done
from colorizer.albums.uploads import Upload, contents
from colorizer.colour.readout import DEFAULT_PRESET
from colorizer.errors import PhotoError
from colorizer.files.atomic import unwritten
from colorizer.page.i18n.texts import error_text, plain_errors, refusal, text, translatable, warn
from colorizer.page.serving.disk_budget import disk_budget
from colorizer.page.serving.served_files import served_file
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.roll import Roll, key_of
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.album_view import photos_update
from colorizer.page.widgets.caption_list import captions_update
from colorizer.page.widgets.files import NO_FILE
from colorizer.photo.form import Form

from ..one_photo.wording import describe_checkpoint
from ..tab import Updates
from .films import colour_films, films_update
from .running import Running, forget
from .wording import error_paragraph, errors_table, outcome, preview_of_errors, readme, under_way

if TYPE_CHECKING:
    from PIL import Image

    from colorizer.inference.colorization import Colorization
    from colorizer.photo.open import Opened

NO_FILES: Updates = {
    "zip": gr.update(value=None, interactive=False),
    "sheet": gr.update(interactive=False),
    "deck": gr.update(interactive=False),
    "page": gr.update(interactive=False),
    **NO_FILE,
}
"""No file of an album can be downloaded."""

PATIENCE = 1200
"""Tenths of a second to wait for the photo that was under way when its page was left."""
SELDOM = 5
"""After an update of the page, the next one waits this many times as long as that update took. Updates take longer the
more photos there are."""


@dataclass
class AlbumHandlers:
    """The handlers of the tab, as plain functions of the values on it."""

    shelf: Shelf
    albums: WeakValueDictionary[str, Running] = field(default_factory=WeakValueDictionary)
    """Those of visitors who may come back, by secrets of their browsers. Sessions keep them, up to an hour after their
    page was left."""

    def describe_files(self, paths: Sequence[str] | None, roll: Roll | None = None, known: Any = None) -> str:
        """A summary of the files, as `describe` gives it. roll: the visitor's, which then holds the files' photos.
        known: of those, as `Roll.take_up` takes it."""
        roll = roll or Roll()
        try:
            roll.hold_files(paths or [])
        except PhotoError as error:
            return error_paragraph(error)
        finally:
            roll.take_up(known)
        return self.describe(roll)

    def describe(self, roll: Roll) -> str:
        """A summary of a visitor's photos as HTML: how many there are to colour, and what will be left out."""
        found, left_out = roll.frames(), roll.left_out
        if not found and not left_out:
            return ""
        return translatable(lambda: f"<p>{text('many_ready', count=len(found))}</p>{preview_of_errors(left_out)}")

    def checkpoint_chosen(self, checkpoint: str) -> Updates:
        """Whether there are presets to choose, and the line about a checkpoint."""
        card = self.shelf.card(checkpoint)
        visible = gr.update(visible=card.facts.has_distribution)
        return {"preset": visible, "checkpoint_line": describe_checkpoint(card)}

    def run(
        self,
        running: Running | None,
        paths: Sequence[str] | None,
        checkpoint: str | None,
        preset: str = DEFAULT_PRESET,
        form: Form = Form(),  # noqa: B008  # frozen
        *,
        roll: Roll | None = None,
        key: str = "",
    ) -> Generator[Updates, None, None]:
        """Colour all photos one after the other, and show each when it is done. running: the visitor's album before.
        roll: the visitor's photos, those in the files at `paths` among them. key: a secret of the visitor's browser, by
        which `came` finds the album again.

        Raises gr.Error if it cannot begin. Later errors are part of the updates.
        """
        roll = roll or Roll()
        with plain_errors():
            roll.hold_files(paths or [])
        found, left_out = [frame.upload for frame in roll.frames()], roll.left_out
        if not found and not left_out:
            raise refusal("many_nothing")
        if not checkpoint:
            raise refusal("no_checkpoints")
        with plain_errors():
            self.shelf.colorizer(checkpoint)  # if it is broken, no photo can be coloured
            form.check()
            request = PhotoRequest(checkpoint=checkpoint, preset=preset, form=form)
            stem = stem_of([each.path for each in found] or paths or [])
            album = self._album(request, stem, roll)
        forget(running)
        album.failed.extend(left_out)
        album.planned = found
        running = Running(album, len(found), roll, request)
        if key:
            self.albums[key] = running
        yield from self._steps(running, found)

    def go_on(self, running: Running | None, partial: bool = False) -> Generator[Updates, None, None]:
        """Go on with the photos that a stopped album did not reach, that failed, or that were corrected or captioned
        since, with the same settings. Yields and raises the same as `run`.

        partial: as the page has it now; photos that failed because they are incomplete are then coloured.
        """
        if running is None or running.active:
            return
        album = running.album
        with plain_errors():
            disk_budget().check()
            rest = album.go_on(album.form.changed(partial=partial or album.form.partial), running.changed())
            album.settings = {**album.settings, "partial": True} if partial else album.settings
        running.begin_again()
        yield from self._steps(running, rest)

    def catch_up(self, running: Running) -> Generator[Updates, None, None]:
        """Go on with an album that is `behind` since a reload interrupted it, or colour again the photos that were
        corrected. A film takes longer, so it waits until a visitor wants to go on. Yields and raises the same as
        `run`."""
        if running.resume:
            for _ in range(PATIENCE):
                if not running.active:
                    break
                time.sleep(0.1)
            running.resume = False
            yield from self.go_on(running)
        else:
            with plain_errors():
                disk_budget().check()
            running.begin_again()
            yield from self._steps(running, running.corrected(), again=True)

    def _steps(self, running: Running, found: Sequence[Upload], again: bool = False) -> Generator[Updates, None, None]:
        """again: the photos are done, and films wait."""
        album = running.album
        try:
            yield {
                "running": running,
                "placeholder": gr.update(visible=False),
                "captions": captions_update(running.roll.frames()),
                "view": photos_update(album.done),
                "errors": errors_table(album.failed),
                "button": gr.update(visible=False),
                "stop": gr.update(visible=True),
                "more": gr.update(visible=False),
                "outcome": gr.update(visible=True),
                **NO_FILES,
                "films": films_update(running),
            }
            updated, cost = -math.inf, 0.0
            for photo, content in zip(found, contents(found), strict=True):
                if running.stop.is_set():
                    break
                if updated + SELDOM * cost <= (now := time.monotonic()):
                    handled = min(running.handled(), running.count - 1)
                    status = under_way(photo.name, handled, running.count, now - running.start)
                    yield {"status": status, "view": photos_update(album.done), "errors": errors_table(album.failed)}
                    updated = time.monotonic()
                    cost = updated - now
                with self.shelf.work_lock.turn():
                    done = album.add(photo, content)
                if isinstance(done, Done):
                    running.note(photo, done)
                else:
                    running.roll.cannot_read(key_of(photo), done.error)
            coloured = {each.photo for each in album.done}
            running.films = [film for film in running.films if film in coloured]
            if running.films and again:
                running.stop.set()  # they wait until a visitor wants to go on
            elif running.films:
                yield {"view": photos_update(album.done)}
                yield from colour_films(running, self.shelf)
        finally:  # also if Gradio ends this because the visitor has closed the page
            running.end()
        yield self.finished(running)

    def stopped(self, running: Running | None) -> Updates:
        """Stop after the current photo. If the work has already ended, offer the archive of what is done."""
        if running is None:
            return {}
        running.stop.set()
        return {} if running.active else self.finished(running)

    def came(self, running: Running | None, roll: Roll, key: str | None) -> Updates:
        """Updates for when the visitor comes to the tab. roll: theirs. After a reload, the album that their browser
        began by `key` is theirs again, as long as the server keeps it."""
        kept = self.albums.get(key or "") if running is None else None
        if kept is None or kept.roll is roll or not kept.whole():  # the same photos: this page has just begun it
            return self.looked_at(running)
        kept.come_to(roll)
        shown = {"placeholder": gr.update(visible=False), "outcome": gr.update(visible=True)}
        return {"running": kept, **shown, **self.finished(kept)}

    def looked_at(self, running: Running | None) -> Updates:
        """Updates for when the visitor comes back to the tab, or has written captions: the names of photos, and the
        button that goes on with the rest."""
        if running is None or running.active:
            return {}
        return {"view": photos_update(running.album.as_written()), "more": more_update(running)}

    def finished(self, running: Running) -> Updates:
        """The last updates of an album: the archive of what is done, and how it went."""
        album = running.album
        updates: Updates = {}
        if album.done:
            try:
                album.finish(readme(album))
            except PhotoError as error:  # such as a full disk; the archive keeps what is in it
                warn(error_text(error))
            running.offered = True
            updates = {name: gr.update(interactive=True) for name in ("sheet", "deck", "page")}
            updates["zip"] = gr.update(value=str(album.archive), interactive=True)
        seconds = running.ended - running.start
        key = "many_stopped" if running.films or running.handled() < running.count else "many_done"
        return {
            "captions": captions_update(running.roll.frames()),
            "view": photos_update(album.as_written()),
            "errors": errors_table(album.failed),
            "status": outcome(key, running.coloured(), running.count, seconds),
            "films": films_update(running),
            "button": gr.update(visible=True),
            "stop": gr.update(visible=False),
            "more": more_update(running),
            **updates,
        }

    def _album(self, request: PhotoRequest, stem: str, roll: Roll) -> Album:
        name, form = request.checkpoint, request.form
        assert name
        card = self.shelf.card(name)

        def colour(photo: Image.Image, found: Upload) -> Colorization:
            with unwritten(f"{stem}.zip", PhotoError):
                disk_budget().check()
            return self.shelf.answer_for(roll.of(found).asked(request), photo)

        def own(found: Upload) -> tuple[Form, Mapping[str, object]] | None:
            asked = roll.of(found).asked(request)
            if asked is request:
                return None
            changed = form.read_as(asked.form).changed(partial=form.partial)
            return changed, asked.settings(self.shelf.card(str(asked.checkpoint))) | changed.settings()

        def read(content: str | bytes, found: Upload, form: Form) -> Opened:
            opened = self.shelf.decode(content, found.name, **form.decoding())
            from colorizer.inference.negative import looks_negative  # brings torch

            roll.read(key_of(found), opened.metadata)
            if looks_negative(opened.image):
                return replace(opened, notes=(*opened.notes, PhotoError.of("photo_negative", name=found.name)))
            return opened

        return Album(
            served_file("album").parent,
            colour,
            request.settings(card) | form.settings(),
            stem,
            read,
            card.sha256,
            form,
            text("file_mark_words"),
            lambda found: roll.of(found).caption,
            own,
        )


def more_update(running: Running) -> Any:
    """An update of the button that goes on with the rest."""
    return gr.update(visible=running.rest() > 0, value=text("many_more", count=running.rest()))


def stem_of(paths: Sequence[str]) -> str:
    """The name of an album's files: of its only archive or photo, otherwise "album"."""
    return f"{Path(paths[0]).stem if len(set(paths)) == 1 else 'album'}-colorized"
