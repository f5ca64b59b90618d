"""Parts that Gradio does not have, and how the page looks."""

from __future__ import annotations

import base64
import html
import io
import tempfile
from pathlib import Path

import gradio as gr
from gradio.utils import get_upload_folder
from PIL import Image

from .texts import text

PREVIEW_SIDE = 1400
"""Longest side of pictures on the page, in pixels; downloads are full size."""

BROWSER_FORMATS = {".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif", ".bmp"}
"""Suffixes that browsers can show by themselves."""


def served_file(name: str) -> Path:
    """A new path for a file named `name` that Gradio may serve, and deletes with its other files.

    Its cache is the one folder that needs no copy and no allowed_paths; every call has a folder of its own there.
    """
    cache = get_upload_folder()
    Path(cache).mkdir(parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=cache)) / name


def preview(photo: Image.Image, side: int = PREVIEW_SIDE) -> Image.Image:
    """The photo at most `side` pixels long; itself if it is no larger."""
    if max(photo.size) <= side:
        return photo
    small = photo.copy()
    small.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return small


def data_url(picture: Image.Image) -> str:
    """A JPEG (quality 92, chroma at full resolution) as a data: URL."""
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=92, subsampling=0)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def compare_html(before: Image.Image, after: Image.Image, language: str = "en") -> str:
    """Two pictures over each other and a slider between them: a real <input type=range>, so the keyboard works."""
    words = {
        key: html.escape(text(key, language)) for key in ("grayscale_alt", "predicted_alt", "slider_label", "slider")
    }
    return (
        f'<figure class="compare"><div class="compare-stage" style="--at:50%">'
        f'<img src="{data_url(after)}" alt="{words["predicted_alt"]}">'
        f'<img class="compare-before" src="{data_url(before)}" alt="{words["grayscale_alt"]}">'
        f'<span class="compare-line" aria-hidden="true"></span>'
        f'<input type="range" min="0" max="100" value="50" aria-label="{words["slider_label"]}" '
        f"oninput=\"this.parentElement.style.setProperty('--at', this.value + '%')\">"
        f"</div><figcaption>{words['slider']}</figcaption></figure>"
    )


def theme() -> gr.themes.Base:
    """Calm and neutral, so that the only strong colours on the page are the photograph's."""
    return gr.themes.Base(
        primary_hue="orange",
        secondary_hue="stone",
        neutral_hue="stone",
        radius_size="lg",
        font=[gr.themes.Font("system-ui"), gr.themes.Font("sans-serif")],
        font_mono=[gr.themes.Font("ui-monospace"), gr.themes.Font("monospace")],
    ).set(
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_300",
        block_info_text_color="*neutral_600",
        block_info_text_color_dark="*neutral_300",
        body_background_fill="*neutral_50",
        block_title_text_weight="600",
    )


CSS = """
.gradio-container { max-width: 1500px !important; margin: 0 auto !important; }
#heading h1 { font-size: 2.4rem; margin: 0; letter-spacing: -0.02em; width: fit-content;
  background: linear-gradient(90deg, #78716c 0 18%, #b45309 45%, #be123c 65%, #0e7490 100%);
  -webkit-background-clip: text; background-clip: text; color: transparent; }
.dark #heading h1 { background: linear-gradient(90deg, #d6d3d1 0 18%, #fbbf24 45%, #fb7185 65%, #67e8f9 100%);
  -webkit-background-clip: text; background-clip: text; }
#heading p { margin: .2rem 0 0; font-size: 1.05rem; }
#honesty { border-inline-start: 3px solid var(--neutral-400); padding-inline-start: .9rem; font-size: .92rem; }
.pane img { object-fit: contain; }
#panes { gap: 12px; }
.compare { margin: 0; }
.compare-stage { position: relative; overflow: hidden; border-radius: 10px; line-height: 0; width: fit-content;
  max-width: 100%; margin: 0 auto; }
.compare-stage img { max-width: 100%; max-height: 72vh; display: block; margin: 0; }
.compare-stage .compare-before { position: absolute; inset: 0; width: 100%; height: 100%;
  clip-path: inset(0 calc(100% - var(--at)) 0 0); }
.compare-line { position: absolute; top: 0; bottom: 0; left: var(--at); width: 3px; margin-left: -1.5px;
  background: #fff;
  box-shadow: 0 0 5px #000a; }
.compare-stage input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0;
  cursor: ew-resize; }
.compare-stage:has(input:focus-visible) { outline: 3px solid #f97316; outline-offset: 3px; }
.compare figcaption { text-align: center; font-size: .9rem; margin-top: .4rem; color: var(--body-text-color-subdued); }
#waiting { text-align: center; padding: 4rem 1rem; border-radius: 12px;
  border: 2px dashed var(--border-color-primary); }
#panes #no-truth, #time { flex: 1 1 220px; min-width: 220px; }
@media (max-width: 800px) {  /* on a phone: photo, result, and only then the settings */
  #work { flex-direction: column; }
  #panes > * { flex-basis: 100%; }
  #work > #input { display: contents; }
  #work > #input > * { order: 1; }
  #work > #result { order: 2; }
  #work > #input > #settings { order: 3; }
}
#figures table { width: 100%; border-collapse: collapse; }
#figures th, #figures td { border: 0; border-bottom: 1px solid var(--border-color-primary); padding: .35rem .6rem; }
#examples .grid-container { grid-template-columns: repeat(4, minmax(0, 1fr)) !important; gap: 6px; }
#examples .caption-label { font-size: .7rem; padding: 1px 5px; }
"""

HEAD = """
<script>
// Ctrl+V anywhere adds the photo: Gradio listens only to its own paste button.
document.addEventListener('paste', (event) => {
  const input = document.querySelector('#photo input[type=file]');
  const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'));
  if (!input || !files.length) return;
  const transfer = new DataTransfer();
  transfer.items.add(files[0]);
  input.files = transfer.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
});
</script>
"""
