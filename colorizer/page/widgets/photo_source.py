"""The choice of a photo: an upload, or one of the examples."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from ..i18n.texts import knows, text
from ..serving.served_files import cached_copy, readable
from .photo_input import PhotoInput


def photo_input(elem_id: str, height: int, label: str | None = None) -> PhotoInput:
    """Upload, camera or clipboard. label: what the picture is for. By default it is the photo to colour; pictures that
    are pasted with the keyboard go there."""
    return PhotoInput(
        label=label or text("photo"),
        elem_id=elem_id,
        elem_classes="reference" if label else "photo",
        sources=["upload", "webcam", "clipboard"],
        # For prints in front of the camera: the one at the back, not mirrored.
        webcam_options=gr.WebcamOptions(mirror=False, constraints={"video": {"facingMode": {"ideal": "environment"}}}),
        placeholder=text("photo_placeholder"),
        alt_text=label or text("photo"),
        buttons=["fullscreen"],
        interactive=True,
        height=height,
    )


def example_gallery(elem_id: str, examples: Sequence[Path]) -> gr.Gallery:
    """The examples, by name."""
    return gr.Gallery(
        [(str(path), example_name(path)) for path in examples],
        label=text("examples"),
        elem_id=elem_id,
        elem_classes="examples",
        columns=4,
        height="auto",
        object_fit="cover",
        allow_preview=False,
        buttons=[],
        interactive=False,
        visible=bool(examples),
    )


def example_name(path: Path) -> str:
    """The title of an example, or its file's name as words."""
    return text(f"example_{path.stem}") if knows(f"example_{path.stem}") else readable(path)


def clicked_example(examples: Sequence[Path], event: gr.SelectData) -> str:
    """The path of the example that was clicked in the gallery, in Gradio's cache."""
    return cached_copy(examples[event.index])
