"""The picture to click for colour hints. On its own, because Gradio writes a stub (.pyi) beside every component's
file; what it does in the browser is in `hint_picker.js`."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from .asked import MOST_HINTS
from .colours import SCALE
from .texts import text

SCRIPT = (Path(__file__).parent / "hint_picker.js").read_text(encoding="utf-8")

TEMPLATE = """
<div class="picker" data-dot="{picker_dot}" data-swatch="{picker_swatch}" data-place="{picker_place}"
  data-none="{picker_none}" data-one="{picker_one}" data-many="{picker_many}" data-most="{most}">
<p class="picker-call">{picker_call}</p>
<div class="picker-stage">
<img class="picker-photo" alt="{predicted_alt}">
<div class="picker-plane" tabindex="0" role="application" aria-label="{picker_plane}"></div>
<button type="button" class="picker-ring" aria-label="{picker_ring}" title="{picker_ring}" hidden>?</button>
<div class="picker-dots" role="group" aria-label="{picker_dots}"></div>
<span class="picker-cross" aria-hidden="true" hidden></span>
<div class="picker-panel" role="dialog" aria-label="{picker_panel}" hidden>
<div class="picker-head"><span>{picker_panel}</span>
<button type="button" class="picker-close" aria-label="{picker_close}">×</button></div>
<div class="picker-swatches"></div>
<div class="picker-foot">
<label class="picker-free"><input type="color" value="#b04030"><span>{picker_free}</span></label>
<button type="button" class="picker-remove">{picker_remove}</button></div>
</div></div>
<div class="picker-bar">
<span class="picker-status" role="status"></span>
<button type="button" class="picker-undo">{picker_undo}</button>
<button type="button" class="picker-clear">{picker_clear}</button>
<button type="button" class="picker-doubt" aria-pressed="false">{picker_doubt}</button>
</div>
<div class="picker-legend" hidden><span>{doubt_low}</span><i style="background: linear-gradient(90deg, {scale})"></i>
<span>{doubt_high}</span><p>{doubt_note}</p></div>
</div>
"""

WORDS = (
    "picker_dot", "picker_swatch", "picker_place", "picker_none", "picker_one", "picker_many", "picker_plane",
    "picker_ring", "picker_dots", "picker_panel", "picker_close", "picker_free", "picker_remove", "picker_undo",
    "picker_clear", "picker_doubt", "predicted_alt", "doubt_low", "doubt_high", "doubt_note",
)  # fmt: skip


class HintPicker(gr.HTML):
    """A picture with coloured dots that say what its colours are, by mouse, touch and keyboard.

    Its value is the dots, [{"x", "y", "color", ...}], x and y as fractions of the picture: the browser's own, which
    the server sets only to clear them or to add one. Pictures and suggestions come as properties, so that an answer
    under way cannot take back a dot. Events: "input" when dots change, "place" when suggestions are wanted.
    """

    def __init__(self, value: Any = None, **options: Any):
        words = {key: html.escape(text(key)) for key in WORDS}
        template = TEMPLATE.format(**words, picker_call=text("picker_call"), most=MOST_HINTS, scale=", ".join(SCALE))
        super().__init__(value or [], html_template=template, js_on_load=SCRIPT, **options)

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
    files = {"photo": FileData(path=photo).model_dump()}
    if doubt is not None:
        files["doubt"] = FileData(path=doubt).model_dump()
    return gr.update(shown={**files, "of": of, "ring": list(ring or ()), "hints": takes_hints})


def offering(number: Any, colours: Sequence[dict[str, Any]]) -> Any:
    """An update: suggestions for the place that was clicked as the `number`th."""
    return gr.update(offer={"n": number, "swatches": list(colours)})
