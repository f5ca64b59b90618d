"""Files for a presentation of the photograph on the screen: slides, a film, a PowerPoint deck."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import gradio as gr

from colorizer.page.i18n.texts import number, text
from colorizer.page.i18n.toasts import refusal
from colorizer.page.serving.served_files import preview, served_file
from colorizer.page.session.request import PhotoRequest, answer, shown_of
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.download import Download
from colorizer.page.widgets.made_files import IN_TURN, SAVE, Tell, guess, made_button, makes, speaker_notes
from colorizer.photo.save import save_photo

if TYPE_CHECKING:
    from colorizer.inference.colorization import Colorization

ENDINGS = {"slide": "-slide.png", "slide_4k": "-slide-4k.png", "film": "-film.mp4", "deck": ".pptx"}
"""What can be made, and how its files are called after the photograph."""

SIDE = 3840
"""Longest side of the pictures that go into them, in pixels: none shows more."""


def make(shelf: Shelf, kind: str, request: PhotoRequest, tell: Tell | None = None) -> Path:
    """The file of a `kind` in `ENDINGS`, of the photograph as it is asked for, where Gradio may serve it.

    Words are in the language spoken. Raises PhotoError, CheckpointError, ValueError.
    """
    from colorizer import figures

    assert request.path
    assert request.checkpoint
    opened = shelf.open(request.path)
    result = answer(shelf, request)
    small = result.at_size(preview(opened.photo, SIDE))
    panes = [
        (text("grayscale"), small.grayscale),
        (text("predicted"), shown_of(request, small)),
    ]
    if not opened.black_and_white:
        panes.append((text("original"), small.original))
    stem = Path(request.path).stem
    target = served_file(stem + ENDINGS[kind])
    note = guess(request.checkpoint)
    if kind == "film":
        (before, gray), (after, colour) = panes[:2]
        return figures.wipe_video(gray, colour, target, (before, after), note, progress=tell)
    if kind == "deck":
        slide = figures.Slide(stem, panes, notes_of(shelf, request, result), note)
        return figures.write_deck([slide], target)
    size = (3840, 2160) if kind == "slide_4k" else (1920, 1080)
    return save_photo(figures.triptych_slide(panes, size, note=note), target, checkpoint=request.checkpoint)


def notes_of(shelf: Shelf, request: PhotoRequest, result: Colorization) -> str:
    """The speaker notes of the slide."""
    assert request.path
    assert request.checkpoint
    settings = _settings(request, result)
    return speaker_notes(Path(request.path).name, result.original.size, request.checkpoint, settings)


def _settings(request: PhotoRequest, result: Colorization) -> list[str]:
    if request.raw and result.architecture.predicts_rgb:
        return [text("raw")]
    said = [text(f"preset_{request.preset}")] if result.architecture.has_distribution else []
    if result.readout.prefers_colours:
        said.append(text(f"row_like_{request.like}"))
    asked = result.readout.numbers(result.architecture)
    said += [f"{text(name)} {number(value, '.2g')}" for name, value in asked.items()]
    if result.hints:
        said.append(text("row_hints", count=len(result.hints)))
    return said


def export_block(parts: SimpleNamespace) -> None:
    """Lay out the buttons, inside the result."""
    with gr.Accordion(text("export"), open=False, elem_id="export"):
        gr.Markdown(text("export_info"), elem_id="export-info")
        with gr.Row(elem_id="export-kinds"):
            parts.export = {
                kind: gr.Button(
                    text(f"export_{kind}"), elem_id=f"export-{kind.replace('_', '-')}", size="md", min_width=150
                )
                for kind in ENDINGS
            }
        with gr.Row(elem_id="export-file"):
            parts.making = gr.Markdown(elem_id="making")
            parts.made = made_button("made")


def connect_export(parts: SimpleNamespace, shelf: Shelf, request: Mapping[str, Any]) -> list[Any]:
    """One click makes a file and saves it. request: the parts that make a `PhotoRequest`. Returns the events that
    may be cancelled."""
    return [makes(button, _maker(shelf, kind), request, parts) for kind, button in parts.export.items()]


def download_block(parts: SimpleNamespace) -> None:
    """Lay out the button for the photograph at full size."""
    parts.download = gr.Button(
        text("download"), variant="primary", elem_id="download", min_width=220, interactive=False
    )


def connect_download(parts: SimpleNamespace, make: Callable[..., Any], request: Mapping[str, Any]) -> Any:
    """One click makes the file and saves it: only then, as at full size that takes longer than all that is seen.
    make: what fills `file`. Returns the event that may be cancelled."""
    # Here and not beside the button: what is hidden shows now and then where Gradio shows what it lies in.
    parts.file = Download(visible="hidden")
    event = parts.download.click(
        make, None, [parts.file], inputs_kwargs=dict(request), show_progress_on=[parts.time], **IN_TURN
    )
    event.success(None, parts.file, None, js=SAVE, api_visibility="private")
    return event


def _maker(shelf: Shelf, kind: str) -> Callable[..., Path]:
    def made(tell: Tell, **values: Any) -> Path:
        request = PhotoRequest.from_values(**values)
        if request.path is None or not request.checkpoint:
            raise refusal("compare_nothing")
        return make(shelf, kind, request, tell)

    return made
