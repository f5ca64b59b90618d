"""Files of an album that are made when they are asked for: a contact sheet, a PowerPoint deck."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from colorizer.albums.album import Album, Done, rows
from colorizer.page.i18n.texts import text
from colorizer.page.i18n.toasts import refusal
from colorizer.page.serving.served_files import served_file
from colorizer.page.widgets.made_files import Tell
from colorizer.photo.save import save_photo

from .run import Running
from .wording import guess_of, notes_of


def sheet(running: Running | None) -> Path:
    """The contact sheet, PNG: each photograph in gray and in colour, where Gradio may serve it. Raises gr.Error,
    PhotoError, FileNotFoundError."""
    from colorizer.figures import pairs_sheet  # with its fonts, which the page must not wait for

    album = _begun(running)
    captions = (text("grayscale"), text("predicted"))
    made = pairs_sheet(rows(album.done), captions, text("many_results"), guess_of(album))
    return save_photo(made, served_file(f"{album.stem}-sheet.png"), checkpoint=album.settings["checkpoint"])


def deck(running: Running | None, tell: Tell = lambda _: None) -> Path:
    """The PowerPoint deck: a slide for each photograph. Raises as `sheet`."""
    from colorizer.figures import Slide, write_deck

    album = _begun(running)

    def slides() -> Iterator[Slide]:
        for i, done in enumerate(album.done):
            tell(i / len(album.done))
            yield Slide(Path(done.name).stem, list(_panes(done)), notes_of(album, done), guess_of(album))

    return write_deck(slides(), served_file(f"{album.stem}.pptx"), text("many_results"), guess_of(album))


def _panes(done: Done) -> Iterator[tuple[str, Image.Image]]:
    for key, path in (("grayscale", done.gray), ("predicted", done.colour), ("original", done.original)):
        if path is not None:
            with Image.open(path) as picture:
                picture.load()
            yield text(key), picture


def _begun(running: Running | None) -> Album:
    if running is None or not running.album.done:
        raise refusal("many_nothing")
    return running.album
