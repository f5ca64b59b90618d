"""The picture to click for colour hints. On its own, because Gradio writes a stub (.pyi) beside every component's
file; what it does in the browser is in `hint_picker.js`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ..serving.served_files import as_file
from ..session.request import MOST_HINTS
from .colour_names import NAMES, SCALE
from .translated_html import Worded

SCRIPT = (Path(__file__).parent / "hint_picker.js").read_text(encoding="utf-8")

TEMPLATE = """
<div class="picker" data-most="{most}">
<p class="picker-call" data-say="picker_call@html"></p>
<div class="picker-stage">
<img class="picker-photo" data-say="predicted_alt@alt">
<div class="picker-plane" tabindex="0" role="application" data-say="picker_plane@aria-label"></div>
<button type="button" class="picker-ring" data-say="picker_ring@aria-label picker_ring@title" hidden>?</button>
<div class="picker-dots" role="group" data-say="picker_dots@aria-label"></div>
<span class="picker-cross" aria-hidden="true" hidden></span>
<div class="picker-panel" role="dialog" data-say="picker_panel@aria-label" hidden>
<div class="picker-head"><span data-say="picker_panel"></span>
<button type="button" class="picker-close" data-say="picker_close@aria-label">×</button></div>
<div class="picker-swatches"></div>
<div class="picker-foot">
<label class="picker-free"><input type="color" value="#b04030"><span data-say="picker_free"></span></label>
<button type="button" class="picker-remove" data-say="picker_remove"></button></div>
</div></div>
<div class="picker-bar">
<span class="picker-status" role="status"></span>
<button type="button" class="picker-undo" data-say="picker_undo"></button>
<button type="button" class="picker-clear" data-say="picker_clear"></button>
<button type="button" class="picker-doubt" aria-pressed="false" data-say="picker_doubt"></button>
</div>
<div class="picker-legend" hidden><span data-say="doubt_low"></span>
<i style="background: linear-gradient(90deg, {scale})"></i>
<span data-say="doubt_high"></span><p data-say="doubt_note"></p></div>
</div>
"""

WORDS = (
    "picker_call", "picker_dot", "picker_swatch", "picker_place", "picker_count", "picker_plane", "picker_ring",
    "picker_dots", "picker_panel", "picker_close", "picker_free", "picker_remove", "picker_undo", "picker_clear",
    "picker_doubt", "predicted_alt", "doubt_low", "doubt_high", "doubt_note",
    *(f"colour_{name}" for name in NAMES),
)  # fmt: skip


class HintPicker(Worded):
    """A picture with coloured dots that say what its colours are, by mouse, touch and keyboard.

    Its value is the dots, [{"x", "y", "color", ...}], x and y as fractions of the picture: the browser's own, which
    the server sets only to clear them or to add one; "name", if it is there, is a key of `NAMES`. Pictures and
    suggestions come as properties, so that an answer under way cannot take back a dot. Events: "input" when dots
    change, "place" when suggestions are wanted.
    """

    def __init__(self, value: Any = None, **options: Any):
        template = TEMPLATE.format(most=MOST_HINTS, scale=", ".join(SCALE))
        super().__init__(value or [], keys=WORDS, template=template, script=SCRIPT, **options)

    def preprocess(self, payload: Any) -> Any:
        """The dots, as a list of dicts; what is none is left out."""
        return [point for point in payload if isinstance(point, dict)] if isinstance(payload, list) else []

    def postprocess(self, value: Any) -> Any:
        """Dots as `preprocess` gives them."""
        return list(value or [])

    def api_info(self) -> dict[str, Any]:
        """Dots, for the private endpoints."""
        return {"type": "array", "items": {"type": "object"}}


def showing(of: str, photo: str, doubt: str | None, ring: tuple[float, float] | None, *, takes_hints: bool) -> Any:
    """An update: the picture, where a network guesses (both paths), its most doubtful place, in fractions, and whether
    a click does anything. of: says which photograph it is; with another one, suggestions are put away."""
    files = {"photo": as_file(photo)}
    if doubt is not None:
        files["doubt"] = as_file(doubt)
    return gr.update(shown={**files, "of": of, "ring": list(ring or ()), "hints": takes_hints})


def offering(number: Any, colours: Sequence[dict[str, Any]]) -> Any:
    """An update: suggestions for the place that was clicked as the `number`th."""
    return gr.update(offer={"n": number, "swatches": list(colours)})
