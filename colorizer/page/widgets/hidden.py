"""What is there for those who hear the page or have no mouse: headings, a way past the settings, Gradio's own words."""

from __future__ import annotations

import html
import json

import gradio as gr

from ..i18n.texts import said, text

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
    "Use via API": "gradio_api",
    "Settings": "gradio_settings",
}
"""What Gradio's buttons and messages are called in English, whatever the page's language, and the key of each."""


def unseen_heading(key: str) -> gr.HTML:
    """A heading of the second level that only screen readers find."""
    return gr.HTML(said(lambda: f"<h2>{html.escape(text(key))}</h2>"), elem_classes="unseen")


def skip_link(key: str, to: str) -> gr.HTML:
    """A link to the component `to` that shows itself when the keyboard comes to it; `access.js` follows it."""
    return gr.HTML(said(lambda: f'<a href="#{to}">{html.escape(text(key))}</a>'), elem_classes=["unseen", "skip"])


def gradio_words() -> gr.HTML:
    """Gradio's own words in the language of the page, for `access.js` to put in their place."""

    def words() -> str:
        table = json.dumps({english: text(key) for english, key in GRADIO_WORDS.items()})
        return f'<div id="gradio-words" hidden data-words="{html.escape(table)}"></div>'

    return gr.HTML(said(words), elem_classes="unseen")
