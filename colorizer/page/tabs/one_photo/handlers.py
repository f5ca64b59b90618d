"""The handlers of the tab for one photo, as plain functions of the values on it.

Handlers return updates by the names of the tab's components (`layout.lay_out`). Components that are not named keep
their values.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from colorizer.colour.readout import DEFAULT_PRESET, NUMBERS, PRESETS, SLIDERS
from colorizer.errors import PhotoError
from colorizer.page.i18n.texts import LANGUAGES, error_text, plain_errors, text, translatable
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.answer import Answer, save_result
from colorizer.page.session.request import OWN, PhotoRequest, made_with, request_of
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.drawer import looks_update
from colorizer.page.widgets.files import NO_FILE
from colorizer.page.widgets.hint_picker import picture_update
from colorizer.page.widgets.inputs import chip_update, usual
from colorizer.page.widgets.stage import marks_update, panes_update
from colorizer.photo.form import OPTIONS

from ..tab import Updates
from . import correcting, pictures
from .pictures import GRAY, SYSTEM, own_sides, shown_side, side_file, small_looks, two_sides
from .wording import (
    PICTURE,
    SIDE,
    VERSIONS,
    controls_update,
    describe_checkpoint,
    measures_table,
    network_choices,
    row_name,
    slider_values,
    time_line,
    view_modes,
)

FORM = tuple(name for name, option in OPTIONS.items() if option.control and name != "partial")
"""The options of files that have a control on the tab; a question asks for "partial"."""
READING = tuple(name for name in FORM if OPTIONS[name].acts != "writing")
"""Those that change a photo's colours."""

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


def told(error: PhotoError, path: str) -> Updates:
    """Say where questions are asked, until the next photo, why the one at `path` cannot be read."""
    unread = html.escape(Path(path).parent.name)
    said = translatable(
        lambda: f'<p role="alert" data-unread="{unread}">{html.escape(error_text(error), quote=False)}</p>'
    )
    return {**NO_QUESTION, "question": gr.update(visible=True), "question_text": said}


GRADIO_VIEWS = ("api", "settings", "runs")
"""Values of ?view= that are Gradio's own."""


@dataclass(frozen=True)
class Link:
    """The wishes of a permalink. The default values stand for what it does not mention."""

    example: Path | None = None
    checkpoint: str | None = None
    preset: str | None = None
    view: str | None = None
    tab: str | None = None


def read_link(
    query: Mapping[str, str], shelf: Shelf, examples: Sequence[Path], tabs: Iterable[str]
) -> tuple[Link, list[str]]:
    """The wishes in an address, and a sentence in the visitor's language about each part that makes no sense."""
    problems: list[str] = []

    def choose(part: str, options: Iterable[str]) -> str | None:
        value, known = query.get(part), list(options)
        if value is None or value in known:
            return value
        problems.append(text("link_unknown", part=f"{part}={value}", known=", ".join(known) or "–"))
        return None

    cards = {card.name: card for card in shelf.cards()}
    paths = {path.stem: path for path in examples}
    example, checkpoint = choose("example", paths), choose("checkpoint", cards)
    card = cards.get(checkpoint or next(iter(cards), ""))
    known = card.facts if card else None
    preset = None if query.get("preset") == OWN else choose("preset", PRESETS)  # older links have it, with sliders
    view = None if query.get("view") in GRADIO_VIEWS else choose("view", dict(view_modes(known)))
    tab = choose("tab", tabs)
    choose("lang", LANGUAGES)  # `Page` reads it; here it is only checked
    return Link(paths[example] if example else None, checkpoint, preset, view, tab), problems


@dataclass
class Handlers:
    """The handlers of the tab, as plain functions of the values on it."""

    shelf: Shelf

    def show_in_steps(self, request: PhotoRequest) -> Iterator[Updates]:
        """Everything about the coloured photo (what `cleared` names), each part as soon as it is ready: measuring takes
        as long as colouring, and comes after it, as do looks and marks. Raises gr.Error."""
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
                yield {
                    **self.cleared(),
                    **(question("show_partial", name=name) if partial else told(error, asked.path)),
                }
                return
            first = self.coloured(answer)
            yield {**first, "measures": gr.update(value="", visible=False)} if not answer.opened.comparable else first
            further = self.further(answer)
            if answer.opened.comparable:
                further["measures"] = gr.update(value=measures_table(answer, row_name(answer)), visible=True)
            yield further

    def coloured(self, answer: Answer) -> Updates:
        """The photo in colour, and what stands beside it."""
        plain = answer.plain
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
                pictures.uncertainty_file(answer),
                pictures.most_uncertain(plain),
                takes_hints=plain.architecture.takes_hints,
                finds_things=plain.architecture.has_distribution,
                points=answer.asked.points,
                **correcting.other_colours(answer),
            ),
            "time": time_line(answer),
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
        marks = marks_update(side_file(answer, GRAY), pictures.marks(answer))
        return {"preset": small_looks(answer), "stage": gr.update(**marks), **self.versions(answer)}

    def answered(self, handler: Callable[[Answer], Updates], request: PhotoRequest) -> Updates:
        """The updates of a handler of answers; none where there is no photo. Raises gr.Error."""
        asked = request.asked()
        with plain_errors():
            return handler(self.shelf.answer(asked)) if asked else {}

    def cleared(self) -> Updates:
        """The tab without a photo: everything that shows one."""
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
        gallery, points = pictures.versions(answer) if answer.asked.view == VERSIONS else ([], [])
        return {"versions": gallery, "version_points": points}

    def version_chosen(
        self, event: Mapping[str, Any], picker: list[dict[str, Any]], version_points: list[dict[str, Any]]
    ) -> Updates:
        """Add the hint that makes a version to those in the picker, and show it where hints are given. event: {"index"}
        of the version."""
        if not 0 <= event["index"] < len(version_points):
            return {"stage": gr.skip()}
        hints = [*picker, version_points[event["index"]]]
        return {"picker": gr.update(value=hints), "stage": gr.update(value=PICTURE)}

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

    def controls(self, checkpoint: str | None, preset: str | None, view: str | None) -> Updates:
        """A checkpoint, a preset and a view, each by default that of a new page, and the controls that go with them.
        There is at least one checkpoint."""
        preset = preset or DEFAULT_PRESET
        updates = self.choose_checkpoint(checkpoint or self.shelf.cards()[0].name, preset, view or SIDE)
        return {**updates, "preset": {**updates["preset"], "value": preset}}

    def uploaded(self, photo: str, kept: Any) -> Updates:
        """A file was given. Hints belong to the old photo, unless the browser kept this one. An archive goes to
        another tab."""
        if photo and photo.lower().endswith(".zip"):
            return {"album": photo, "photo": None, "source": None, "picker": []}
        with plain_errors():
            return {"album": None, "source": photo, **self.opened(request_of(kept, photo))}

    def opened(self, request: PhotoRequest | None) -> Updates:
        """The changes on the page for a photo that was shown before as `request` says, or not at all: a new one stands
        side by side first, however the last one was looked at."""
        updates: Updates = {"picker": gr.update(value=list(request.points) if request else [])}
        card = next((card for card in self.shelf.cards() if request and card.name == request.checkpoint), None)
        if request is None or card is None:
            return {**updates, "partial": None, "invert": False, "stage": gr.update(value=SIDE)}
        updates |= self.controls(card.name, request.preset, request.view)
        by_preset = request.preset in PRESETS and card.facts.has_distribution
        values = {} if by_preset else {name: getattr(request.sliders, name) for name in SLIDERS}
        for name, value in {**values, "raw": request.raw}.items():
            if value is not None:
                updates[name] = {**updates[name], "value": value}
        if request.preset == OWN:
            updates["fine"] = gr.update(open=True)
        like, picture = request.like, request.reference
        updates |= {"like": like, "palette": list(request.palette), "reference": picture, "reference_photo": picture}
        if like != "nothing":
            updates["like_box"] = {**updates["like_box"], "open": True}
        for name, update in self.like_chosen(like).items():
            updates[name] = {**update, "value": getattr(request.sliders, name)} if name in NUMBERS else update
        updates |= {name: getattr(request.form, name) for name in FORM}
        return {**updates, "partial": request.path if request.form.partial else None}

    def followed(self, examples: Sequence[Path], wanted: Link) -> Updates:
        """The changes by a permalink on a page that was just opened."""
        updates: Updates = {}
        if self.shelf.cards() and wanted != Link(example=wanted.example, tab=wanted.tab):
            updates = self.controls(wanted.checkpoint, wanted.preset, wanted.view)
        if wanted.example:
            path = cached_copy(wanted.example)
            place = gr.update(selected_index=list(examples).index(wanted.example))
            updates.update(source=path, photo=path, gallery=place)
        return updates

    def linked(self) -> list[str]:
        """The names of all that `followed` may change."""
        return [*self.chosen_network(), "source", "photo", "gallery"]

    def restored(self) -> list[str]:
        """The names of all that `opened` may change."""
        others = ("picker", "partial", "like", "palette", "reference", "reference_photo")
        return [*dict.fromkeys([*self.chosen_network(), *FORM, *self.like_chosen("nothing"), *others])]

    def gone_on(self, answer: Answer) -> Updates:
        """Settings and corrections as the photo's file says them."""
        made = made_with(answer.opened.metadata, answer.asked.path, answer.opened.photo.size)
        return self.opened(made) if made else {}

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

    def reference_given(self, reference_photo: str | None) -> Updates:
        """The path of a picture to take colours from. Raises gr.Error if it cannot be read; the old one then stays."""
        with plain_errors():
            if reference_photo is not None:
                self.shelf.open(reference_photo)
        return {"reference": reference_photo}
