"""The choice of a photo: an upload, or one of the examples; and pictures in a grid."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import gradio as gr

from colorizer.checkpoints.card import Card

from ..i18n.texts import knows, text
from ..serving.headers import uploaded_path
from ..serving.served_files import readable


class PhotoInput(gr.Image):
    """An image input that returns the path of the uploaded file.

    gr.Image decodes the file before a handler gets it: 16-bit scans turn white, transparency and colour profiles are
    lost, and no handler can catch the error for a broken file. `open_photo` does all of that properly.
    """

    is_template = True  # the browser shows it as a gr.Image

    def preprocess(self, payload):
        """The path of the uploaded file, or None. Raises gr.Error for one that was not uploaded."""
        return uploaded_path(payload)


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


def captioned_gallery(label: Any, *, elem_id: str, columns: int, show_label: bool = True) -> gr.Gallery:
    """Lay out an empty grid; its captions stand below the pictures, and a click selects one and enlarges none."""
    return gr.Gallery(
        label=label,
        show_label=show_label,
        elem_id=elem_id,
        elem_classes="captioned",
        columns=columns,
        height="auto",
        object_fit="contain",
        interactive=False,
        allow_preview=False,
        buttons=[],
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


class CheckpointList(gr.Radio):
    """A list whose value may be none of its choices any more.

    The choices change with the folder of checkpoints. A gr.Radio refuses the value of an event that was on its way
    meanwhile, in English; then the event that waits for that one never runs, and the page keeps the colours of the old
    network.
    """

    is_template = True  # the browser shows it as a gr.Radio

    def preprocess(self, payload: Any) -> Any:
        """The checkpoint's name, or None. `Shelf.card` says which there are."""
        return None if payload is None else str(payload)


class SomeCheckpoints(gr.Dropdown):
    """A dropdown of which several may be chosen, with names that may be none of its choices any more."""

    is_template = True  # the browser shows it as a gr.Dropdown

    def preprocess(self, payload: Any) -> Any:
        """The names of checkpoints, a list of str."""
        return [str(name) for name in payload or ()]


def chip(elem_id: str, says: str = "", variant: Literal["primary", "secondary"] = "secondary") -> gr.Button:
    """A small button, hidden until there is a reason for it."""
    shape: dict[str, Any] = {"size": "sm", "scale": 0, "min_width": 40, "elem_classes": "chip"}
    return gr.Button(says, variant=variant, visible=False, elem_id=elem_id, **shape)


def usual(cards: Sequence[Card]) -> str | None:
    """The name of the checkpoint that the page begins with. cards: as `Shelf.cards` has them."""
    return cards[0].name if cards else None


def chip_update(chosen: str | None, cards: Sequence[Card]) -> Any:
    """An update: named after the chosen checkpoint, and hidden for the usual one and for none."""
    if not chosen or chosen == usual(cards):
        return gr.update(visible=False)
    return gr.update(visible=True, value=text("network_chip", name=chosen))
