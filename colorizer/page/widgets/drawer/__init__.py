"""The drawer beside the stage: what is in it is laid out elsewhere, in columns whose ids are the names of its parts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..translated_html import TranslatedHtml

SCRIPT = (Path(__file__).parent / "drawer.js").read_text(encoding="utf-8")
PARTS = ("look", "correct", "network")
"""The parts with a button here. What is saved has its button on the stage, beside the one that saves."""
BUTTON = """<button type="button" data-part="{0}" aria-controls="{0}" aria-expanded="false"
 data-say="drawer_{0}"></button>"""
TEMPLATE = f"""
<div class="drawer-bar" role="group" data-say="drawer@aria-label">{"".join(map(BUTTON.format, PARTS))}</div>
"""


class Drawer(TranslatedHtml):
    """Buttons that open one part of the drawer each, and close it again. The browser remembers which was open; while
    one large picture is on the stage, a wide page shows the visitor's corrections."""

    def __init__(self, value: Any = None, **options: Any):
        keys = ("drawer", *(f"drawer_{part}" for part in PARTS))
        super().__init__(value, keys=keys, template=TEMPLATE, script=SCRIPT, **options)


class Corrections(TranslatedHtml):
    """Where the list of corrections stands; `hint_picker` fills it."""

    def __init__(self, value: Any = None, **options: Any):
        template = '<div class="corrections"><p data-say="picker_call@html"></p></div>'
        super().__init__(value, keys=("picker_call",), template=template, script="", **options)
