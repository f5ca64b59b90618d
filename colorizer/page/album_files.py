"""Files of an album that are made when they are asked for: a contact sheet, a PowerPoint deck."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
from PIL import Image

from ..albums import Album, Done, rows
from ..photo import save_photo
from .album_run import Running
from .album_words import guess, speaker_notes
from .components import served_file
from .handlers import Updates, plain_errors
from .texts import text


def sheet(running: Running | None) -> Updates:
    """The contact sheet, PNG: each photograph in gray and in colour. Raises gr.Error."""
    from ..figures import pairs_sheet  # with its fonts, which the page must not wait for

    def make(album: Album, target: Path) -> None:
        captions = (text("grayscale"), text("predicted"))
        made = pairs_sheet(rows(album.done), captions, text("many_results"), guess(album))
        save_photo(made, target, checkpoint=album.settings["checkpoint"])

    return _made(running, "-sheet.png", make)


def deck(running: Running | None, progress: Callable[[float], None] | None = None) -> Updates:
    """The PowerPoint deck: a slide for each photograph. progress: told the share done, 0 to 1. Raises gr.Error."""
    from ..figures import Slide, write_deck

    def slides(album: Album) -> Iterator[Slide]:
        for i, done in enumerate(album.done):
            if progress:
                progress(i / len(album.done))
            yield Slide(Path(done.name).stem, list(_panes(done)), speaker_notes(album, done), guess(album))

    def make(album: Album, target: Path) -> None:
        write_deck(slides(album), target, text("many_results"), guess(album))

    return _made(running, ".pptx", make)


def _panes(done: Done) -> Iterator[tuple[str, Image.Image]]:
    for key, path in (("grayscale", done.gray), ("predicted", done.colour), ("original", done.original)):
        if path is not None:
            with Image.open(path) as picture:
                picture.load()
            yield text(key), picture


def _made(running: Running | None, ending: str, make: Callable[[Album, Path], None]) -> Updates:
    if running is None or not running.album.done:
        raise gr.Error(text("many_nothing"), print_exception=False)
    with plain_errors():
        target = served_file(f"{running.album.stem}{ending}")
        make(running.album, target)
    again = gr.update(value=str(target), visible=True, label=text("export_again", name=target.name))
    return {"made": again, "making": text("export_done", name=target.name)}
