"""The visitor's photos at the foot of the page, below all tabs."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ..gradio_private import event_values
from ..i18n.texts import text
from ..session.film import Film
from ..session.shelf import Shelf
from ..widgets.album_input import upload_button
from .parts import QUICK
from .tab import FilmParts


def lay_out_film(parts: FilmParts, shelf: Shelf) -> None:
    """Lay out the strip with a button that adds photos, and connect what belongs to no tab."""
    with gr.Row(elem_id="film-row"):
        add = upload_button(text("film_add"), elem_id="film-add", size="sm", scale=0, min_width=180)
        parts.strip.render()

    def dropped(event: gr.EventData, film: Film) -> dict[Any, Any]:
        film.remove(event_values(event).get("key"))
        return parts.updates(film)

    parts.add_on(add, shelf)
    gone = parts.strip.dropped(dropped, parts.film, [parts.strip, parts.captions], **QUICK)
    parts.changed.append(gone.success)
