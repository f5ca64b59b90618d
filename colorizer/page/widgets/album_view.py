"""Photographs in colour as they come, in a grid. On its own, because Gradio writes a stub (.pyi) beside every
component's file; what it does in the browser is in `album_view.js`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.albums.album import Done

from ..i18n.texts import text
from ..serving.served_files import as_file
from .translated_html import Worded

SCRIPT = (Path(__file__).parent / "album_view.js").read_text(encoding="utf-8")

TEMPLATE = """
<ul class="album-grid" data-say="many_results@aria-label"></ul>
<dialog class="album-large" data-say="many_results@aria-label">
<div class="album-stage">
<img class="album-colour" alt=""><img class="album-gray" alt="">
<span class="album-line" aria-hidden="true"></span>
<input type="range" min="0" max="100" value="50" data-say="side_divider@aria-label">
</div>
<p class="album-caption"><b></b> <span></span></p>
<div class="album-buttons">
<button type="button" class="album-previous" aria-keyshortcuts="p" data-say="many_previous"></button>
<button type="button" class="album-next" aria-keyshortcuts="n" data-say="many_next"></button>
<button type="button" class="album-close" data-say="many_close"></button>
</div>
</dialog>
"""

WORDS = (
    "many_results", "many_enlarge", "many_previous", "many_next", "many_close", "side_divider", "grayscale_alt",
    "predicted_alt",
)  # fmt: skip


class AlbumView(Worded):
    """A grid of photographs in colour, each with its name; a click shows one large, with a slider between gray and
    colour, and the next and previous by button or N and P. What is there already stays as it is when others come."""

    def __init__(self, **options: Any):
        super().__init__([], keys=WORDS, template=TEMPLATE, script=SCRIPT, **options)

    def postprocess(self, value: Any) -> Any:
        """Photographs, as `showing` has them."""
        return list(value or [])

    def api_info(self) -> dict[str, Any]:
        """Photographs, for the private endpoints."""
        return {"type": "array", "items": {"type": "object"}}


def showing(done: Sequence[Done]) -> Any:
    """An update: the photographs to show."""
    return gr.update(value=[_shown(each) for each in done])


def _shown(done: Done) -> dict[str, Any]:
    files = {"small": done.small, "gray": done.gray, "colour": done.colour}
    width, height = done.size
    return {
        "name": done.name,
        "about": text("many_about", width=width, height=height, seconds=done.seconds),
        "ratio": width / height,
        **{kind: as_file(path) for kind, path in files.items()},
    }
