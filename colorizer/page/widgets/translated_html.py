"""The base classes of widgets with their own HTML, whose words can be translated."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

from ..i18n.texts import text

SAY = (Path(__file__).parent / "say.js").read_text(encoding="utf-8")
TABLE = (Path(__file__).parent / "table.js").read_text(encoding="utf-8")
"""Sorts and copies a table; the script of a gr.HTML that shows one begins with it."""


class TranslatedHtml(gr.HTML):
    """gr.HTML whose words are a property, {key: sentence}, and not part of its template. Gradio renders a changed
    template anew, and everything that a visitor did in it would be lost, together with its listeners.

    keys: of the sentences. template: its attributes data-say say where they go: "key" is a node's text,
    "key@aria-label" an attribute, "key@html" its HTML; several are separated by spaces. script: JavaScript that reads
    other sentences in `props.words`, and may watch("words", ...).
    """

    def __init__(self, value: Any = None, *, keys: Iterable[str], template: str, script: str, **options: Any):
        options.setdefault("words", {key: text(key) for key in keys})
        super().__init__(value, html_template=template, js_on_load=SAY + script, **options)


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
