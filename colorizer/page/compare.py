"""The before/after slider. On its own, because Gradio writes a stub (.pyi) beside every component's file."""

from __future__ import annotations

from typing import Any

from gradio.data_classes import FileData, GradioModel

from .worded import Worded

TEMPLATE = """
<figure class="compare"><div class="compare-stage">
<img class="compare-after" data-say="predicted_alt@alt"><img class="compare-before" data-say="grayscale_alt@alt">
<span class="compare-line" aria-hidden="true"></span>
<input type="range" min="0" max="100" value="50" data-say="slider_label@aria-label">
</div><figcaption data-say="slider"></figcaption></figure>
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


class Compare(Worded):
    """Two pictures over each other and a slider between them: a real <input type=range>, so that the keyboard and
    screen readers work, which gr.ImageSlider leaves out. The slider stays where it is when the pictures change."""

    data_model = CompareData

    def __init__(self, **options: Any):
        keys = ("grayscale_alt", "predicted_alt", "slider_label", "slider")
        super().__init__(keys=keys, template=TEMPLATE, script=SCRIPT, **options)

    def postprocess(self, value: tuple[str, str] | None) -> CompareData | None:  # type: ignore[override]
        """Paths of the pictures before and after; Gradio fills in their addresses."""
        if value is None:
            return None
        return CompareData(before=FileData(path=value[0]), after=FileData(path=value[1]))
