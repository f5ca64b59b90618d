"""A few colours to prefer. On its own, because Gradio writes a stub (.pyi) beside every component's file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..session.request import MOST_COLOURS
from .translated_html import Worded

SCRIPT = (Path(__file__).parent / "palette.js").read_text(encoding="utf-8")
TEMPLATE = """
<div class="palette" role="group" data-say="palette@aria-label" data-most="{most}"><span class="palette-colours"></span>
<button type="button" class="palette-add" data-say="palette_add"></button></div>
"""
START = ("#b5653a", "#4f7a94", "#7f8f4e")
"""Earth, water and leaves: something to see at once, and to change."""


class Palette(Worded):
    """Up to five colours, each a browser's own colour input that can be removed. The value is ["#rrggbb", ...]; "input"
    comes when a colour was chosen, added or removed."""

    def __init__(self, value: Any = START, **options: Any):
        keys = ("palette", "palette_colour", "palette_remove", "palette_add")
        template = TEMPLATE.format(most=MOST_COLOURS)
        super().__init__(list(value or []), keys=keys, template=template, script=SCRIPT, **options)

    def preprocess(self, payload: Any) -> Any:
        """The colours, as a list of str; what is no text is left out."""
        return [colour for colour in payload if isinstance(colour, str)] if isinstance(payload, list) else []

    def postprocess(self, value: Any) -> Any:
        """Colours as `preprocess` gives them."""
        return list(value or [])

    def api_info(self) -> dict[str, Any]:
        """Colours, for the private endpoints."""
        return {"type": "array", "items": {"type": "string"}}
