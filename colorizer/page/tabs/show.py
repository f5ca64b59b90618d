"""The tab for talks and exhibitions: photographs one after another on a stage that can fill the screen."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr

from colorizer.architectures.registry import facts

from ..gradio_private import event_values
from ..i18n.texts import explained, said, text
from ..i18n.toasts import plain_errors
from ..serving.served_files import cached_copy, preview, readable, shown_file
from ..session.request import PhotoRequest, answer, shown_of
from ..session.shelf import NETWORK, Shelf
from ..widgets.show_stage import ShowStage, failing, listing, showing

SIDE = 2560
"""Longest side of the pictures on the stage, in pixels: a projector's, and more."""

SUFFIXES = ["image", ".heic", ".heif", ".avif", ".tif", ".tiff", ".jp2"]
"""What is taken; browsers do not count all of it as images."""


@dataclass(frozen=True)
class Slide:
    """One photograph of the show."""

    key: str
    """Another one when its pictures would be other ones."""
    of: str
    """Which photograph it is."""
    name: str
    request: PhotoRequest


@dataclass
class Presentation:
    """What happens on the tab, as plain functions of what it shows."""

    shelf: Shelf
    examples: Sequence[Path] = ()

    def slides(self, request: PhotoRequest, added: Sequence[str], with_examples: bool) -> list[Slide]:
        """All there is to show: the first tab's photograph as it is, those added, the examples; the others as boldly,
        by the same checkpoint. None comes twice."""
        # Copies in Gradio's cache, as the first tab has them, so that what it coloured need not be coloured again.
        examples = [cached_copy(path) for path in self.examples] if with_examples else []
        paths = dict.fromkeys([*([request.path] if request.path else []), *added, *examples])
        return [_slide(request if path == request.path else replace(request, points=()), path) for path in paths]

    def listed(self, request: PhotoRequest, added: Sequence[str], with_examples: bool) -> tuple[list[Slide], Any, str]:
        """The slides, the stage's list of them, and how they are coloured."""
        slides = self.slides(request, added, with_examples)
        entries = [{"key": slide.key, "of": slide.of, "name": slide.name} for slide in slides]
        return slides, listing(entries), self._settings(request)

    def slide(self, slides: Sequence[Slide], wish: Mapping[str, Any]) -> Any:
        """The stage's answer to {"key", "n"}: pictures, or why there are none."""
        number = wish.get("n")
        slide = next((slide for slide in slides if slide.key == wish.get("key")), None)
        if slide is None:
            return failing(number, text("gone"))
        if not slide.request.checkpoint:
            return failing(number, text("no_checkpoints"))
        try:
            with plain_errors():
                return self._pictures(number, slide.request)
        except gr.Error as error:
            return failing(number, html.unescape(error.message))
        except (RuntimeError, MemoryError) as error:  # torch's, such as too little memory
            return failing(number, explained(error))

    def _pictures(self, number: Any, request: PhotoRequest) -> Any:
        assert request.path
        opened, stem = self.shelf.open(request.path), Path(request.path).stem
        photo = preview(opened.photo, SIDE)
        result = answer(self.shelf, request).at_size(photo)
        colour = shown_of(request, result)
        shown = {"gray": (result.grayscale, "gray"), "colour": (colour, "colorized")}
        if not opened.black_and_white:
            shown["truth"] = (photo, "original")
        pictures = {name: shown_file(picture, f"{stem}-{suffix}") for name, (picture, suffix) in shown.items()}
        return showing(number, pictures, hinted=bool(result.hints))

    def _settings(self, request: PhotoRequest) -> str:
        """How the photographs are coloured, in words."""
        name = request.checkpoint
        if not name:
            return text("no_checkpoints")
        with plain_errors():
            bold = facts(self.shelf.card(name).architecture).has_distribution
        if not bold:
            return text("show_settings", checkpoint=html.escape(name))
        return said(
            lambda: text(
                "show_settings_preset", checkpoint=html.escape(name), preset=text(f"preset_{request.preset}").lower()
            )
        )


def _slide(request: PhotoRequest, path: str) -> Slide:
    request = replace(request, path=path, view="", sides={})  # where the first tab is looked at changes nothing here
    name = readable(path)
    return Slide(_digest(request), _digest(path), name[:1].upper() + name[1:], request)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


def show(shelf: Shelf, examples: list[Path], request: dict[str, Any], tab: gr.Tab) -> None:
    """Lay out the tab and connect it, inside a gr.Tab. request: parts of the first tab that make a `PhotoRequest`."""
    parts = SimpleNamespace(slides=gr.State([]), added=gr.State([]))
    with gr.Column(elem_id="show-work"):
        gr.Markdown(text("show_intro"))
        parts.stage = ShowStage(elem_id="show")
        with gr.Row(elem_id="show-options"):
            # No gr.File: once it has files, it puts one control into another, which screen readers cannot tell apart.
            parts.add = gr.UploadButton(
                text("show_add"), file_count="multiple", file_types=SUFFIXES, elem_id="show-add", min_width=240
            )
            parts.remove = gr.Button(text("show_remove"), visible=False, elem_id="show-remove", min_width=240)
            parts.with_examples = gr.Checkbox(
                value=True,
                label=text("show_examples"),
                elem_id="show-examples",
                container=False,
                visible=bool(examples),
                min_width=200,
            )
        parts.settings = gr.Markdown(elem_id="show-settings")
    presentation = Presentation(shelf, examples)
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "queue": False}

    def add(files: list[str] | None, added: list[str]) -> Any:
        return [*added, *(files or [])], gr.update(visible=True)

    def listed(added: list[str], with_examples: bool, **values: Any) -> Any:
        return presentation.listed(PhotoRequest.from_values(**values), added, with_examples)

    own = [parts.added, parts.remove]
    for event in (
        tab.select,
        parts.with_examples.input,
        parts.add.upload(add, [parts.add, parts.added], own, **quick).success,
        parts.remove.click(lambda: ([], gr.update(visible=False)), None, own, **quick).success,
    ):
        outputs = [parts.slides, parts.stage, parts.settings]
        event(listed, [parts.added, parts.with_examples], outputs, inputs_kwargs=request, **quick)

    def slide(event: gr.EventData, slides: list[Slide]) -> Any:
        return presentation.slide(slides, event_values(event))

    parts.stage.want(
        shelf.at_work(slide),
        parts.slides,
        parts.stage,
        **NETWORK,
        api_visibility="private",
        show_progress="hidden",
        trigger_mode="multiple",
    )
