"""What happens on the tab for one photograph, as plain functions of what it shows.

Handlers return updates by the names of the tab's parts; parts that are not named stay as they are.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from colorizer.page.i18n.texts import said, said_again, text
from colorizer.page.i18n.toasts import plain_errors, refusal
from colorizer.page.serving.served_files import served_file, shown_file
from colorizer.page.session.request import (
    DEFAULT_PRESET,
    OWN,
    PhotoRequest,
    answer,
    check_photo_known,
    plain_answer,
    read,
    shown_of,
)
from colorizer.page.session.shelf import Shelf
from colorizer.page.widgets.hint_picker import offering, showing
from colorizer.page.widgets.made_files import NOTHING_MADE
from colorizer.photo.save import save_photo

from . import uncertainty as doubt
from .choices import PICTURE, VERSIONS, about, controls_for, describe, slider_values
from .figures_table import figures_table
from .sides import GRAY, HINTED, PREDICTED, SYSTEM, two_sides

if TYPE_CHECKING:
    from colorizer.inference.colorization import Colorization

Updates = dict[str, Any]


@dataclass
class Handlers:
    """What happens on the page, as plain functions of what it shows."""

    shelf: Shelf

    def show(self, request: PhotoRequest) -> Updates:
        """Everything on the right: panes, large picture, figures, time, classes. Raises gr.Error."""
        return {part: update for updates in self.coming(request) for part, update in updates.items()}

    def coming(self, request: PhotoRequest) -> Iterator[Updates]:
        """The same as soon as it is there: figures take as long as the colours that they measure, and come after them.
        Where there are none, all comes at once: while the browser makes panes or takes one away, a message that follows
        within a moment makes Gradio lose the pictures of the others, unless it has them, too. Raises gr.Error."""
        check_photo_known(request)
        if request.path is None:
            yield self.cleared()
            return
        if not request.checkpoint:
            raise refusal("no_checkpoints")
        with plain_errors():
            plain = plain_answer(self.shelf, request)
            opened = self.shelf.open(request.path)
            result = read(self.shelf, request, plain)
            small = result.at_size(opened.preview)
            shown = shown_of(request, small)
            stem = Path(request.path).stem
            colour = shown_file(shown, f"{stem}-colorized")
            gray = opened.file(GRAY, lambda: shown_file(small.grayscale, f"{stem}-gray"))
            truth = None if opened.black_and_white else opened.original_file(stem)
            classes = _classes(result)
            made = {GRAY: gray, HINTED if result.hints else PREDICTED: colour}
            first = {
                "waiting": gr.update(visible=False),
                "shown": gr.update(visible=True),
                "gray": gray,
                "colour": colour,
                "truth": gr.update(value=truth, visible=truth is not None),
                "no_truth": gr.update(visible=truth is None),
                "picker": showing(
                    request.path,
                    colour,
                    doubt.doubt_file(opened, plain, request.checkpoint, stem),
                    doubt.ring(plain),
                    takes_hints=plain.architecture.takes_hints,
                ),
                "compare": two_sides(self.shelf, request, made),
                "time": _time(result, request.checkpoint),
                "classes": gr.update(value=classes, visible=bool(classes)),
                "download": gr.update(interactive=True),
                **NOTHING_MADE,
            }
            if not opened.comparable:
                yield {**first, "figures": gr.update(value="", visible=False), **self.versions(request)}
                return
            yield first
            safest = plain.at_size(opened.preview).image if result.readout != plain.readout else None
            table = figures_table(shown, _what(request, result), safest, opened.preview, opened.reference)
            panes = {part: first[part] for part in ("gray", "colour", "truth")}
            yield {**panes, "figures": gr.update(value=table, visible=True), **self.versions(request)}

    def cleared(self) -> Updates:
        """The page without a photograph."""
        return {
            "waiting": gr.update(visible=True),
            "shown": gr.update(visible=False),
            "gray": None,
            "colour": None,
            "truth": gr.update(value=None),
            "no_truth": gr.update(visible=False),
            "picker": gr.update(value=[]),
            "compare": gr.update(shown={}),
            "figures": gr.update(value="", visible=False),
            "time": "",
            "classes": gr.update(value="", visible=False),
            "download": gr.update(interactive=False),
            **NOTHING_MADE,
            "versions": [],
            "version_points": [],
        }

    def file(self, request: PhotoRequest) -> Updates:
        """The full-size PNG that the download button asks for, named after the upload. Raises gr.Error."""
        check_photo_known(request)
        if request.path is None or not request.checkpoint:
            return {"file": None}
        with plain_errors():
            result = answer(self.shelf, request)
            target = served_file(f"{Path(request.path).stem}-colorized.png")
            save_photo(shown_of(request, result), target, checkpoint=request.checkpoint)
        return {"file": str(target)}

    def offer(self, request: PhotoRequest, place: dict[str, Any]) -> Updates:
        """Colours for a place that was clicked, {"x", "y", "n"}: fractions of the picture and the click's number."""
        check_photo_known(request)
        with plain_errors():
            colours = doubt.swatches(self.shelf, request, place.get("x"), place.get("y")) if request.path else []
        return {"picker": offering(place.get("n"), colours)}

    def looked_at(self, request: PhotoRequest) -> Updates:
        """What the large picture shows now, where that waited to be looked at."""
        waited = any(side.startswith(SYSTEM) for side in request.sides.values())
        return {**(self.sides(request) if waited else {}), **self.versions(request)}

    def sides(self, request: PhotoRequest) -> Updates:
        """Both sides of the slider, as chosen."""
        check_photo_known(request)
        if not request.path or not request.checkpoint:
            return {"compare": gr.skip()}
        with plain_errors():
            return {"compare": two_sides(self.shelf, request)}

    def versions(self, request: PhotoRequest) -> Updates:
        """Other plausible versions, while they are looked at."""
        check_photo_known(request)
        if request.view != VERSIONS or not request.path or not request.checkpoint:
            return {"versions": [], "version_points": []}
        with plain_errors():
            gallery, points = doubt.versions(self.shelf, request)
        return {"versions": gallery, "version_points": points}

    def version_chosen(self, number: int, request: PhotoRequest, offered: list[dict[str, Any]]) -> Updates:
        """Take over the hint that made a version, and show it where hints are given."""
        if not 0 <= number < len(offered):
            return {"view": gr.skip()}
        return {"picker": gr.update(value=[*request.points, offered[number]]), "view": PICTURE}

    def architecture_chosen(self, architecture: str, preset: str = DEFAULT_PRESET, view: str = PICTURE) -> Updates:
        """The checkpoints of an architecture, its line, and only the controls it can answer."""
        cards = [card for card in self.shelf.cards() if card.architecture == architecture]
        first = cards[0].name if cards else None
        return {
            "checkpoint": gr.update(choices=[(card.name, card.name) for card in cards], value=first),
            "architecture_line": about(architecture),
            **self.checkpoint_chosen(first, preset, view),
        }

    def named(self, name: str, preset: str = DEFAULT_PRESET, view: str = PICTURE) -> Updates:
        """A checkpoint chosen elsewhere than in the dropdowns, which then show it. Raises gr.Error."""
        with plain_errors():
            architecture = self.shelf.card(name).architecture
        updates = self.architecture_chosen(architecture, preset, view)
        return {
            **updates,
            "architecture": architecture,
            "checkpoint": {**updates["checkpoint"], "value": name},
            **self.checkpoint_chosen(name, preset, view),
        }

    def checkpoint_chosen(self, name: str | None, preset: str = DEFAULT_PRESET, view: str = PICTURE) -> Updates:
        """A checkpoint's line, and only the controls it can answer."""
        if name is None:
            return {"checkpoint_line": text("no_checkpoints"), **controls_for(None, preset, view)}
        with plain_errors():
            card = self.shelf.card(name)
        return {"checkpoint_line": describe(card), **controls_for(card, preset, view)}

    def preset_chosen(self, preset: str, checkpoint: str | None) -> Updates:
        """Put the sliders where a preset has them; to choose one's own opens them."""
        if preset == OWN or not checkpoint:
            return {"fine": gr.update(open=True)}
        with plain_errors():
            return dict(slider_values(preset, self.shelf.card(checkpoint)))

    def reference_taken(self, path: str | None) -> str | None:
        """A reference picture, once it is sure that it can be read. Raises gr.Error; the one before stays."""
        with plain_errors():
            if path is not None:
                self.shelf.open(path)
        return path


def _time(result: Colorization, checkpoint: str) -> str:
    width, height = result.original.size
    seconds = result.seconds
    return text("time", total=seconds.total, network=seconds.network, checkpoint=checkpoint, width=width, height=height)


def _what(request: PhotoRequest, result: Colorization) -> str:
    """What a row of figures measures: the preset, and all that a visitor helped with."""
    notes = [text(f"preset_{request.preset}")] if result.architecture.has_distribution else []
    if result.readout.prefers_colours:
        notes.append(text(f"row_like_{request.like}"))
    if result.hints:
        notes.append(text("row_hints", count=len(result.hints)))
    if not notes:
        return text("row_predicted")
    return said(lambda: f"{text('row_predicted')} ({', '.join(map(said_again, notes)).lower()})")


def _classes(result: Colorization) -> str:
    """The three best guesses at what the picture shows, or "" where the architecture does not say."""
    best = (result.classes or [])[:3]
    named = ", ".join(f"{html.escape(name.replace('_', ' '))} {p:.0%}" for name, p in best)
    return text("classes", classes=named) if best else ""
