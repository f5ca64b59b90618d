"""Parts for screen readers and keyboards: headings, a link past the settings, translations of Gradio's own words."""

from __future__ import annotations

import html
import json

import gradio as gr

from ..i18n.texts import text, translatable

GRADIO_WORDS = {
    "Fullscreen": "gradio_fullscreen",
    "Exit fullscreen mode": "gradio_fullscreen_exit",
    "Remove Image": "gradio_remove",
    "Upload file": "gradio_upload",
    "Capture from camera": "gradio_camera",
    "Paste from clipboard": "gradio_paste",
    "Reset to default value": "gradio_reset",
    "Close": "gradio_close",
    "Gradio footer navigation": "gradio_footer",
    "Error": "gradio_error",
    "Warning": "gradio_warning",
    "Info": "gradio_info",
    "Drop File Here": "gradio_drop",
    "- or -": "gradio_or",
    "Click to Upload": "gradio_choose",
    "common.upload": "gradio_more",  # Gradio 6.31 has no word for it, in any language
    "Clear": "gradio_clear",
    "Use via API": "gradio_api",
    "Settings": "gradio_settings",
    "Display Theme": "gradio_theme",
    "Light": "gradio_light",
    "Dark": "gradio_dark",
    "System": "gradio_system",
}
"""The names of Gradio's buttons and messages, which are always English, and the keys of their translations."""


def hidden_heading(key: str) -> gr.HTML:
    """A heading of the second level, for screen readers only."""
    return gr.HTML(translatable(lambda: f"<h2>{html.escape(text(key))}</h2>"), elem_classes="unseen")


def gradio_words() -> gr.HTML:
    """Translations of Gradio's own words, which `access.js` puts in their place."""

    def words() -> str:
        table = json.dumps({english: text(key) for english, key in GRADIO_WORDS.items()})
        return f'<div id="gradio-words" hidden data-words="{html.escape(table)}"></div>'

    return gr.HTML(translatable(words), elem_classes="unseen")
