"""A grid of coloured photos that grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from colorizer.albums.album import Done

from ...i18n.texts import text, translatable, translated
from ...serving.served_files import as_file
from ...session.roll import key_of
from ..translated_html import TranslatedList

TEMPLATE = """
<ul class="album-grid" data-say="many_results@aria-label"></ul>
<dialog class="album-large" data-say="many_results@aria-label">
<div class="album-stage">
<img class="album-colour" alt=""><img class="album-gray divider-over" alt="">
<span class="divider-line" aria-hidden="true"></span>
<input type="range" min="0" max="100" value="50" data-say="side_divider@aria-label">
</div>
<p class="album-caption"><b></b> <span></span></p>
<div class="album-buttons">
<button type="button" class="album-previous" aria-keyshortcuts="p" data-say="many_previous"></button>
<button type="button" class="album-next" aria-keyshortcuts="n" data-say="many_next"></button>
<button type="button" class="album-correct" data-say="many_correct"></button>
<button type="button" class="album-close" data-say="many_close"></button>
</div>
</dialog>
"""

WORDS = (
    "many_results", "many_enlarge", "many_previous", "many_next", "many_close", "many_correct", "side_divider",
    "grayscale_alt", "in_colour_alt",
)  # fmt: skip


class AlbumView(TranslatedList):
    """A grid of coloured photos with their names. A click shows one large, with a divider between gray and colour;
    buttons and the keys N and P go to the next and previous one. Photos that are added leave the others as they are.
    Event "correct": a visitor wants to correct the one with {"key"}."""

    keys = WORDS
    template = TEMPLATE
    scripts = ("album_view/album_view.js",)

    def __init__(self, **options: Any):
        super().__init__([], **options)


def photos_update(done: Sequence[Done]) -> Any:
    """An update: the photos to show."""
    return gr.update(value=[_shown(each) for each in done])


def _shown(done: Done) -> dict[str, Any]:
    files = {"small": done.small, "gray": done.gray, "colour": done.colour}
    width, height = done.size
    about = [text("many_about", width=width, height=height, seconds=done.line.seconds)]
    if done.incomplete:
        about.append(text("partial_note"))
    if done.caption.credit:
        about.append(done.caption.credit)
    return {
        "key": key_of(done.photo),
        "name": done.caption.line(done.name),
        "about": translatable(lambda: " · ".join(map(translated, about))),
        "ratio": width / height,
        **{kind: as_file(path) for kind, path in files.items()},
    }
