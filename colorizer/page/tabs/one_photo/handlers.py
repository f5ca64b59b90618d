"""The handlers of the tab for one photo, as plain functions of the values on it.

Handlers return updates by the names of the tab's components (`OnePhotoParts`). Components that are not named keep
their values.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.colour.readout import DEFAULT_PRESET, NUMBERS, SLIDERS
from colorizer.errors import PhotoError
from colorizer.page.i18n.texts import error_text, text, translatable
from colorizer.page.i18n.toasts import plain_errors
from colorizer.page.session.answer import Answer, save_result
from colorizer.page.session.kept import made_with
from colorizer.page.session.request import OWN, PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.drawer import looks_update
from colorizer.page.widgets.hint_picker import picture_update
from colorizer.page.widgets.inputs import chip_update, usual
from colorizer.page.widgets.made_files import NO_FILE
from colorizer.page.widgets.stage import marks_update, panes_update

from ..tab import Updates
from . import correcting, uncertainty
from .choices import PICTURE, SIDE, VERSIONS, controls_update, describe_checkpoint, network_choices, slider_values
from .measures_table import measures_table
from .sides import GRAY, SYSTEM, own_sides, shown_side, side_file, small_looks, two_sides
from .wording import classes_line, row_name, time_line

QUESTIONS = {"show_partial": "partial_question", "invert_it": "negative_question", "go_on": "go_on_question"}
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


def told(error: PhotoError) -> Updates:
    """Say where questions are asked, until the next photo, why one cannot be read."""
    said = translatable(lambda: f'<p role="alert">{html.escape(error_text(error), quote=False)}</p>')
    return {**NO_QUESTION, "question": gr.update(visible=True), "question_text": said}


@dataclass
class Handlers:
    """The handlers of the tab, as plain functions of the values on it."""

    shelf: Shelf

    def show_in_steps(self, request: PhotoRequest) -> Iterator[Updates]:
        """Everything about the coloured photo, all of `ResultParts`, each part as soon as it is ready: measuring takes
        as long as colouring, and comes after it, as do looks and marks. Raises gr.Error.
        """
        asked = request.asked()
        if asked is None:
            yield self.cleared()
            return
        with plain_errors():
            try:
                answer = self.shelf.answer(asked)
            except PhotoError as error:
                name = html.escape(Path(asked.path).name)
                partial = error.kind == "photo_incomplete"
                yield {**self.cleared(), **(question("show_partial", name=name) if partial else told(error))}
                return
            first = self.coloured(answer)
            yield {**first, "measures": gr.update(value="", visible=False)} if not answer.opened.comparable else first
            further = self.further(answer)
            if answer.opened.comparable:
                further["measures"] = gr.update(value=measures_table(answer, row_name(answer)), visible=True)
            yield further

    def coloured(self, answer: Answer) -> Updates:
        """The photo in colour, and what stands beside it."""
        plain, classes = answer.plain, classes_line(answer.plain.classes)
        panes = [GRAY, shown_side(answer), *own_sides(answer)[1:]]
        return {
            "placeholder": gr.update(visible=False),
            **self._asks(answer),
            "content": gr.update(visible=True),
            "more": gr.update(visible=True),
            "stage": gr.update(
                **panes_update([(side, side_file(answer, side)) for side in panes]), **two_sides(answer)
            ),
            "picker": picture_update(
                answer.asked.path,
                answer.file,
                uncertainty.uncertainty_file(answer),
                uncertainty.most_uncertain(plain),
                takes_hints=plain.architecture.takes_hints,
                finds_things=plain.architecture.has_distribution,
                points=answer.asked.points,
                **correcting.other_colours(answer),
            ),
            "time": time_line(answer),
            "classes": gr.update(value=classes, visible=bool(classes)),
            **NO_FILE,
        }

    def _asks(self, answer: Answer) -> Updates:
        """A question about a photo, if there is one."""
        asked, opened = answer.asked, answer.opened
        if not asked.form.invert and opened.negative:
            return question("invert_it")
        before = made_with(opened.metadata, asked.path, opened.photo.size) if opened.metadata.predicted else None
        untouched = asked.preset == DEFAULT_PRESET and not asked.points
        if before is None or not untouched or before.checkpoint not in {card.name for card in self.shelf.cards()}:
            return NO_QUESTION
        same = not before.points and (before.preset, before.checkpoint) == (asked.preset, asked.checkpoint)
        return NO_QUESTION if same else question("go_on")

    def further(self, answer: Answer) -> Updates:
        """The parts that come last: the looks, the marks on the stage, and other versions."""
        marks = marks_update(side_file(answer, GRAY), uncertainty.marks(answer))
        return {"preset": small_looks(answer), "stage": gr.update(**marks), **self.versions(answer)}

    def answered(self, handler: Callable[[Answer], Updates], request: PhotoRequest) -> Updates:
        """The updates of a handler of answers; none where there is no photo. Raises gr.Error."""
        asked = request.asked()
        with plain_errors():
            return handler(self.shelf.answer(asked)) if asked else {}

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

    def full_size(self, answer: Answer) -> Updates:
        """The full-size file for the download button, named after the upload."""
        asked = answer.asked
        return {"download_file": str(save_result(self.shelf, asked.path, answer.result, asked.form, raw=asked.raw))}

    def view_chosen(self, answer: Answer) -> Updates:
        """All that the stage shows now and that was not made before: another network's colours, or versions."""
        waits = any(side.startswith(SYSTEM) for side in answer.asked.sides.values())
        return {**(self.sides_chosen(answer) if waits else {}), **self.versions(answer)}

    def sides_chosen(self, answer: Answer) -> Updates:
        """Both sides of the divider, as chosen."""
        return {"stage": gr.update(**two_sides(answer))}

    def versions(self, answer: Answer) -> Updates:
        """Other plausible versions, if they are on view."""
        gallery, points = uncertainty.versions(answer) if answer.asked.view == VERSIONS else ([], [])
        return {"versions": gallery, "version_points": points}

    def version_chosen(self, number: int, request: PhotoRequest, version_points: list[dict[str, Any]]) -> Updates:
        """Add the hint that makes a version, and show it where hints are given."""
        if not 0 <= number < len(version_points):
            return {"stage": gr.skip()}
        return {"picker": gr.update(value=[*request.points, version_points[number]]), "stage": gr.update(value=PICTURE)}

    def chosen_network(self) -> list[str]:
        """The names of all that changes with a network."""
        return ["checkpoint", *self.checkpoint_chosen(None)]

    def choose_checkpoint(self, name: str, preset: str = DEFAULT_PRESET, view: str = SIDE) -> Updates:
        """Choose a checkpoint in the list, which may have grown. Raises gr.Error."""
        updates = self.checkpoint_chosen(name, preset, view)
        return {"checkpoint": gr.update(choices=network_choices(self.shelf.ranked()), value=name), **updates}

    def choose_usual(self, preset: str = DEFAULT_PRESET, view: str = SIDE) -> Updates:
        """Choose the checkpoint that the page begins with; nothing changes if there is none any more."""
        name = usual(self.shelf.cards())
        return self.choose_checkpoint(name, preset, view) if name else {}

    def checkpoint_chosen(self, checkpoint: str | None, preset: str = DEFAULT_PRESET, view: str = SIDE) -> Updates:
        """The line about a checkpoint, and only those controls that it supports."""
        if checkpoint is None:
            line, chip = text("no_checkpoints"), chip_update(None, ())
            return {"checkpoint_line": line, "network_chip": chip, **controls_update(None, preset, view)}
        with plain_errors():
            card = self.shelf.card(checkpoint)
        chip = chip_update(checkpoint, self.shelf.cards())
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

    def like_chosen(self, like: str) -> Updates:
        """The controls of a picture or a palette to prefer the colours of."""
        wanted = {name: gr.update(visible=like == name) for name in ("picture", "palette")}
        sliders = {name: gr.update(visible=like != "nothing") for name in NUMBERS if name not in SLIDERS}
        return {"like_picture": wanted["picture"], "like_palette": wanted["palette"], **sliders}

    def palette_started(self, answer: Answer) -> Updates:
        """A palette that has no colours yet begins with the picture's own."""
        empty = answer.asked.like == "palette" and not answer.asked.palette
        return {"palette": correcting.own_palette(answer)} if empty and answer.card.facts.has_distribution else {}

    def check_reference(self, path: str | None) -> str | None:
        """The path of a picture to take colours from. Raises gr.Error if it cannot be read; the old one then stays."""
        with plain_errors():
            if path is not None:
                self.shelf.open(path)
        return path
