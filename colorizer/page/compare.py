"""The slider between two pictures. On its own, because Gradio writes a stub (.pyi) beside every component's file; what
it does in the browser is in `compare.js`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from .texts import text

SCRIPT = (Path(__file__).parent / "compare.js").read_text(encoding="utf-8")

SYSTEM = "system:"
"""What a side that shows another checkpoint begins with; its name follows."""

TEMPLATE = """
<figure class="compare">
<div class="compare-sides">
<label><span></span><select data-side="left"></select></label>
<label><span></span><select data-side="right"></select></label>
</div>
<div class="compare-stage">
<img class="compare-after" alt=""><img class="compare-before" alt="">
<span class="compare-name compare-left"><b></b></span><span class="compare-name compare-right"><b></b></span>
<span class="compare-line" aria-hidden="true"></span>
<input type="range" min="0" max="100" value="50">
</div><figcaption></figcaption></figure>
"""

WORDS = {
    "gray": "grayscale", "gray_alt": "grayscale_alt", "original": "original", "original_alt": "original_alt",
    "predicted": "predicted", "predicted_alt": "predicted_alt", "hinted": "side_hinted",
    "hinted_alt": "side_hinted_alt", "system": "side_system", "system_alt": "side_system_alt", "left": "side_left",
    "right": "side_right", "divider": "side_divider", "slider": "slider",
}  # fmt: skip
"""What `compare.js` calls its words, and the texts they are."""


def words() -> dict[str, str]:
    """All that the slider says, in the language spoken."""
    return {name: text(key) for name, key in WORDS.items()}


class Compare(gr.HTML):
    """Two pictures over each other and a slider between them: a real <input type=range>, so that the keyboard and
    screen readers work, which gr.ImageSlider leaves out. The slider stays where it is when the pictures change.

    Its value is what the visitor wishes to see, {"left", "right"}: a side that was never chosen is not in it. The
    pictures come as a property, so that an answer under way cannot take back a choice. Event: "input" when one is made.
    """

    def __init__(self, value: Any = None, **options: Any):
        properties = {"words": words(), "shown": {}, **options}  # Gradio makes it again with those it was updated with
        super().__init__(value or {}, html_template=TEMPLATE, js_on_load=SCRIPT, **properties)

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
    sides = {place: {"side": side, "file": FileData(path=path).model_dump()} for place, (side, path) in pictures.items()}
    # With its words: one that was not yet on the screen knows no more than its last update.
    return gr.update(words=words(), shown={**sides, "choices": list(choices), "checkpoint": checkpoint, "wishes": dict(wishes)})
