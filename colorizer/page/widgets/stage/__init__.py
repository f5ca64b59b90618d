"""The stage of the first tab, and a smaller one. `stage.js` and `zoom.js` know only elements and pictures, so that any
page can use them; `page.js` and `pair.js` connect them with these. The scripts are parts of one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from colorizer.colour.names import NAMES

from ...serving.served_files import as_file
from ..translated_html import TranslatedHtml

TEMPLATE = (Path(__file__).parent / "stage.html").read_text(encoding="utf-8")

SYSTEM = "system:"
"""Begins a side that shows another checkpoint; the checkpoint's name follows."""

WORDS = (
    "grayscale", "grayscale_alt", "original", "original_alt", "as_scanned", "as_scanned_alt", "as_coloured",
    "as_coloured_alt", "in_colour", "in_colour_alt", "side_hinted", "side_hinted_alt", "side_system",
    "side_system_alt", "side_left", "side_right", "side_divider", "slider", "view", "view_side", "view_compare",
    "view_hints", "view_doubt", "view_large", "view_versions", "no_original", "stage_tools", "stage_panes",
    "stage_out", "stage_whole", "stage_in", "stage_full", "stage_share", "stage_correct", "download", "download_jpg",
    "download_tif", "stage_mark", "stage_mark_taken", "picker_swatch",
    "drawer_save",
    *(f"colour_{name}" for name in NAMES),
)  # fmt: skip


class Stage(TranslatedHtml):
    """A photograph's pictures: side by side, or two with a divider between. Its value is the mode, one of `modes`:
    (name, key of its words). In a mode that the stage does not have it is empty, and style sheets show something else
    there. The browser remembers the visitor's mode.

    Pictures are properties, so that a late answer cannot undo a choice. The divider is a real <input type=range>, and
    stays where it is when pictures change. Events: "input" when the visitor chooses a mode; "sides" when they choose
    the pictures at the divider, with {"left", "right"}; "save" and "give" when they want to save or share the photo.
    Marks ask the frame around the stage, by its events "take" and "untake", to add a correction or to remove it.
    """

    keys = WORDS
    template = TEMPLATE
    scripts = ("stage/stage.js", "stage/zoom.js", "stage/marks.js", "stage/page.js")

    def __init__(self, value: Any = None, *, modes: Sequence[Sequence[str]] = (), **options: Any):
        # Gradio takes every word that its script quotes for an event, and would describe that in place of these.
        self.modes = options["modes"] = [list(mode) for mode in modes]
        super().__init__(value or "", **{"panes": [], "marks": {}, "sides": {}, **options})

    def preprocess(self, payload: Any) -> Any:
        """The mode's name."""
        return str(payload)


FIRST_TAB = ("stage-modes", "stage-share", "stage-saving", "stage-note")
"""Lines of the stage's template that only the first tab has."""
BODY = "\n".join(line for line in TEMPLATE.splitlines() if not any(name in line for name in FIRST_TAB))
PAIR = f'<div class="pair" hidden>{BODY}</div>'

PAIR_WORDS = (
    "grayscale", "grayscale_alt", "original", "original_alt", "as_scanned", "as_scanned_alt", "as_coloured",
    "as_coloured_alt", "side_system_alt", "side_left", "side_right", "side_divider", "slider", "stage_tools",
    "stage_out", "stage_whole", "stage_in", "stage_full", "stage_panes",
)  # fmt: skip


class Pair(TranslatedHtml):
    """Two pictures with a divider between, hidden until `sides_update` gives it some. Event: "sides" when the visitor
    chooses, with {"left", "right"}."""

    keys = PAIR_WORDS
    template = PAIR
    scripts = ("stage/stage.js", "stage/zoom.js", "stage/pair.js")

    def __init__(self, **options: Any):
        super().__init__("", **{"sides": {}, **options})


def panes_update(pictures: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A property: the pictures side by side, as (side, path), in this order."""
    return {"panes": [{"side": side, "file": as_file(path)} for side, path in pictures]}


def marks_update(gray: str, marks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A property: the marks on the colours: places, {"x", "y"} in fractions of the picture, at which {"swatches"} are
    offered, and the colour "taken" there or None. gray: the path of the first pane, which says whose they are."""
    return {"marks": {"of": as_file(gray), "list": list(marks)}}


def sides_update(
    pictures: Mapping[str, tuple[str, str]], options: Sequence[str], checkpoint: str, chosen: Mapping[str, str]
) -> dict[str, Any]:
    """A property: the pictures at the divider.

    pictures: for "left" and "right" the side that is shown there, and the path of its picture. options: all sides there
    are. checkpoint: the name of the one that coloured the photo. chosen: the visitor's choices that this answers.
    """
    sides = {at: {"side": side, "file": as_file(path)} for at, (side, path) in pictures.items()}
    about = {"options": list(options), "checkpoint": checkpoint, "chosen": dict(chosen)}
    return {"sides": {**sides, **about}}
