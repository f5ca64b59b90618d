"""The stage of the first tab. `stage.js` and `zoom.js` know only elements and pictures, so that any page can use them;
`page.js` connects them with this one. The scripts are parts of one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...serving.served_files import as_file
from ..translated_html import TranslatedHtml

HERE = Path(__file__).parent
SCRIPTS = ("stage.js", "zoom.js", "page.js")
SCRIPT = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
TEMPLATE = (HERE / "stage.html").read_text(encoding="utf-8")

SYSTEM = "system:"
"""Begins a side that shows another checkpoint; the checkpoint's name follows."""

WORDS = (
    "grayscale", "grayscale_alt", "original", "original_alt", "as_scanned", "as_scanned_alt", "as_coloured",
    "as_coloured_alt", "in_colour", "in_colour_alt", "side_hinted", "side_hinted_alt", "side_system",
    "side_system_alt", "side_left", "side_right", "side_divider", "slider", "view", "view_side", "view_compare",
    "view_hints", "view_doubt", "view_large", "view_versions", "no_original", "stage_tools", "stage_panes",
    "stage_out", "stage_whole", "stage_in", "stage_full", "stage_share", "stage_correct", "download", "download_jpg",
    "download_tif",
)  # fmt: skip


class Stage(TranslatedHtml):
    """A photograph's pictures: side by side, or two with a divider between. Its value is the mode, one of `modes`:
    (name, key of its words). In a mode that the stage does not have it is empty, and style sheets show something else
    there. The browser remembers the visitor's mode.

    Pictures are properties, so that a late answer cannot undo a choice. The divider is a real <input type=range>, and
    stays where it is when pictures change. Events: "input" when the visitor chooses a mode; "sides" when they choose
    the pictures at the divider, with {"left", "right"}; "save" and "give" when they want to save or share the photo.
    """

    def __init__(self, value: Any = None, *, modes: Sequence[Sequence[str]] = (), **options: Any):
        options.setdefault("panes", [])
        options.setdefault("sides", {})
        # Gradio takes every word that its script quotes for an event, and would describe that in place of these.
        self.modes = options["modes"] = [list(mode) for mode in modes]
        super().__init__(value or "", keys=WORDS, template=TEMPLATE, script=SCRIPT, **options)

    def preprocess(self, payload: Any) -> Any:
        """The mode's name."""
        return str(payload)

    def postprocess(self, value: Any) -> Any:
        """A mode's name."""
        return str(value)

    def api_info(self) -> dict[str, Any]:
        """A mode's name, for the private endpoints."""
        return {"type": "string"}


def panes_update(pictures: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A property: the pictures side by side, as (side, path), in this order."""
    return {"panes": [{"side": side, "file": as_file(path)} for side, path in pictures]}


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
