"""The slider between two pictures. On its own, because Gradio writes a stub (.pyi) beside every component's file; what
it does in the browser is in `divider.js`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from ..serving.served_files import as_file
from .translated_html import Worded

SCRIPT = (Path(__file__).parent / "divider.js").read_text(encoding="utf-8")

SYSTEM = "system:"
"""What a side that shows another checkpoint begins with; its name follows."""

TEMPLATE = """
<figure class="compare">
<div class="compare-sides">
<label><span data-say="side_left"></span><select data-side="left"></select></label>
<label><span data-say="side_right"></span><select data-side="right"></select></label>
</div>
<div class="compare-stage">
<img class="compare-after" alt=""><img class="compare-before" alt="">
<span class="compare-name compare-left"><b></b></span><span class="compare-name compare-right"><b></b></span>
<span class="compare-line" aria-hidden="true"></span>
<input type="range" min="0" max="100" value="50" data-say="side_divider@aria-label">
</div><figcaption data-say="slider"></figcaption></figure>
"""

WORDS = (
    "grayscale", "grayscale_alt", "original", "original_alt", "predicted", "predicted_alt", "side_hinted",
    "side_hinted_alt", "side_system", "side_system_alt", "side_left", "side_right", "side_divider", "slider",
)  # fmt: skip


class Compare(Worded):
    """Two pictures over each other and a slider between them: a real <input type=range>, so that the keyboard and
    screen readers work, which gr.ImageSlider leaves out. The slider stays where it is when the pictures change.

    Its value is what the visitor wishes to see, {"left", "right"}: a side that was never chosen is not in it. The
    pictures come as a property, so that an answer under way cannot take back a choice. Event: "input" when one is made.
    """

    def __init__(self, value: Any = None, **options: Any):
        options.setdefault("shown", {})
        super().__init__(value or {}, keys=WORDS, template=TEMPLATE, script=SCRIPT, **options)

    def preprocess(self, payload: Any) -> Any:
        """The wishes, as a dict of str; what is none is left out."""
        wishes = payload if isinstance(payload, dict) else {}
        return {place: wishes[place] for place in ("left", "right") if isinstance(wishes.get(place), str)}

    def postprocess(self, value: Any) -> Any:
        """Wishes as `preprocess` gives them."""
        return dict(value or {})

    def api_info(self) -> dict[str, Any]:
        """Wishes, for the private endpoints."""
        return {"type": "object"}


def comparing(
    pictures: Mapping[str, tuple[str, str]], choices: Sequence[str], checkpoint: str, wishes: Mapping[str, str]
) -> Any:
    """An update: what is "left" and "right" and the path of its picture, all that a side can be, the checkpoint that
    predicted, and the wishes that this answers."""
    sides = {at: {"side": side, "file": as_file(path)} for at, (side, path) in pictures.items()}
    about = {"choices": list(choices), "checkpoint": checkpoint, "wishes": dict(wishes)}
    return gr.update(shown={**sides, **about})
