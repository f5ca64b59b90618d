"""The films of an album. Each is coloured after the photos, like its frame in the album, in a process that yields to
all visitors; one at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.albums.uploads import Failed
from colorizer.errors import PhotoError, UserError
from colorizer.files.names import ENDING, shortened
from colorizer.films.job import SIDE, Job
from colorizer.page.i18n.texts import error_text, warn
from colorizer.page.serving.disk_budget import disk_budget
from colorizer.page.session.request import to_hints
from colorizer.page.session.shelf import Shelf
from colorizer.runtime.turns import NobodyWaits, Turns

from ..tab import Updates
from .running import Running
from .wording import errors_table, film_under_way

HEIGHT = 1080
"""Most rows of a film that is made on the page."""
UPDATE_SECONDS = 0.5
"""Seconds between two updates of the page."""
_in_turn = Turns(1)


def most_seconds() -> float:
    """How long a film may be: a minute, unless the host says otherwise by $COLORIZER_FILM_SECONDS."""
    return float(os.environ.get("COLORIZER_FILM_SECONDS", "60"))


def colour_films(running: Running, shelf: Shelf) -> Generator[Updates, None, None]:
    """Colour the films that are left, and offer each for download when it is done."""
    while running.films and not running.stop.is_set():
        upload = running.films[0]
        yield {"status": film_under_way(upload.name, 0.0)}
        try:
            with _in_turn.taken(1, running.stop.is_set):
                yield from _coloured(running, shelf)
        except NobodyWaits:
            return
        except (UserError, ValueError, OSError) as error:
            if isinstance(error, UserError) and error.kind:
                failed = PhotoError.of(error.kind, **error.values)
            else:
                failed = PhotoError(error_text(error))
            running.album.failed.append(Failed(upload.name, failed, upload))
            running.films.remove(upload)
            yield {"errors": errors_table(running.album.failed)}


def _coloured(running: Running, shelf: Shelf) -> Generator[Updates, None, None]:
    from colorizer.films.reader import Film  # brings torch

    upload, begun, shown = running.films[0], time.monotonic(), 0.0
    first: tuple[float, float] | None = None
    request = running.roll.of(upload).asked(running.request)
    card = shelf.card(str(request.checkpoint))
    disk_budget().check()
    target = _free(running, Path(upload.name).stem)
    hints = tuple(to_hints(request.points, (SIDE, SIDE)) if card.facts.takes_hints else ())
    job = Job(card.path, Path(upload.path), target, shelf.readout(request, card), most_seconds(), HEIGHT, hints)
    with closing(job.run(running.stop.is_set)) as steps:
        while True:
            try:
                share = next(steps)
            except StopIteration as ended:
                notes = ended.value
                break
            now = time.monotonic()
            if share == 0:  # its process takes some seconds to start, whatever the film's length
                begun = now
            if share and now > shown + UPDATE_SECONDS:
                # Before the first frame is done, those after it are looked at, so time counts from there.
                first, shown = first or (now, share), now
                yield {"status": film_under_way(upload.name, share, now - first[0], share - first[1])}
    if notes is None:  # it was stopped
        return
    for note in notes:
        warn(error_text(note))
    film = Film.open(target)
    try:
        running.album.add_film(upload, target, (film.width, film.height), time.monotonic() - begun)
    except PhotoError:
        target.unlink()
        raise
    running.films.remove(upload)
    running.made[upload] = target
    yield {"films": films_update(running)}


def films_update(running: Running) -> Any:
    """An update: the films to download."""
    return gr.update(value=[str(path) for path in running.made.values()], visible=bool(running.made))


def _free(running: Running, stem: str) -> Path:
    """The path of a film to make, which no other film of the album has."""
    ending = f"{ENDING}.mp4"
    names = (f"{stem}{'' if number == 1 else f'-{number}'}" for number in range(1, 1 << 30))
    paths = (running.album.folder / (shortened(name, ending) + ending) for name in names)
    return next(path for path in paths if path not in running.made.values())
