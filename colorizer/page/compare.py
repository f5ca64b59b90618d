"""The before/after slider. On its own, because Gradio writes a stub (.pyi) beside every component's file."""

from __future__ import annotations

import html
from typing import Any

import gradio as gr
from gradio.data_classes import FileData, GradioModel

from .texts import text

TEMPLATE = """
<figure class="compare"><div class="compare-stage">
<img class="compare-after" alt="{predicted_alt}"><img class="compare-before" alt="{grayscale_alt}">
<span class="compare-line" aria-hidden="true"></span>
<input type="range" min="0" max="100" value="50" aria-label="{slider_label}">
</div><figcaption>{slider}</figcaption></figure>
"""

SCRIPT = """
const [figure, stage, before, after, input] =
  ['.compare', '.compare-stage', '.compare-before', '.compare-after', 'input'].map((s) => element.querySelector(s));
const place = () => stage.style.setProperty('--at', input.value + '%');
const show = () => {
  figure.hidden = !props.value;
  if (!props.value) return;
  before.src = props.value.before.url;
  after.src = props.value.after.url;
};
after.addEventListener('load', () => stage.style.setProperty('--ratio', after.naturalWidth / after.naturalHeight));
input.addEventListener('input', place);
watch('value', show);
show();
"""


class CompareData(GradioModel):
    """Two pictures of one size."""

    before: FileData
    after: FileData


class Compare(gr.HTML):
    """Two pictures over each other and a slider between them: a real <input type=range>, so that the keyboard and
    screen readers work, which gr.ImageSlider leaves out. The slider stays where it is when the pictures change."""

    data_model = CompareData

    def __init__(self, **options: Any):
        keys = ("grayscale_alt", "predicted_alt", "slider_label", "slider")
        words = {key: html.escape(text(key)) for key in keys}
        super().__init__(html_template=TEMPLATE.format(**words), js_on_load=SCRIPT, **options)

    def postprocess(self, value: tuple[str, str] | None) -> CompareData | None:  # type: ignore[override]
        """Paths of the pictures before and after; Gradio fills in their addresses."""
        if value is None:
            return None
        return CompareData(before=FileData(path=value[0]), after=FileData(path=value[1]))
