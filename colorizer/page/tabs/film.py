"""The visitor's photos at the foot of the page, below all tabs."""

from __future__ import annotations

from typing import Any

import gradio as gr

from colorizer.files.names import SUFFIXES

from ..gradio_private import event_values
from ..i18n.texts import error_text, text
from ..i18n.toasts import plain_errors, warn
from ..session.film import Film
from ..session.shelf import Shelf
from .parts import QUICK, SILENT
from .tab import FilmParts

MOST_SAID = 3
"""The most refused files of which the page says why: an archive may hold hundreds."""


def lay_out_film(parts: FilmParts, shelf: Shelf) -> None:
    """Lay out the strip with a button that adds photos, and connect what belongs to no tab."""
    with gr.Row(elem_id="film-row"):
        add = gr.UploadButton(
            text("film_add"),
            file_count="multiple",
            file_types=["image", ".zip", *sorted(SUFFIXES)],
            elem_id="film-add",
            size="sm",
            scale=0,
            min_width=180,
        )
        parts.strip.render()

    def added(files: list[str] | None, film: Film) -> dict[Any, Any]:
        with plain_errors():
            for refused in film.add_files(files or [])[:MOST_SAID]:
                warn(error_text(refused.error))
        return parts.updates(film)

    def dropped(event: gr.EventData, film: Film) -> dict[Any, Any]:
        film.remove(event_values(event).get("key"))
        return parts.updates(film)

    shown = [parts.strip, parts.captions]
    parts.hear_after(add.upload(added, [add, parts.film], shown, **SILENT), shelf)
    parts.strip.dropped(dropped, parts.film, shown, **QUICK)
