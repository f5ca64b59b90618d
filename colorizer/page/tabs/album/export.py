"""Files of an album that are made on demand: a contact sheet, a PowerPoint deck, a web page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from colorizer.albums.album import Album, Done
from colorizer.page.i18n.texts import error_text, refusal, text, warn
from colorizer.page.serving.served_files import served_file
from colorizer.page.widgets.files import Progress, web_words
from colorizer.photo.save import save_photo

from .running import Running
from .wording import guess_of, notes_of

if TYPE_CHECKING:
    from colorizer.figures.slide import Exhibit


def sheet(running: Running | None) -> Path:
    """Make the contact sheet, a PNG with each photo in gray and in colour; returns its path, which Gradio may serve.
    Raises gr.Error, PhotoError, FileNotFoundError."""
    from colorizer.figures.fonts import problem_with  # which the page must not wait for
    from colorizer.figures.sheets import pairs_sheet

    album = _begun(running)
    found = (problem_with(each.name, each.caption.line(each.name)) for each in album.as_written())
    for problem in list(filter(None, found))[:3]:
        warn(error_text(problem))
    made = pairs_sheet(_exhibits(album), text("many_results"), guess_of(album))
    return save_photo(made, served_file(f"{album.stem}-sheet.png"), checkpoint=album.settings["checkpoint"])


def deck(running: Running | None, progress: Progress = lambda _: None) -> Path:
    """Make the PowerPoint deck, a slide for each photo; returns its path. Raises the same as `sheet`."""
    from colorizer.figures.deck import write_deck

    album = _begun(running)
    target = served_file(f"{album.stem}.pptx")
    return write_deck(_exhibits(album, progress), target, text("many_results"), guess_of(album))


def page(running: Running | None, progress: Progress = lambda _: None) -> Path:
    """Make the web page of all photos, one file; returns its path. Raises the same as `sheet`."""
    from colorizer.figures.web_page import write_web_page

    album = _begun(running)
    target = served_file(f"{album.stem}.html")
    return write_web_page(_exhibits(album, progress), target, text("many_results"), web_words())


def _exhibits(album: Album, progress: Progress = lambda _: None) -> Iterator[Exhibit]:
    from colorizer.figures.slide import Exhibit

    for i, done in enumerate(album.as_written()):
        progress(i / len(album.done))
        yield Exhibit(
            done.caption.line(Path(done.name).stem),
            list(_panes(done)),
            guess_of(album, done),
            done.caption.credit,
            notes_of(done).split("\n"),
            text("export_sha256", sha256=done.made.sha256),
        )


def _panes(done: Done) -> Iterator[tuple[str, Image.Image]]:
    colour = "side_hinted" if done.made.hints else "in_colour"
    for key, path in (("grayscale", done.gray), (colour, done.colour), ("original", done.original)):
        if path is not None:
            with Image.open(path) as picture:
                picture.load()
            yield text(key), picture


def _begun(running: Running | None) -> Album:
    if running is None or not running.album.done:
        raise refusal("many_nothing")
    return running.album
