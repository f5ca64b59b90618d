"""A list in which a visitor writes titles, years and credits of photographs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from colorizer.photo.caption import MOST

from ..session.roll import ALL, Frame
from .translated_html import TranslatedList

_HEADS = "".join(f'<th scope="col" data-say="caption_{name}"></th>' for name in MOST)
_ALL = "".join(
    f'<td><input data-name="{name}" maxlength="{most}" data-say="caption_all_{name}@aria-label"></td>'
    if name != "title"
    else "<td></td>"
    for name, most in MOST.items()
)
TEMPLATE = f"""
<details class="captions" hidden><summary data-say="captions"></summary>
<p data-say="captions_info"></p>
<div class="captions-table" tabindex="0" data-say="captions@aria-label">
<table><thead><tr><th scope="col" data-say="many_file"></th>{_HEADS}</tr></thead>
<tbody><tr data-key="{ALL}"><th scope="row" data-say="caption_all"></th>{_ALL}</tr></tbody></table>
</div></details>
"""


class CaptionList(TranslatedList):
    """Photographs with fields for title, year and credit; those in the first row are for all of them. Event "written":
    a visitor wrote {"key", "name", "value"}."""

    keys = (
        "captions", "captions_info", "many_file", "caption_of", "caption_all", "caption_all_year", "caption_all_credit",
        *(f"caption_{name}" for name in MOST),
    )  # fmt: skip
    template = TEMPLATE
    scripts = ("caption_list.js",)

    def __init__(self, **options: Any):
        super().__init__([], **{"most": dict(MOST), **options})


def captions_update(frames: Sequence[Frame]) -> Any:
    """An update: the photographs, with what was written about them."""
    rows = [{"key": frame.key, "file": frame.upload.name, **frame.caption.fields()} for frame in frames]
    return gr.update(value=rows)
