"""The tab that shows what each checkpoint says about itself, from its header alone."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio as gr
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from colorizer.architectures.registry import Facts, facts
from colorizer.checkpoints.card import Card
from colorizer.checkpoints.card_text import pictures_seen
from colorizer.checkpoints.file import list_checkpoints
from colorizer.colour import metrics
from colorizer.page.gradio_private import event_values
from colorizer.page.i18n.texts import number, said, spoken, story, text, titled
from colorizer.page.i18n.toasts import plain_errors
from colorizer.page.serving.served_files import as_file, cached_copy
from colorizer.page.session.shelf import Shelf, gain, why

from ..one_photo.choices import answers
from ..one_photo.figures_table import directions
from .learning_curve import Curve, learning_curve, whole

Figures = Mapping[str, float | None]
"""What is shown of a set of figures, as `metrics.figures_of` gives it."""
HERE = Path(__file__).parent
SCRIPT = (HERE / "model_cards.js").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Shown:
    """One checkpoint as the template shows it."""

    card: Card
    known: Facts
    bytes: int
    gain: float | None
    """PSNR over plain gray, dB."""
    own: Figures
    gray: Figures
    mean: Figures
    """Of an oracle that knows each picture's mean colour."""
    pictures: float | None
    """On how many it was measured."""
    answers: list[str]
    seen: int | None
    curve: Curve | None

    @property
    def size(self) -> str:
        """Of the file, as it is read."""
        return (
            text("models_mb", size=self.bytes / 1e6) if self.bytes >= 1e5 else text("models_kb", size=self.bytes / 1e3)
        )


@dataclass
class ModelCards:
    """What happens on the tab, as plain functions of what it shows."""

    shelf: Shelf

    def fill(self, before: Any) -> tuple[Any, Any]:
        """The cards as HTML, and what they were made of; nothing is done while that is as it was `before`."""
        now = [spoken(), [[card.name, card.sha256, card.error] for card in list_checkpoints(self.shelf.weights)]]
        return (gr.skip(), gr.skip()) if now == before else (said(self.html), now)

    def html(self) -> str:
        """Overview and cards, the best measured first, broken files last."""
        shown, broken = self.cards()
        measured = [each for each in shown if each.gain is not None]
        alike = len({_rounded(each.gray) for each in measured}) == 1
        pictures = {each.pictures for each in measured}
        return _template().render(
            shown=shown,
            broken=broken,
            measures=metrics.FIGURES,
            directions=directions(),
            gray=measured[0].gray if alike else None,
            pictures=next(iter(pictures)) if alike and len(pictures) == 1 else None,
            most=max((each.gain for each in shown if each.gain is not None), default=1.0),
        )

    def cards(self) -> tuple[list[Shown], list[Card]]:
        """Usable checkpoints, the best first, and those that cannot be used, with their `error`."""
        usable = sorted(self.shelf.cards(), key=lambda card: -gain(card))
        names = {card.name for card in usable}
        broken = []
        for card in list_checkpoints(self.shelf.weights):
            if card.name not in names:
                error = why(card) if card.error else text("models_unknown", name=card.architecture or "–")
                broken.append(Card(card.name, card.path, error=error))
        return [_shown(card) for card in usable], broken

    def weights(self, name: Any, number: Any) -> Any:
        """An update that hands the browser a copy of a checkpoint's file, in Gradio's cache. Raises gr.Error."""
        with plain_errors():
            path = cached_copy(self.shelf.card(str(name)).path)
        return gr.update(file={"weights": as_file(path), "n": number})


def model_cards(shelf: Shelf, tab: gr.Tab, tabs: gr.Tabs, first: SimpleNamespace) -> None:
    """Lay out the tab and connect it, inside a gr.Tab. tabs: all of them; first: what `one_photo` gives, whose
    checkpoint is chosen here."""
    handlers = ModelCards(shelf)
    quick: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
    gr.Markdown(text("models_intro"), elem_id="models-intro")
    cards: Any = gr.HTML("", html_template='<div class="models"></div>', js_on_load=SCRIPT, elem_id="models")
    made_of = gr.State(None)
    tab.select(handlers.fill, made_of, [cards, made_of], **quick)

    def weights(event: gr.EventData) -> Any:
        values = event_values(event)
        return handlers.weights(values.get("name"), values.get("n"))

    cards.weights(weights, None, cards, **quick)
    first.choose_on(cards.choose, tabs)


def _shown(card: Card) -> Shown:
    known = facts(card.architecture)
    return Shown(
        card=card,
        known=known,
        bytes=os.path.getsize(card.path) if card.path.exists() else 0,
        gain=metrics.gain(card.metrics),
        own=metrics.figures_of(card.metrics),
        gray=metrics.figures_of(card.metrics, "gray_"),
        mean=metrics.figures_of(card.metrics, "mean_"),
        pictures=metrics.finite(card.metrics.get("pictures")),
        answers=answers(known),
        seen=pictures_seen(card),
        curve=learning_curve(card),
    )


def _rounded(figures: Figures) -> tuple[float | None, ...]:
    return tuple(None if value is None else round(value, 3) for value in figures.values())


@cache
def _template() -> Any:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.globals.update(text=text, story=story, titled=titled, written=number)
    environment.filters.update(whole=whole, setting=_setting)
    return environment.get_template("model_cards.html.jinja")


def _setting(value: Any) -> str:
    """A setting of a recipe as it is read: no more digits than say something."""
    if isinstance(value, bool) or not isinstance(value, float | Sequence) or isinstance(value, str):
        return str(value)
    return f"{value:.6g}" if isinstance(value, float) else ", ".join(map(_setting, value))
