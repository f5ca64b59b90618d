"""The small widgets of the first tab, in the drawer beside the stage and in the row below: the drawer's buttons, looks,
and a palette. What is in the drawer is laid out elsewhere, in columns whose ids are the names of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from ..serving.served_files import as_file
from ..session.request import MOST_COLOURS
from .translated_html import TranslatedHtml, TranslatedList

PARTS = ("look", "correct", "network")
"""The parts with a button here. What is saved has its button on the stage, beside the one that saves."""
BUTTON = """<button type="button" data-part="{0}" aria-controls="{0}" aria-expanded="false"
 data-say="drawer_{0}"></button>"""


class Drawer(TranslatedHtml):
    """Buttons that open one part of the drawer each, and close it again. The browser remembers which was open; while
    one large picture is on the stage, a wide page shows the visitor's corrections."""

    keys = ("drawer", *(f"drawer_{part}" for part in PARTS))
    template = f"""
<div class="drawer-bar" role="group" data-say="drawer@aria-label">{"".join(map(BUTTON.format, PARTS))}</div>
"""
    scripts = ("drawer.js",)


class DrawerShut(TranslatedHtml):
    """The button that closes a drawer which lies above the page. Where it stands beside the stage, style sheets hide
    it."""

    keys = ("picker_close",)
    template = """
<button type="button" class="drawer-shut" data-say="picker_close@aria-label picker_close@title">×</button>
"""


class Corrections(TranslatedHtml):
    """Where the list of corrections stands; `hint_picker` fills it."""

    keys = ("picker_call",)
    template = '<div class="corrections"><p data-say="picker_call@html"></p></div>'


class Looks(TranslatedHtml):
    """The name of a look; the pictures are a property. Event "input" when the visitor chooses.

    names: of all looks there are. One without a picture is offered only while it is chosen.
    """

    template = '<div class="looks" role="radiogroup" data-say="looks@aria-label"></div>'
    scripts = ("looks.js",)

    def __init__(self, value: Any = None, *, names: Sequence[str] = (), **options: Any):
        options.setdefault("looks", [])
        self.keys = ("looks", *(f"preset_{name}" for name in names))
        super().__init__(value or "", names=list(names), **options)
        self.names = tuple(names)

    def preprocess(self, payload: Any) -> Any:
        """The look's name; the first for anything else."""
        return payload if payload in self.names else self.names[0]


def looks_update(pictures: Mapping[str, str]) -> Any:
    """An update: the paths of the pictures, by the looks' names, in this order."""
    return gr.update(looks=[{"name": name, "file": as_file(path)} for name, path in pictures.items()])


class Palette(TranslatedList):
    """Up to `MOST_COLOURS` colours, each in the browser's own colour input. The value is ["#rrggbb", ...]. Event:
    "input" when a colour is changed, added or removed."""

    kind = "string"
    keys = ("palette", "palette_colour", "palette_remove", "palette_add")
    template = f"""
<div class="palette" role="group" data-say="palette@aria-label" data-most="{MOST_COLOURS}">
<span class="palette-colours"></span>
<button type="button" class="palette-add" data-say="palette_add"></button></div>
"""
    scripts = ("palette.js",)

    def preprocess(self, payload: Any) -> Any:
        """The colours, a list of str; anything else is left out."""
        return [colour for colour in payload if isinstance(colour, str)] if isinstance(payload, list) else []
