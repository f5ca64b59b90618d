"""The input for a few colours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...session.request import MOST_COLOURS
from ..translated_html import TranslatedList

SCRIPT = (Path(__file__).parent / "palette.js").read_text(encoding="utf-8")
TEMPLATE = """
<div class="palette" role="group" data-say="palette@aria-label" data-most="{most}"><span class="palette-colours"></span>
<button type="button" class="palette-add" data-say="palette_add"></button></div>
"""


class Palette(TranslatedList):
    """Up to `MOST_COLOURS` colours, each in the browser's own colour input. The value is ["#rrggbb", ...]. Event:
    "input" when a colour is changed, added or removed."""

    kind = "string"

    def __init__(self, value: Any = None, **options: Any):
        keys = ("palette", "palette_colour", "palette_remove", "palette_add")
        template = TEMPLATE.format(most=MOST_COLOURS)
        super().__init__(list(value or []), keys=keys, template=template, script=SCRIPT, **options)

    def preprocess(self, payload: Any) -> Any:
        """The colours, a list of str; anything else is left out."""
        return [colour for colour in payload if isinstance(colour, str)] if isinstance(payload, list) else []
