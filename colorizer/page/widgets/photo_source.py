"""Where a tab's photograph comes from: an upload, or one of the examples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gradio as gr

from ..i18n.texts import text
from ..serving.served_files import cached_copy, readable
from .photo_input import PhotoInput


def photo_input(elem_id: str, height: int, label: str | None = None) -> PhotoInput:
    """Upload, camera or clipboard. label: what it is for; the photograph to colour by default, which is also what is
    pasted with the keyboard."""
    return PhotoInput(
        label=label or text("photo"),
        elem_id=elem_id,
        elem_classes="reference" if label else "photo",
        sources=["upload", "webcam", "clipboard"],
        # For prints held before the camera: the one at the back, not mirrored.
        webcam_options=gr.WebcamOptions(mirror=False, constraints={"video": {"facingMode": {"ideal": "environment"}}}),
        placeholder=text("photo_placeholder"),
        alt_text=label or text("photo"),
        buttons=["fullscreen"],
        interactive=True,
        height=height,
    )


def example_gallery(elem_id: str, examples: list[Path]) -> gr.Gallery:
    """The examples to click, named after their files."""
    return gr.Gallery(
        [(str(path), readable(path)) for path in examples],
        label=text("examples"),
        elem_id=elem_id,
        elem_classes="examples",
        columns=4,
        height=250,
        object_fit="cover",
        allow_preview=False,
        buttons=[],
        interactive=False,
        visible=bool(examples),
    )


def example_chooser(examples: list[Path]) -> Callable[[gr.SelectData], tuple[str, str]]:
    """What a click in the gallery does: the example's path, for the state and for the photo input."""

    def chosen(event: gr.SelectData) -> tuple[str, str]:
        path = cached_copy(examples[event.index])
        return path, path

    return chosen
