"""What happens on the tab for one photo, as plain functions of what it shows.

Handlers return updates by the names of the tab's components (`OnePhotoParts`). Components that are not named keep
their values.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.errors import PhotoError
from colorizer.page.i18n.texts import text, translatable
from colorizer.page.i18n.toasts import plain_errors, refusal
from colorizer.page.serving.served_files import shown_file
from colorizer.page.session.request import (
    PhotoRequest,
    answer,
    apply_readout,
    check_photo_known,
    picture_of,
    plain_answer,
)
from colorizer.page.session.saving import save_result
from colorizer.page.session.shelf import Shelf
from colorizer.page.session.tones import DEFAULT_PRESET, OWN
from colorizer.page.widgets.hint_picker import picture_update
from colorizer.page.widgets.looks import looks_update
from colorizer.page.widgets.made_files import NO_FILE
from colorizer.page.widgets.network_choice import chip_update, usual
from colorizer.page.widgets.stage import panes_update

from ..parts import Updates
from . import correcting, uncertainty
from .choices import PICTURE, SIDE, VERSIONS, controls_update, describe_architecture, describe_checkpoint, slider_values
from .measures_table import measures_table
from .sides import GRAY, HINTED, PREDICTED, SYSTEM, small_looks, two_sides
from .wording import classes_line, row_name, time_line

QUESTIONS = {"show_partial": "partial_question", "invert_it": "negative_question"}
"""The questions about a photo, by the button that says yes."""
NO_QUESTION: Updates = {
    "question": gr.update(visible=False),
    "question_text": "",
    **{name: gr.update(visible=False) for name in QUESTIONS},
}


def question(yes: str, **values: str) -> Updates:
    """Ask one of `QUESTIONS`."""
    asked = translatable(lambda: f'<p role="alert">{text(QUESTIONS[yes], **values)}</p>')
    buttons = {name: gr.update(visible=name == yes) for name in QUESTIONS}
    return {"question": gr.update(visible=True), "question_text": asked, **buttons}


@dataclass
class Handlers:
    """What happens on the tab for one photo."""

    shelf: Shelf

    def show(self, request: PhotoRequest) -> Updates:
        """Everything about the coloured photo: all of `ResultParts`. Raises gr.Error."""
        return {name: update for updates in self.show_in_steps(request) for name, update in updates.items()}

    def show_in_steps(self, request: PhotoRequest) -> Iterator[Updates]:
        """The same, each part as soon as it is ready: measuring takes as long as colouring, and comes after it.

        If there is nothing to measure, all comes at once. Raises gr.Error.
        """
        check_photo_known(request)
        if request.path is None:
            yield self.cleared()
            return
        if not request.checkpoint:
            raise refusal("no_checkpoints")
        with plain_errors():
            try:
                plain = plain_answer(self.shelf, request)
            except PhotoError as error:
                if error.kind != "photo_incomplete":
                    raise
                yield self.asked_for_partial(request)
                return
            opened = self.shelf.open(request.file)
            result = apply_readout(self.shelf, request, plain)
            small = result.at_size(opened.preview)
            picture = picture_of(request, small)
            stem = Path(request.path).stem
            colour = shown_file(picture, f"{stem}-colorized")
            gray = opened.file(GRAY, lambda: shown_file(small.grayscale, f"{stem}-gray"))
            made = {GRAY: gray, HINTED if result.hints else PREDICTED: colour}
            if not opened.black_and_white:
                made[opened.kind] = opened.original_file(stem)
            classes = classes_line(result)
            first = {
                "placeholder": gr.update(visible=False),
                **(question("invert_it") if not request.form.invert and opened.negative else NO_QUESTION),
                "content": gr.update(visible=True),
                "more": gr.update(visible=True),
                "stage": gr.update(
                    **panes_update([*made.items()]),
                    **two_sides(self.shelf, request, made),
                ),
                "picker": picture_update(
                    request.path,
                    colour,
                    uncertainty.uncertainty_file(opened, plain, request.checkpoint, stem),
                    uncertainty.most_uncertain(plain),
                    takes_hints=plain.architecture.takes_hints,
                    finds_things=plain.architecture.has_distribution,
                    **correcting.other_colours(self.shelf, request),
                ),
                "time": time_line(result, request.checkpoint, opened.notes),
                "classes": gr.update(value=classes, visible=bool(classes)),
                **NO_FILE,
            }
            if not opened.comparable:
                more = {"preset": small_looks(self.shelf, request, plain), **self.versions(request)}
                yield {**first, "measures": gr.update(value="", visible=False), **more}
                return
            yield first
            safest = plain.at_size(opened.preview).image if result.readout != plain.readout else None
            table = measures_table(picture, row_name(request, result), safest, opened.preview, opened.reference)
            more = {"preset": small_looks(self.shelf, request, plain), **self.versions(request)}
            yield {"measures": gr.update(value=table, visible=True), **more}

    def asked_for_partial(self, request: PhotoRequest) -> Updates:
        """The tab with a damaged photo: the question whether to show the part of it that can be read."""
        assert request.path
        name = html.escape(Path(request.path).name)
        return {**self.cleared(), "placeholder": gr.update(visible=False), **question("show_partial", name=name)}

    def cleared(self) -> Updates:
        """The tab without a photo: all of `ResultParts`."""
        return {
            "placeholder": gr.update(visible=True),
            **NO_QUESTION,
            "content": gr.update(visible=False),
            "more": gr.update(visible=False),
            "stage": gr.update(panes=[], sides={}),
            "preset": looks_update({}),
            "picker": gr.update(value=[]),
            "measures": gr.update(value="", visible=False),
            "time": "",
            "classes": gr.update(value="", visible=False),
            **NO_FILE,
            "versions": [],
            "version_points": [],
        }

    def full_size(self, request: PhotoRequest) -> Updates:
        """The full-size file for the download button, named after the upload. Raises gr.Error."""
        check_photo_known(request)
        if request.path is None or not request.checkpoint:
            return {"download_file": None}
        with plain_errors():
            result = answer(self.shelf, request)
            target = save_result(self.shelf, request.path, result, request.form, raw=request.raw)
        return {"download_file": str(target)}

    def view_chosen(self, request: PhotoRequest) -> Updates:
        """What the stage shows now, if it was not made before: another network's colours, or versions."""
        waits = any(side.startswith(SYSTEM) for side in request.sides.values())
        return {**(self.sides_chosen(request) if waits else {}), **self.versions(request)}

    def sides_chosen(self, request: PhotoRequest) -> Updates:
        """Both sides of the divider, as chosen."""
        check_photo_known(request)
        if not request.path or not request.checkpoint:
            return {"stage": gr.skip()}
        with plain_errors():
            return {"stage": gr.update(**two_sides(self.shelf, request))}

    def versions(self, request: PhotoRequest) -> Updates:
        """Other plausible versions, if they are on view."""
        check_photo_known(request)
        if request.view != VERSIONS or not request.path or not request.checkpoint:
            return {"versions": [], "version_points": []}
        with plain_errors():
            gallery, points = uncertainty.versions(self.shelf, request)
        return {"versions": gallery, "version_points": points}

    def version_chosen(self, number: int, request: PhotoRequest, version_points: list[dict[str, Any]]) -> Updates:
        """Add the hint that makes a version, and show it where hints are given."""
        if not 0 <= number < len(version_points):
            return {"stage": gr.skip()}
        return {"picker": gr.update(value=[*request.points, version_points[number]]), "stage": gr.update(value=PICTURE)}

    def architecture_chosen(self, architecture: str, preset: str = DEFAULT_PRESET, view: str = SIDE) -> Updates:
        """The checkpoints of an architecture, the first one chosen."""
        cards = [card for card in self.shelf.cards() if card.architecture == architecture]
        first = cards[0].name if cards else None
        return {
            "checkpoint": gr.update(choices=[(card.name, card.name) for card in cards], value=first),
            "architecture_line": describe_architecture(architecture),
            **self.checkpoint_chosen(first, preset, view),
        }

    def choose_checkpoint(self, name: str, preset: str = DEFAULT_PRESET, view: str = SIDE) -> Updates:
        """Choose a checkpoint and its architecture in the dropdowns. Raises gr.Error."""
        with plain_errors():
            architecture = self.shelf.card(name).architecture
        updates = self.architecture_chosen(architecture, preset, view)
        return {
            **updates,
            "architecture": architecture,
            "checkpoint": {**updates["checkpoint"], "value": name},
            **self.checkpoint_chosen(name, preset, view),
        }

    def choose_usual(self, preset: str = DEFAULT_PRESET, view: str = SIDE) -> Updates:
        """Choose the checkpoint that the page begins with; nothing changes if there is none any more."""
        name = usual(self.shelf.cards())
        return self.choose_checkpoint(name, preset, view) if name else {}

    def checkpoint_chosen(self, name: str | None, preset: str = DEFAULT_PRESET, view: str = SIDE) -> Updates:
        """The line about a checkpoint, and only those controls that it supports."""
        if name is None:
            line, chip = text("no_checkpoints"), chip_update(None, ())
            return {"checkpoint_line": line, "network_chip": chip, **controls_update(None, preset, view)}
        with plain_errors():
            card = self.shelf.card(name)
        chip = chip_update(name, self.shelf.cards())
        return {
            "checkpoint_line": describe_checkpoint(card),
            "network_chip": chip,
            **controls_update(card, preset, view),
        }

    def preset_chosen(self, preset: str, checkpoint: str | None) -> Updates:
        """Move the sliders to a preset's values; a visitor's own settings open the sliders instead."""
        if preset == OWN or not checkpoint:
            return {"fine": gr.update(open=True)}
        with plain_errors():
            return dict(slider_values(preset, self.shelf.card(checkpoint)))

    def check_reference(self, path: str | None) -> str | None:
        """The path of a picture to take colours from. Raises gr.Error if it cannot be read; the old one then stays."""
        with plain_errors():
            if path is not None:
                self.shelf.open(path)
        return path
