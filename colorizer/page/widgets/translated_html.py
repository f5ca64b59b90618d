"""The base classes of widgets with their own HTML, whose words can be translated."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

from ..i18n.texts import text, translatable

HERE = Path(__file__).parent


def joined(*names: str) -> str:
    """The scripts of widgets, files in this folder, as one. `table.js` sorts and copies a table in a gr.HTML."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in names)


class TranslatedHtml(gr.HTML):
    """gr.HTML whose words are a property, {key: sentence}, and not part of its template. Gradio renders a changed
    template anew, and everything that a visitor did in it would be lost, together with its listeners.

    Classes say what they are made of, and may pass other values to `__init__`.
    """

    keys: Iterable[str] = ()
    """Those of the sentences."""
    template = ""
    """Its attributes data-say say where sentences go: "key" is a node's text, "key@aria-label" an attribute, "key@html"
    its HTML; several are separated by spaces."""
    scripts: Iterable[str] = ()
    """Files of JavaScript, the parts of one function that reads other sentences in `props.words`, and may
    watch("words", ...)."""

    def __init__(self, value: Any = None, **options: Any):
        options.setdefault("words", {key: text(key) for key in self.keys})
        script = joined("say.js", *self.scripts)
        super().__init__(value, **{"html_template": self.template, "js_on_load": script, **options})


class TranslatedList(TranslatedHtml):
    """A widget whose value is a list."""

    kind = "object"
    """The type of its items, as JSON has it."""

    def postprocess(self, value: Any) -> Any:
        """The items."""
        return list(value or [])

    def api_info(self) -> dict[str, Any]:
        """The items, for the private endpoints."""
        return {"type": "array", "items": {"type": self.kind}}


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
    "Touch to Upload": "photo_touch",  # ours, in place of the three above, where nobody drops or clicks
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
