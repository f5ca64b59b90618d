"""How the page looks, and the one thing it does by itself in the browser."""

from __future__ import annotations

from pathlib import Path

import gradio as gr


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
#settings .about { background: var(--block-background-fill); padding: 0 5px 5px; margin-top: -1px; }
#settings .about > * { padding-block: 0 !important; }
#settings .about p { margin: 0; line-height: 1.45; font-size: .85rem; color: var(--body-text-color-subdued); }

/* The examples: the label has a line of its own, captions a whole one. */
.examples .grid-wrap { padding-top: 2.1rem; overflow: hidden; }
.examples .grid-container { grid-template-columns: repeat(4, minmax(0, 1fr)) !important; gap: 6px; padding: 0; }
.examples .caption-label { left: 0; right: 0; bottom: 0; max-width: none; margin: 0; padding: 2px; border: 0;
  border-radius: 0; text-align: center; font-size: .68rem; background: #000a; color: #fff; }

/* Pictures side by side: captions are read, so they have lines of their own under the picture, and cover none of it. */
.captioned .grid-wrap { max-height: none; overflow: visible; padding-top: 2.1rem; }
.captioned .grid-container { grid-template-columns: repeat(auto-fill, minmax(min(46%, 210px), 1fr)) !important; }
.captioned .thumbnail-lg { display: flex; flex-direction: column; aspect-ratio: auto; height: 100%; }
.captioned .thumbnail-lg img { flex: none; width: 100%; height: auto; min-height: 4rem; }
.captioned .caption-label { position: static; max-width: none; margin: 0; padding: 5px 6px; border: 0; flex: 1;
  border-radius: 0; text-align: center; font-size: .8rem; line-height: 1.35; white-space: pre-line; background: none;
  color: var(--body-text-color); }
.captioned .caption-label::first-line { font-weight: 600; }
#compare-status { min-height: 3.9rem; }
#compare-status progress { appearance: none; display: block; width: 100%; height: .5rem; border: 0; border-radius: 4px;
  background: var(--border-color-primary); overflow: hidden; }
#compare-status progress::-webkit-progress-bar { background: var(--border-color-primary); }
#compare-status progress::-webkit-progress-value { background: var(--color-accent); }
#compare-status progress::-moz-progress-bar { background: var(--color-accent); }
#classes { font-size: .95rem; }

/* Before there is a photo: what its three panes will be. */
#waiting { padding: clamp(1.5rem, 10vh, 7rem) 1.5rem; font-size: 1.05rem; border-radius: 14px; text-align: center;
  border: 2px dashed var(--border-color-primary); }
#waiting .ghosts { display: flex; gap: 14px; justify-content: center; max-width: 760px;
  margin: 0 auto; padding-bottom: 1.6rem; }
#waiting .ghosts span { flex: 1; aspect-ratio: 4 / 3; border-radius: 10px; opacity: .85;
  background: linear-gradient(#fff8, #0000 55%), var(--ghost); }
#waiting .ghosts span:nth-child(1) { --ghost: linear-gradient(120deg, #57534e, #d6d3d1); }
#waiting .ghosts span:nth-child(2) { --ghost: linear-gradient(120deg, #7f6a5c, #c9a27e 45%, #8fb3bd); }
#waiting .ghosts span:nth-child(3) { --ghost: linear-gradient(120deg, #be123c, #f59e0b 45%, #0891b2); }

/* The result. */
#panes { gap: 12px; }
.pane img { object-fit: contain; }
#time { flex: 1 1 220px; min-width: 220px; }
#panes > #no-truth { flex: 1 1 0; min-width: 110px; align-self: stretch; display: grid;
  place-content: center; padding: .8rem; border-radius: 12px; border: 2px dashed var(--neutral-400); }
.compare { margin: 0; }
.compare-stage { --at: 50%; position: relative; overflow: hidden; border-radius: 10px; line-height: 0;
  width: min(100%, 68vh * var(--ratio, 1.5)); margin: 0 auto; }
.compare-stage img { width: 100%; height: auto; display: block; margin: 0; }
.compare-stage .compare-before { position: absolute; inset: 0; width: 100%; height: 100%;
  clip-path: inset(0 calc(100% - var(--at)) 0 0); }
.compare-line { position: absolute; top: 0; bottom: 0; left: var(--at); width: 3px; margin-left: -1.5px;
  background: #fff; box-shadow: 0 0 5px #000a; pointer-events: none; }
.compare-line::after { content: "\\2194"; position: absolute; top: 50%; left: 50%; width: 34px; height: 34px;
  transform: translate(-50%, -50%); border-radius: 50%; background: #fff; color: #1c1917; line-height: 34px;
  text-align: center; font-size: 18px; box-shadow: 0 0 6px #0008; }
.compare-stage input { position: absolute; inset: 0; width: 100%; height: 100%; margin: 0; opacity: 0;
  cursor: ew-resize; touch-action: pan-y; }
.compare-stage:has(input:focus-visible) { outline: 3px solid #f97316; outline-offset: 3px; }
.compare figcaption { text-align: center; font-size: .9rem; margin-top: .4rem; color: var(--body-text-color-subdued); }
#figures table { width: 100%; border-collapse: collapse; border: 0 !important; font-variant-numeric: tabular-nums; }
#figures :is(tr, th, td) { border: 0 !important; background: none !important; }
#figures :is(th, td) { border-bottom: 1px solid var(--border-color-primary) !important; padding: .35rem .5rem;
  overflow-wrap: normal; word-break: normal; }
#figures :is(th, td):not(:first-child) { text-align: right !important; }
@media (max-width: 800px) {  /* on a phone: photo, result, how bold; at the end the network */
  #work { flex-direction: column; }
  #panes { gap: 4px; }
  #panes > #no-truth { font-size: .75rem; padding: .3rem; }
  .pane label { font-size: .65rem; padding: 1px 4px; }
  #figures :is(th, td) { font-size: .82rem; padding: .35rem .2rem; }
  :is(#input, #settings, #result, #shown) { display: contents !important; }
  #work > #input > * { order: 1; }
  :is(#waiting, #panes, #views, #classes) { order: 2; }
  #boldness { order: 3; }
  :is(#outcome, #export, #figures) { order: 4; }
  #network { order: 5; }
}
"""

for sheet in ("controls.css", "model_cards.css", "about.css"):
    CSS += (Path(__file__).parent / sheet).read_text(encoding="utf-8")

HEAD = """
<script>
// Ctrl+V anywhere adds the photo: Gradio listens only to its own paste button.
document.addEventListener('paste', (event) => {
  const inputs = [...document.querySelectorAll('.photo input[type=file]')];
  const input = inputs.find((each) => each.closest('.photo').offsetParent) ?? inputs[0];
  const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'));
  if (!input || !files.length) return;
  const transfer = new DataTransfer();
  transfer.items.add(files[0]);
  input.files = transfer.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
});
</script>
"""
