"""The content of the stage before there is a photo: a historic print beside its colours, made beforehand."""

from __future__ import annotations

import html
from pathlib import Path

import gradio as gr

from colorizer.page.i18n.texts import text, translatable

PICTURES = Path(__file__).parents[1] / "pictures" / "first"
"""`python -m benchmarks first_pictures` makes them."""
SIZE = (768, 621)


def first_sight() -> gr.HTML:
    """The print, uncovered by a line that moves once, or stands still for visitors who want no motion."""
    gr.set_static_paths(PICTURES)
    return gr.HTML(translatable(_written), js_on_load=None, elem_id="first")


def _written() -> str:
    width, height = SIZE
    size = f'width="{width}" height="{height}"'
    gray, colour = (
        f'<img src="gradio_api/file={(PICTURES / name).as_posix()}.webp" {size} alt="{alt}">'
        for name, alt in (("gray", html.escape(text("first_alt"))), ("colour", ""))
    )
    return (
        f'<figure id="waiting"><div class="first-view">{gray}<div class="first-over">{colour}</div>'
        f'<i class="first-line"></i></div><figcaption>{html.escape(text("first_caption"))}</figcaption></figure>'
    )
