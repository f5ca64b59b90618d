"""The Show tab, for talks and exhibitions: one photo after another on a stage that can fill the screen."""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.errors import PhotoError
from colorizer.photo.picture import at_most

from ..i18n.texts import error_text, plain_errors, text, translatable, translated
from ..serving.served_files import cached_copy, readable, shown_file
from ..session.answer import Answer
from ..session.request import PhotoRequest
from ..session.roll import Frame, Roll
from ..session.shelf import Shelf
from ..widgets.album_input import upload_button
from ..widgets.filmstrip import roll_update
from ..widgets.inputs import example_name
from ..widgets.show_stage import ShowStage, failure_update, list_update, photo_update, unread_update
from .one_photo.tab import OnePhotoTab
from .one_photo.wording import small
from .tab import QUICK, SILENT, Context, Named, Tab, Updates

SIDE = 2560
"""Longest side of the pictures on the stage, in pixels: more than a projector shows."""


@dataclass(frozen=True)
class StagePhoto:
    """A photo for the stage."""

    key: str
    """Differs if its pictures would differ."""
    of: str
    """Differs if it is another photo."""
    name: str
    request: PhotoRequest
    frame: str = ""
    """Its key in the visitor's roll, if it is there."""


@dataclass
class ShowHandlers:
    """The handlers of the tab, as plain functions of the values on it."""

    shelf: Shelf
    examples: Sequence[Path] = ()

    def photos(self, request: PhotoRequest, roll: Roll) -> list[StagePhoto]:
        """All photos to show: the visitor's in their order, but for those that cannot be read; the first tab's as it is
        there, the others as they were shown or coloured last. Photos that were neither have the first tab's checkpoint
        and preset. A visitor without photos sees the examples, that of the first tab first."""
        # Copies in Gradio's cache, as the first tab has them: photos coloured there are not coloured again.
        examples = {cached_copy(path): example_name(path) for path in self.examples}
        bare = replace(request, points=(), form=request.form.changed(partial=False))
        here, own = roll.at(request.path), []
        for frame in (frame for frame in roll.frames() if not frame.unread):
            asked = request if here and frame.key == here.key else frame.request or frame.made or bare
            own.append(_stage_photo(asked, frame.path, frame, examples))
        if request.path and not here and request.path not in examples:
            own.append(_stage_photo(request, request.path, None, examples))
        first = sorted(examples, key=lambda path: path != request.path)
        shown = [_stage_photo(request if path == request.path else bare, path, None, examples) for path in first]
        return own if own or roll.frames() else shown

    def list_photos(self, request: PhotoRequest, roll: Roll, added: bool = False) -> Updates:
        """The photos, the stage's list of them, and how they are coloured. added: whether some were added just now."""
        photos = self.photos(request, roll)
        entries = [{"key": photo.key, "of": photo.of, "name": photo.name} for photo in photos]
        own = {cached_copy(path) for path in self.examples}.isdisjoint(photo.request.path for photo in photos)
        return {"photos": photos, "stage": list_update(entries, added, own=own), "settings": self._settings(request)}

    def show(self, photos: Sequence[StagePhoto], request: Mapping[str, Any], roll: Roll) -> Any:
        """The stage's update for its request {"key", "n"}: the pictures of a photo, or why there are none. Notes in the
        roll why a photo cannot be read."""
        number = request.get("n")
        gone = failure_update(number, text("gone"))
        photo = next((photo for photo in photos if photo.key == request.get("key")), None)
        if photo is None:
            return gone
        try:
            with plain_errors():
                try:
                    frame = roll.get(photo.frame)
                    path = roll.path_of(frame) if frame else photo.request.path
                    asked = replace(photo.request, path=path).asked()
                    return self._pictures(number, self.shelf.answer(asked)) if asked else gone
                except (PhotoError, FileNotFoundError) as error:
                    missing = PhotoError.of("photo_missing", name=photo.name, reason="")
                    roll.cannot_read(photo.frame, error if isinstance(error, PhotoError) else missing)
                    return unread_update(number)
        except gr.Error as error:
            return failure_update(number, html.unescape(error.message))
        except (RuntimeError, MemoryError) as error:  # torch's, such as too little memory
            return failure_update(number, error_text(error))

    def _pictures(self, number: Any, answer: Answer) -> Any:
        photo = at_most(answer.opened.photo, SIDE)
        result = answer.result.at_size(photo)
        shown = {"gray": (result.grayscale, "gray"), "colour": (answer.picture_of(result), "colorized")}
        if answer.opened.comparable:
            shown["truth"] = (photo, "original")
        pictures = {name: shown_file(picture, f"{answer.stem}-{ending}") for name, (picture, ending) in shown.items()}
        return photo_update(number, pictures, hinted=bool(result.hints))

    def _settings(self, request: PhotoRequest) -> str:
        """A sentence about how the photos are coloured."""
        name = request.checkpoint
        if not name:
            return text("no_checkpoints")
        with plain_errors():
            has_presets = self.shelf.card(name).facts.has_distribution
        if not has_presets:
            return text("show_settings", checkpoint=html.escape(name))
        return translatable(
            lambda: text(
                "show_settings_preset", checkpoint=html.escape(name), preset=small(text(f"preset_{request.preset}"))
            )
        )


def _stage_photo(
    request: PhotoRequest, path: str | None, frame: Frame | None, examples: Mapping[str, str]
) -> StagePhoto:
    """path: None for a photo in an archive that was not written yet."""
    key = frame.key if frame else ""
    request = replace(
        request, path=None if key else path, view="", sides={}
    )  # the view on the first tab does not matter here
    if frame and any(frame.caption):
        name = " · ".join(filter(None, (frame.title, frame.caption.credit)))
    else:
        known = examples.get(path or "") or readable(frame.upload.name if frame else path or "")
        name = translatable(lambda: (said := translated(known))[:1].upper() + said[1:])
    return StagePhoto(_digest((request, key)), _digest(key or path), name, request, key)


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode()).hexdigest()[:16]


@dataclass
class ShowTab(Tab):
    """The Show tab."""

    id = "show"
    one_photo: OnePhotoTab
    """Its photo comes first, and the others are coloured as it is."""

    def build(self, context: Context) -> None:
        with gr.Column():
            gr.Markdown(text("show_intro"))
            stage = ShowStage(elem_id="show")
            # No gr.File: once it has files, it nests one control in another, which screen readers cannot tell apart.
            self._add = upload_button(text("show_add"), elem_id="show-add", min_width=240)
            settings = gr.Markdown(elem_id="show-settings")
        photos = gr.State([])  # a `StagePhoto` for each
        shown = {"stage": stage, "settings": settings, "photos": photos}
        visitors = {"roll": context.roll.state, "strip": context.roll.strip}
        self._parts = Named(shown, visitors, asks=self.one_photo.parts.asks)

    def connect_opening(self, context: Context, opened: Any) -> None:
        handlers, on, gives = (
            ShowHandlers(context.shelf, context.examples),
            self._parts.on,
            ["photos", "stage", "settings"],
        )

        def listed(roll: Roll, request: PhotoRequest) -> Updates:
            return handlers.list_photos(request, roll)

        def more_listed(roll: Roll, request: PhotoRequest) -> Updates:
            return handlers.list_photos(request, roll, added=True)

        def show(event: Mapping[str, Any], photos: list[StagePhoto], roll: Roll) -> Updates:
            shown = {"stage": handlers.show(photos, event, roll)}
            return {**shown, "strip": roll_update(roll)} if "unread" in shown["stage"]["slide"] else shown

        context.roll.add_on(self._add, context.shelf)
        on(context.tab.select, listed, gives, **QUICK)
        for changed in (*context.roll.changed, *context.roll.heard):
            on(changed, more_listed, gives, **QUICK)
        wanted = partial(context.shelf.let_in, self._parts["stage"].want)
        on(wanted, show, ["stage", "strip"], **SILENT, trigger_mode="multiple")
