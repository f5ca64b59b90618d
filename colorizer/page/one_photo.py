"""The tab for one photograph: upload, look, adjust, download. What it does is in `handlers`."""

from __future__ import annotations

import html
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from gradio.utils import get_upload_folder

from ..architectures import facts
from .compare import Compare
from .handlers import Handlers, describe
from .models import Shelf
from .photo_input import PhotoInput
from .texts import text


def one_photo(shelf: Shelf, examples: list[Path]) -> None:
    """Lay out the tab and connect it, inside a gr.Blocks."""
    handlers = Handlers(shelf)
    cards = shelf.cards()
    first = cards[0] if cards else None
    architectures = list(dict.fromkeys(card.architecture for card in cards))
    source = gr.State(None)

    with gr.Row(elem_id="work"):
        with gr.Column(scale=1, min_width=300, elem_id="input"):
            photo = PhotoInput(
                label=text("photo"),
                elem_id="photo",
                sources=["upload", "webcam", "clipboard"],
                webcam_options=gr.WebcamOptions(
                    mirror=False, constraints={"video": {"facingMode": {"ideal": "environment"}}}
                ),
                placeholder=text("photo_placeholder"),
                buttons=["fullscreen"],
                interactive=True,
                height=300,
            )
            gallery = gr.Gallery(
                [(str(path), path.stem.replace("_", " ").replace("-", " ")) for path in examples],
                label=text("examples"),
                elem_id="examples",
                columns=4,
                height=232,
                object_fit="cover",
                allow_preview=False,
                buttons=[],
                interactive=False,
                visible=bool(examples),
            )
            with gr.Column(elem_id="settings"):
                architecture = gr.Dropdown(
                    architectures,
                    value=first.architecture if first else None,
                    label=text("architecture"),
                    elem_id="architecture",
                )
                architecture_line = gr.Markdown(facts(first.architecture).line if first else "")
                checkpoint = gr.Dropdown(
                    [card.name for card in cards if first and card.architecture == first.architecture],
                    value=first.name if first else None,
                    label=text("checkpoint"),
                    elem_id="checkpoint",
                )
                checkpoint_line = gr.Markdown(describe(first) if first else text("no_checkpoints"))
                broken = shelf.broken()
                if broken:
                    names = "; ".join(html.escape(card.error) for card in broken)
                    gr.Markdown(text("broken_checkpoints", names=names))
                temperature = gr.Slider(
                    0.1,
                    1.0,
                    value=first.temperature if first else 1.0,
                    step=0.01,
                    label=text("temperature"),
                    info=text("temperature_info"),
                    elem_id="temperature",
                    visible=bool(first and facts(first.architecture).has_distribution),
                )
                saturation = gr.Slider(
                    0,
                    2,
                    value=1,
                    step=0.05,
                    label=text("saturation"),
                    info=text("saturation_info"),
                    elem_id="saturation",
                )
        with gr.Column(scale=3, min_width=320, elem_id="result"):
            waiting = gr.HTML(f'<div id="waiting">{html.escape(text("waiting"))}</div>')
            with gr.Column(visible=False) as shown:
                with gr.Row(elem_id="panes"):
                    pane: dict[str, Any] = {
                        "format": "jpeg",
                        "buttons": ["fullscreen"],
                        "elem_classes": "pane",
                        "min_width": 150,
                    }
                    gray = gr.Image(label=text("grayscale"), alt_text=text("grayscale_alt"), elem_id="gray", **pane)
                    colour = gr.Image(label=text("predicted"), alt_text=text("predicted_alt"), elem_id="colour", **pane)
                    truth = gr.Image(label=text("original"), alt_text=text("original_alt"), elem_id="truth", **pane)
                    no_truth = gr.Markdown(text("no_original"), elem_id="no-truth", visible=False)
                compare = gr.HTML(elem_id="compare")
                with gr.Row():
                    time_line = gr.Markdown(elem_id="time")
                    download = gr.DownloadButton(
                        text("download"), variant="primary", interactive=False, elem_id="download", min_width=220
                    )
                figures = gr.Markdown(elem_id="figures", visible=False)

    outputs = [waiting, shown, gray, colour, truth, no_truth, compare, figures, time_line, download]
    settings = [source, checkpoint, temperature, saturation]
    model: dict[str, Any] = {"concurrency_id": "model", "concurrency_limit": 1, "api_visibility": "private"}
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}

    def colour_then_file(event: Any) -> None:
        event(handlers.show, settings, outputs, show_progress_on=[colour], **model).success(
            handlers.file, settings, download, show_progress="hidden", **model
        )

    def example_chosen(event: gr.SelectData) -> tuple[str, str]:
        path = str(examples[event.index])
        return path, path

    colour_then_file(photo.upload(handlers.take, photo, [source, photo], **quick).success)
    colour_then_file(gallery.select(example_chosen, None, [source, photo], **quick).success)
    photo.clear(lambda: [None, *handlers.cleared()], None, [source, *outputs], **quick)
    lines = [checkpoint_line, temperature]
    colour_then_file(
        architecture.input(
            handlers.architecture_chosen, architecture, [checkpoint, architecture_line, *lines], **quick
        ).success
    )
    colour_then_file(checkpoint.input(handlers.checkpoint_chosen, checkpoint, lines, **quick).success)
    for slider in (temperature, saturation):
        colour_then_file(partial(slider.input, trigger_mode="always_last"))
