"""The Show tab, for talks and exhibitions: one photo after another on a stage that can fill the screen."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.architectures.registry import facts

from ..gradio_private import event_values
from ..i18n.texts import error_text, text, translatable, translated
from ..i18n.toasts import plain_errors
from ..serving.served_files import cached_copy, preview, readable, shown_file
from ..session.request import PhotoRequest, answer, picture_of
from ..session.shelf import NETWORK, Shelf
from ..widgets.photo_source import example_name
from ..widgets.show_stage import ShowStage, failure_update, list_update, photo_update
from .one_photo.tab import OnePhotoTab
from .parts import QUICK, SILENT, Updates, by_component, components
from .tab import Context, Tab

SIDE = 2560
"""Longest side of the pictures on the stage, in pixels: more than a projector shows."""

SUFFIXES = ["image", ".heic", ".heif", ".avif", ".tif", ".tiff", ".jp2"]
"""Files that can be added; browsers do not count all of them as images."""


@dataclass(frozen=True)
class StagePhoto:
    """A photo for the stage."""

    key: str
    """Differs if its pictures would differ."""
    of: str
    """Differs if it is another photo."""
    name: str
    request: PhotoRequest


@dataclass
class ShowHandlers:
    """What happens on the tab, as plain functions of what it shows."""

    shelf: Shelf
    examples: Sequence[Path] = ()

    def photos(self, request: PhotoRequest, added: Sequence[str], with_examples: bool) -> list[StagePhoto]:
        """All photos to show, each once: the first tab's photo as it is there, the added ones, and the examples. The
        others have the same checkpoint and preset."""
        # Copies in Gradio's cache, as the first tab has them: what was coloured there is not coloured again.
        examples = {cached_copy(path): example_name(path) for path in self.examples}
        paths = [*([request.path] if request.path else []), *added, *(examples if with_examples else [])]
        return [
            _stage_photo(request if path == request.path else replace(request, points=()), path, examples.get(path))
            for path in dict.fromkeys(paths)
        ]

    def list_photos(self, request: PhotoRequest, added: Sequence[str], with_examples: bool) -> Updates:
        """The photos, the stage's list of them, and how they are coloured."""
        photos = self.photos(request, added, with_examples)
        entries = [{"key": photo.key, "of": photo.of, "name": photo.name} for photo in photos]
        return {"photos": photos, "stage": list_update(entries), "settings": self._settings(request)}

    def show(self, photos: Sequence[StagePhoto], request: Mapping[str, Any]) -> Any:
        """The stage's update for its request {"key", "n"}: the pictures of a photo, or why there are none."""
        number = request.get("n")
        photo = next((photo for photo in photos if photo.key == request.get("key")), None)
        if photo is None:
            return failure_update(number, text("gone"))
        if not photo.request.checkpoint:
            return failure_update(number, text("no_checkpoints"))
        try:
            with plain_errors():
                return self._pictures(number, photo.request)
        except gr.Error as error:
            return failure_update(number, html.unescape(error.message))
        except (RuntimeError, MemoryError) as error:  # torch's, such as too little memory
            return failure_update(number, error_text(error))

    def _pictures(self, number: Any, request: PhotoRequest) -> Any:
        assert request.path
        opened, stem = self.shelf.open(request.file), Path(request.path).stem
        photo = preview(opened.photo, SIDE)
        result = answer(self.shelf, request).at_size(photo)
        colour = picture_of(request, result)
        shown = {"gray": (result.grayscale, "gray"), "colour": (colour, "colorized")}
        if opened.comparable:
            shown["truth"] = (photo, "original")
        pictures = {name: shown_file(picture, f"{stem}-{suffix}") for name, (picture, suffix) in shown.items()}
        return photo_update(number, pictures, hinted=bool(result.hints))

    def _settings(self, request: PhotoRequest) -> str:
        """A sentence about how the photos are coloured."""
        name = request.checkpoint
        if not name:
            return text("no_checkpoints")
        with plain_errors():
            has_presets = facts(self.shelf.card(name).architecture).has_distribution
        if not has_presets:
            return text("show_settings", checkpoint=html.escape(name))
        return translatable(
            lambda: text(
                "show_settings_preset", checkpoint=html.escape(name), preset=text(f"preset_{request.preset}").lower()
            )
        )


def _stage_photo(request: PhotoRequest, path: str, name: str | None) -> StagePhoto:
    request = replace(request, path=path, view="", sides={})  # what the first tab shows changes nothing here
    title = translatable(lambda: _capital(translated(name or readable(path))))
    return StagePhoto(_digest(request), _digest(path), title, request)


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Parts:
    """The components of the tab."""

    photos: gr.State
    """A `StagePhoto` for each."""
    added: gr.State
    """The paths of the photos that the visitor added."""
    stage: ShowStage
    add: gr.UploadButton
    remove: gr.Button
    with_examples: gr.Checkbox
    settings: gr.Markdown


@dataclass
class ShowTab(Tab):
    """The Show tab."""

    id = "show"
    one_photo: OnePhotoTab
    """Its photo comes first, and the others are coloured as it is."""

    def build(self, context: Context) -> None:
        with gr.Column(elem_id="show-work"):
            parts = _lay_out(has_examples=bool(context.examples))
        handlers = ShowHandlers(context.shelf, context.examples)
        _connect(parts, handlers, context.tab, self.one_photo.parts.request_inputs())


def _lay_out(has_examples: bool) -> Parts:
    gr.Markdown(text("show_intro"))
    stage = ShowStage(elem_id="show")
    with gr.Row(elem_id="show-options"):
        # No gr.File: once it has files, it nests one control in another, which screen readers cannot tell apart.
        add = gr.UploadButton(
            text("show_add"), file_count="multiple", file_types=SUFFIXES, elem_id="show-add", min_width=240
        )
        remove = gr.Button(text("show_remove"), visible=False, elem_id="show-remove", min_width=240)
        with_examples = gr.Checkbox(
            value=True,
            label=text("show_examples"),
            elem_id="show-examples",
            container=False,
            visible=has_examples,
            min_width=200,
        )
    settings = gr.Markdown(elem_id="show-settings")
    return Parts(gr.State([]), gr.State([]), stage, add, remove, with_examples, settings)


def _connect(parts: Parts, handlers: ShowHandlers, tab: gr.Tab, request_inputs: dict[str, Any]) -> None:
    named = components(parts)

    def add(files: list[str] | None, added: list[str]) -> dict[Any, Any]:
        return {parts.added: [*added, *(files or [])], parts.remove: gr.update(visible=True)}

    def remove() -> dict[Any, Any]:
        return {parts.added: [], parts.remove: gr.update(visible=False)}

    def list_photos(added: list[str], with_examples: bool, **values: Any) -> dict[Any, Any]:
        request = PhotoRequest.from_values(**values)
        return by_component(named, handlers.list_photos(request, added, with_examples))

    def show(event: gr.EventData, photos: list[StagePhoto]) -> Any:
        return handlers.show(photos, event_values(event))

    changed = [parts.added, parts.remove]
    added = parts.add.upload(add, None, changed, inputs_kwargs={"files": parts.add, "added": parts.added}, **QUICK)
    removed = parts.remove.click(remove, None, changed, **QUICK)
    for event in (tab.select, parts.with_examples.input, added.success, removed.success):
        inputs = {"added": parts.added, "with_examples": parts.with_examples, **request_inputs}
        event(list_photos, None, [parts.photos, parts.stage, parts.settings], inputs_kwargs=inputs, **QUICK)
    parts.stage.want(
        handlers.shelf.one_at_a_time(show), parts.photos, parts.stage, **NETWORK, **SILENT, trigger_mode="multiple"
    )
