"""Files for a presentation of the photograph on the screen: slides, a film, a PowerPoint deck."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import gradio as gr

from ..photo import save_photo
from .asked import Asked, answer
from .components import preview, served_file
from .download import Download, download_button
from .handlers import plain_errors
from .models import Shelf
from .texts import number, text

if TYPE_CHECKING:
    from ..inference import Colorization

ENDINGS = {"slide": "-slide.png", "slide_4k": "-slide-4k.png", "film": "-film.mp4", "deck": ".pptx"}
"""What can be made, and how its files are called after the photograph."""

SIDE = 3840
"""Longest side of the pictures that go into them, in pixels: none shows more."""

DOWNLOAD = """
(file) => {
  if (!file?.url) return;
  const link = document.createElement('a');
  link.href = file.url;
  link.download = file.orig_name ?? '';
  document.body.append(link);
  link.click();
  link.remove();
}
"""
"""Saves what was just made. A gr.DownloadButton saves only what it had before it was clicked."""


def make(shelf: Shelf, kind: str, asked: Asked, progress: Callable[[float], None] | None = None) -> Path:
    """The file of a `kind` in `ENDINGS`, of the photograph as it is asked for, where Gradio may serve it.

    Words are in the language spoken. progress: told the share done, 0 to 1. Raises PhotoError, CheckpointError,
    ValueError.
    """
    from .. import figures

    assert asked.path
    assert asked.checkpoint
    opened = shelf.open(asked.path)
    result = answer(shelf, asked)
    small = result.at_size(preview(opened.photo, SIDE))
    panes = [
        (text("grayscale"), small.grayscale),
        (text("predicted"), (small.raw if asked.raw else None) or small.image),
    ]
    if not opened.black_and_white:
        panes.append((text("original"), small.original))
    stem = Path(asked.path).stem
    target = served_file(stem + ENDINGS[kind])
    note = text("export_guess", checkpoint=asked.checkpoint, date=date.today().isoformat())
    if kind == "film":
        (before, gray), (after, colour) = panes[:2]
        return figures.wipe_video(gray, colour, target, (before, after), note, progress=progress)
    if kind == "deck":
        slide = figures.Slide(stem, panes, speaker_notes(shelf, asked, result), note)
        return figures.write_deck([slide], target)
    size = (3840, 2160) if kind == "slide_4k" else (1920, 1080)
    return save_photo(figures.triptych_slide(panes, size, note=note), target, checkpoint=asked.checkpoint)


def speaker_notes(shelf: Shelf, asked: Asked, result: Colorization) -> str:
    """Where the colours come from, for whoever presents them: that they are invented, by what, asked how."""
    width, height = result.original.size
    return "\n".join(
        [
            text("export_invented"),
            text("export_photo", name=Path(asked.path or "").name, width=width, height=height),
            text("export_checkpoint", checkpoint=asked.checkpoint),
            text("export_settings", settings=", ".join(_settings(shelf, asked, result))),
            text("export_made", date=date.today().isoformat()),
        ]
    )


def _settings(shelf: Shelf, asked: Asked, result: Colorization) -> list[str]:
    assert asked.checkpoint
    if asked.raw and result.architecture.predicts_rgb:
        return [text("raw")]
    temperature, vividness, saturation = asked.sliders(shelf.card(asked.checkpoint))
    said = []
    if result.architecture.has_distribution:
        said = [text(f"preset_{asked.preset}"), f"{text('temperature')} {number(temperature, '.2g')}"]
        said.append(f"{text('vividness')} {number(vividness, '.2g')}")
    said.append(f"{text('saturation')} {number(saturation, '.2g')}")
    if "histogram" in result.readout:
        said.append(f"{text(f'row_like_{asked.like}')} ({text('strength')} {number(asked.strength, '.2g')})")
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
            parts.made = download_button(
                text("export_again", name=""), True, visible=False, size="sm", scale=0, min_width=240, elem_id="made"
            )


def connect_export(parts: SimpleNamespace, shelf: Shelf, asked: Sequence[Any]) -> list[Any]:
    """One click makes a file and saves it. asked: the parts that make an `Asked`. Returns the events that
    may be cancelled."""
    events = []
    for kind, button in parts.export.items():
        event = button.click(
            _maker(shelf, kind),
            list(asked),
            [parts.made, parts.making],
            show_progress_on=[parts.making],
            # Not in the queue of the networks: what is on the screen has its answer, and a film takes seconds.
            concurrency_id="export",
            concurrency_limit=1,
            api_visibility="private",
        )
        event.success(None, parts.made, None, js=DOWNLOAD, api_visibility="private")
        events.append(event)
    return events


def download_block(parts: SimpleNamespace) -> None:
    """Lay out the button for the photograph at full size."""
    parts.download = gr.Button(
        text("download"), variant="primary", elem_id="download", min_width=220, interactive=False
    )
    parts.file = Download(visible="hidden")


def connect_download(parts: SimpleNamespace, make: Callable[..., Any], asked: Sequence[Any]) -> Any:
    """One click makes the file and saves it: only then, as at full size that takes longer than all that is seen.
    make: what fills `file`. Returns the event that may be cancelled."""
    event = parts.download.click(
        make,
        list(asked),
        [parts.file],
        show_progress_on=[parts.time],
        concurrency_id="export",
        concurrency_limit=1,
        api_visibility="private",
    )
    event.success(None, parts.file, None, js=DOWNLOAD, api_visibility="private")
    return event


def _maker(shelf: Shelf, kind: str) -> Callable[..., tuple[Any, str]]:
    # First, as Gradio puts it where it stands, and there is any number of settings.
    def made(progress: gr.Progress = gr.Progress(), *values: Any) -> tuple[Any, str]:  # noqa: B008
        asked = Asked(*values)
        if asked.path is None or not asked.checkpoint:
            raise gr.Error(text("compare_nothing"), print_exception=False)

        def tell(share: float) -> None:
            progress(share, desc=text("export_under_way"))

        tell(0)
        with plain_errors():
            target = make(shelf, kind, asked, tell)
        return gr.update(value=str(target), visible=True, label=text("export_again", name=target.name)), text(
            "export_done", name=target.name
        )

    return made
