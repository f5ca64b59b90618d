"""The tab for one photograph: upload, look, adjust, download. What it does is in `handlers`."""

from __future__ import annotations

import html
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from ..architectures import facts
from .compare import Compare
from .handlers import Handlers, about, architecture_choices, describe
from .models import Shelf
from .source import example_chooser, example_gallery, photo_input
from .texts import text


def one_photo(shelf: Shelf, examples: list[Path]) -> gr.State:
    """Lay out the tab and connect it, inside a gr.Blocks. Returns the path of the photograph, as a state."""
    parts = SimpleNamespace(source=gr.State(None))
    with gr.Row(elem_id="work"):
        with gr.Column(scale=1, min_width=300, elem_id="input"):
            _lay_out_input(parts, examples)
            with gr.Column(elem_id="settings"):
                _lay_out_settings(parts, shelf)
        with gr.Column(scale=3, min_width=320, elem_id="result"):
            _lay_out_result(parts)
    _connect(parts, Handlers(shelf), examples)
    return parts.source


def _lay_out_input(parts: SimpleNamespace, examples: list[Path]) -> None:
    parts.photo = photo_input("photo", 300)
    parts.gallery = example_gallery("examples", examples)


def _lay_out_settings(parts: SimpleNamespace, shelf: Shelf) -> None:
    cards, broken = shelf.cards(), shelf.broken()
    first = cards[0] if cards else None
    known = facts(first.architecture) if first else None
    with gr.Group():
        parts.architecture = gr.Dropdown(
            architecture_choices(cards),
            value=known.name if known else None,
            label=text("architecture"),
            elem_id="architecture",
        )
        parts.architecture_line = gr.Markdown(about(known.name) if known else "", elem_classes="about")
    with gr.Group():
        parts.checkpoint = gr.Dropdown(
            [card.name for card in cards if known and card.architecture == known.name],
            value=first.name if first else None,
            label=text("checkpoint"),
            elem_id="checkpoint",
        )
        parts.checkpoint_line = gr.Markdown(describe(first) if first else text("no_checkpoints"), elem_classes="about")
    if broken:
        gr.Markdown(text("broken_checkpoints", names="; ".join(html.escape(card.error) for card in broken)))
    parts.temperature = gr.Slider(
        0.1,
        1.0,
        value=first.temperature if first else 1.0,
        step=0.01,
        label=text("temperature"),
        info=text("temperature_info"),
        elem_id="temperature",
        visible=bool(known and known.has_distribution),
    )
    parts.raw = gr.Checkbox(
        value=False,
        label=text("raw"),
        info=text("raw_info"),
        elem_id="raw",
        visible=bool(known and known.predicts_rgb),
    )
    parts.saturation = gr.Slider(
        0,
        2,
        value=1,
        step=0.05,
        label=text("saturation"),
        info=text("saturation_info"),
        elem_id="saturation",
    )


def _lay_out_result(parts: SimpleNamespace) -> None:
    pane: dict[str, Any] = {"buttons": ["fullscreen"], "elem_classes": "pane", "min_width": 110}
    parts.waiting = gr.HTML(
        f'<div id="waiting"><div class="ghosts" aria-hidden="true">{"<span></span>" * 3}</div>'
        f"{html.escape(text('waiting'))}</div>"
    )
    with gr.Column(visible=False) as parts.shown:
        with gr.Row(elem_id="panes"):
            parts.gray = gr.Image(label=text("grayscale"), alt_text=text("grayscale_alt"), elem_id="gray", **pane)
            parts.colour = gr.Image(label=text("predicted"), alt_text=text("predicted_alt"), elem_id="colour", **pane)
            parts.truth = gr.Image(label=text("original"), alt_text=text("original_alt"), elem_id="truth", **pane)
            parts.no_truth = gr.Markdown(text("no_original"), elem_id="no-truth", visible=False)
        parts.compare = Compare(elem_id="compare")
        parts.classes = gr.Markdown(elem_id="classes", visible=False)
        with gr.Row():
            parts.time = gr.Markdown(elem_id="time")
            parts.download = gr.DownloadButton(
                text("download"), variant="primary", interactive=False, elem_id="download", min_width=220
            )
        parts.figures = gr.Markdown(elem_id="figures", visible=False)


def _connect(parts: SimpleNamespace, handlers: Handlers, examples: list[Path]) -> None:
    names = (
        "waiting",
        "shown",
        "gray",
        "colour",
        "truth",
        "no_truth",
        "compare",
        "figures",
        "time",
        "classes",
        "download",
    )
    outputs = [getattr(parts, name) for name in names]
    settings = [parts.source, parts.checkpoint, parts.temperature, parts.saturation, parts.raw]
    # What is asked while an answer is under way has its turn; by default events drop it, and a photograph chosen in
    # that time would stand beside the panes of the one before.
    model: dict[str, Any] = {
        "concurrency_id": "model",
        "concurrency_limit": 1,
        "api_visibility": "private",
        "trigger_mode": "always_last",
    }
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}
    running: list[Any] = []

    def colour_then_file(event: Any) -> None:
        shown = event(handlers.show, settings, outputs, show_progress_on=[parts.colour], **model)
        running.extend([shown, shown.success(handlers.file, settings, parts.download, show_progress="hidden", **model)])

    taken = [parts.source, parts.photo]
    colour_then_file(parts.photo.upload(handlers.take, parts.photo, taken, **quick).success)
    colour_then_file(parts.gallery.select(example_chooser(examples), None, taken, **quick).success)
    lines = [parts.checkpoint_line, parts.temperature, parts.raw]
    architecture = parts.architecture.input(
        handlers.architecture_chosen, parts.architecture, [parts.checkpoint, parts.architecture_line, *lines], **quick
    )
    colour_then_file(architecture.success)
    colour_then_file(parts.checkpoint.input(handlers.checkpoint_chosen, parts.checkpoint, lines, **quick).success)
    for control in (parts.temperature, parts.saturation, parts.raw):
        colour_then_file(control.input)
    # What is still under way for a photo must not appear after the photo was taken away.
    parts.photo.clear(lambda: [None, *handlers.cleared()], None, [parts.source, *outputs], cancels=running, **quick)
