"""A stage that has only the divider: two of several pictures of one photograph."""

from __future__ import annotations

from typing import Any

from ..translated_html import TranslatedHtml
from .stage import HERE
from .stage import TEMPLATE as STAGE

SCRIPT = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("stage.js", "zoom.js", "pair.js"))
FIRST_TAB = ("stage-modes", "stage-share", "stage-save", "stage-note")
"""Lines of the stage's template that only the first tab has."""
BODY = "\n".join(line for line in STAGE.splitlines() if not any(name in line for name in FIRST_TAB))
TEMPLATE = f'<div class="pair" hidden>{BODY}</div>'

WORDS = (
    "grayscale", "grayscale_alt", "original", "original_alt", "as_scanned", "as_scanned_alt", "as_coloured",
    "as_coloured_alt", "side_system_alt", "side_left", "side_right", "side_divider", "slider", "stage_tools",
    "stage_out", "stage_whole", "stage_in", "stage_full", "stage_panes",
)  # fmt: skip


class Pair(TranslatedHtml):
    """Two pictures with a divider between, hidden until `sides_update` gives it some. Event: "sides" when the visitor
    chooses, with {"left", "right"}."""

    def __init__(self, **options: Any):
        options.setdefault("sides", {})
        super().__init__("", keys=WORDS, template=TEMPLATE, script=SCRIPT, **options)
