"""The tab for one photograph: upload, look, adjust, download."""

from __future__ import annotations

import html
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from ..architectures import facts
from ..checkpoint import Card, CheckpointError
from ..photo import PhotoError, is_grayscale, open_photo, save_photo
from .components import BROWSER_FORMATS, compare_html, preview, served_file
from .models import Shelf, readout
from .photo_input import PhotoInput
from .texts import text


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show what the package has to say as a toast; the page goes on."""
    try:
        yield
    except FileNotFoundError:
        raise gr.Error(text("gone"), print_exception=False) from None
    except (PhotoError, CheckpointError, ValueError) as error:
        raise gr.Error(html.escape(str(error), quote=False), print_exception=False) from None


@dataclass
class Handlers:
    """What happens on the page, as plain functions of what it shows."""

    shelf: Shelf

    def take(self, path: str | None) -> tuple[str | None, Any]:
        """A new upload: remember its path; show formats that browsers cannot."""
        if path is None or Path(path).suffix.lower() in BROWSER_FORMATS:
            return path, gr.skip()
        try:
            return path, preview(open_photo(path))
        except PhotoError:
            return path, gr.skip()  # colouring it will say what is wrong, where it can be read

    def show(self, path: str | None, checkpoint: str | None, temperature: float, saturation: float) -> list[Any]:
        """Everything on the right: three panes, slider, figures, time. Raises gr.Error."""
        if path is None:
            return self.cleared()
        if not checkpoint:
            raise gr.Error(text("no_checkpoints"), print_exception=False)
        with plain_errors():
            result = readout(self.shelf.colorize(path, checkpoint), temperature, saturation)
            small = result.at_size(preview(result.original))
            black_and_white = is_grayscale(result.original)
            figures = "" if black_and_white else _figures(small)
            width, height = result.original.size
            line = text(
                "time",
                total=result.seconds.total,
                network=result.seconds.network,
                checkpoint=checkpoint,
                width=width,
                height=height,
            )
            return [
                gr.update(visible=False),
                gr.update(visible=True),
                small.grayscale.convert("RGB"),
                small.image,
                gr.update(value=small.original, visible=not black_and_white),
                gr.update(visible=black_and_white),
                compare_html(small.grayscale, small.image),
                gr.update(value=figures, visible=bool(figures)),
                line,
                gr.update(interactive=False),
            ]

    def cleared(self) -> list[Any]:
        """The page without a photograph."""
        return [
            gr.update(visible=True),
            gr.update(visible=False),
            None,
            None,
            gr.update(value=None),
            gr.update(visible=False),
            "",
            gr.update(value="", visible=False),
            "",
            gr.update(value=None, interactive=False),
        ]

    def file(self, path: str | None, checkpoint: str | None, temperature: float, saturation: float) -> Any:
        """The full-size PNG behind the download button, named after the upload."""
        if path is None or not checkpoint:
            return gr.update(value=None, interactive=False)
        with plain_errors():
            result = readout(self.shelf.colorize(path, checkpoint), temperature, saturation)
            target = served_file(f"{Path(path).stem}-colorized.png")
            save_photo(result.image, target, checkpoint=checkpoint)
            return gr.update(value=str(target), interactive=True)

    def architecture_chosen(self, architecture: str) -> list[Any]:
        """The checkpoints of an architecture, its line, and only the controls it can answer."""
        cards = [card for card in self.shelf.cards() if card.architecture == architecture]
        first = cards[0] if cards else None
        return [
            gr.update(choices=[(card.name, card.name) for card in cards], value=first.name if first else None),
            facts(architecture).line,
            *self.checkpoint_chosen(first.name if first else None),
        ]

    def checkpoint_chosen(self, name: str | None) -> list[Any]:
        """A checkpoint's line, and its own temperature."""
        if name is None:
            return [text("no_checkpoints"), gr.update(visible=False)]
        with plain_errors():
            card = self.shelf.card(name)
        return [
            describe(card),
            gr.update(visible=facts(card.architecture).has_distribution, value=card.temperature),
        ]


def describe(card: Card) -> str:
    """One line on a checkpoint: its title, size and, if it was measured, how it compares with plain gray."""
    parts = [card.title, f"{card.parameters / 1e6:.2f} M parameters"]
    if card.metrics:
        gain = card.metrics["psnr"] - card.metrics["gray_psnr"]
        parts.append(f"PSNR {card.metrics['psnr']:.2f} dB, {gain:+.2f} over plain gray")
    return " · ".join(part for part in parts if part)


def _figures(small: Any) -> str:
    """A Markdown table: the prediction and, beside it always, plain gray."""
    from ..metrics import compare

    m = compare(small.image, small.original)
    rows = (
        (text("row_predicted"), m["psnr"], m["delta_e"], m["colourfulness"]),
        (text("row_gray"), m["gray_psnr"], m["gray_delta_e"], m["gray_colourfulness"]),
    )
    lines = [
        f"**{text('figures')}**",
        "",
        f"| | {text('psnr')} | {text('delta_e')} | {text('colourfulness')} |",
        "|:--|--:|--:|--:|",
        *(f"| {name} | {psnr:.2f} | {delta:.2f} | {colour:.1f} |" for name, psnr, delta, colour in rows),
        f"| {text('row_original')} | – | 0 | {m['true_colourfulness']:.1f} |",
        "",
        text("figures_note"),
    ]
    return "\n".join(lines)


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
