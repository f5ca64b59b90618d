"""A checkpoint's learning curve for the template: its PSNR, next to that of plain gray on the same photos."""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import gradio as gr

from colorizer.checkpoints.card import Card
from colorizer.checkpoints.card_text import pictures_seen
from colorizer.checkpoints.file import list_checkpoints
from colorizer.colour import metrics
from colorizer.page.gradio_private import event_values
from colorizer.page.i18n import texts
from colorizer.page.i18n.texts import current_language, number, plain_errors, story, text, title_text, translatable
from colorizer.page.serving.served_files import as_file, cached_copy
from colorizer.page.session.shelf import Shelf, why_broken
from colorizer.page.widgets.translated_html import joined

from .one_photo.tab import OnePhotoTab
from .one_photo.wording import capabilities, directions
from .tab import SILENT, Context, Tab, template

if TYPE_CHECKING:
    from colorizer.figures.chart import Values


class Curve(NamedTuple):
    """A drawn curve."""

    svg: str
    """Its text alternative has the main numbers."""
    broken: bool
    """Whether the line has breaks, where the measured photos changed."""


def learning_curve(card: Card) -> Curve | None:
    """The curve in a checkpoint's header, or None."""
    from colorizer.figures.chart import (  # with its fonts, which the page must not wait for
        line_chart,
        number,
        other_pictures,
        values,
    )

    history = [point for point in card.history if math.isfinite(number(point.get("pictures_seen")))]
    own, gray = values(history, "psnr"), values(history, "gray_psnr")
    if not own:
        return None
    breaks = other_pictures(history) if len(gray) == len(history) else frozenset()
    lines = tuple(("", style, pairs) for style, pairs in (("predicted", own), ("gray", gray)) if pairs)
    says = _says(own, dict(gray))
    return Curve(line_chart(lines, own[-1][0], says, "PSNR, dB", text("models_seen"), breaks=breaks), bool(breaks))


def _says(own: Values, gray: dict[float, float]) -> str:
    points = [own[0], own[-1]] if len(own) > 1 else [*own]
    key = "models_curve_point" if all(seen in gray for seen, _ in points) else "models_curve_alone"
    numbers = [text(key, seen=whole(seen), psnr=psnr, gain=psnr - gray.get(seen, 0.0)) for seen, psnr in points]
    return f"{text('models_curve')}: {'; '.join(numbers)}."


def whole(count: float) -> str:
    """A large number as the current language writes it, such as 722,496."""
    return texts.number(count, ",.0f")


HERE = Path(__file__).parent
SCRIPT = joined("table.js") + (HERE / "models.js").read_text(encoding="utf-8")
PICTURES = HERE / "pictures" / "models"
"""`python -m benchmarks model_pictures` makes them."""


@dataclass
class ModelsHandlers:
    """The handlers of the tab, as plain functions of the values on it."""

    shelf: Shelf

    def fill(self, before: Any) -> tuple[Any, Any]:
        """The list as HTML, and the values that it was made from. Both are skipped if the values are the same as
        `before`."""
        now = [
            current_language(),
            [[card.name, card.sha256, card.error] for card in list_checkpoints(self.shelf.weights)],
        ]
        return (gr.skip(), gr.skip()) if now == before else (translatable(self.html), now)

    def html(self) -> str:
        """The overview and the cards, the best checkpoint first, broken files last."""
        rows, broken = self.rows()
        measured = [each for each in rows if each.gain is not None]
        alike = len({tuple(value and round(value, 3) for value in each.gray.values()) for each in measured}) == 1
        pictures = {each.pictures for each in measured}
        written = {"written": number, "whole": whole, "setting": _setting}
        return template("models.html.jinja", text=text, story=story, title_text=title_text, **written).render(
            rows=rows,
            broken=broken,
            measures=metrics.FIGURES,
            directions=directions(),
            gray=measured[0].gray if alike else None,
            pictures=next(iter(pictures)) if alike and len(pictures) == 1 else None,
            most=max((each.gain for each in rows if each.gain is not None), default=1.0),
        )

    def rows(self) -> tuple[list[SimpleNamespace], list[Card]]:
        """Usable checkpoints, the best first, and those that cannot be used; each of these has an `error`."""
        usable = self.shelf.ranked()
        names = {card.name for card in usable}
        broken = []
        for card in list_checkpoints(self.shelf.weights):
            if card.name not in names:
                error = why_broken(card) if card.error else text("models_unknown", name=card.architecture or "–")
                broken.append(Card(card.name, card.path, error=error))
        return [_row(card) for card in usable], broken

    def weights(self, name: Any, number: Any) -> Any:
        """An update that lets the browser download a checkpoint's file. number: of the click. Raises gr.Error."""
        with plain_errors():
            path = cached_copy(self.shelf.card(str(name)).path)
        return gr.update(file={"weights": as_file(path), "n": number})


@dataclass
class ModelsTab(Tab):
    """The Models tab."""

    id = "models"
    one_photo: OnePhotoTab
    """A checkpoint that is chosen here is chosen there, too."""

    def build(self, context: Context) -> None:
        handlers = ModelsHandlers(context.shelf)
        gr.set_static_paths(PICTURES)
        gr.Markdown(text("models_intro"), elem_id="models-intro")
        list_html: Any = gr.HTML("", html_template='<div class="models"></div>', js_on_load=SCRIPT, elem_id="models")
        made_of = gr.State(None)

        def fill(before: Any) -> dict[Any, Any]:
            html, now = handlers.fill(before)
            return {list_html: html, made_of: now}

        def weights(event: gr.EventData) -> Any:
            values = event_values(event)
            return handlers.weights(values.get("name"), values.get("n"))

        context.tab.select(fill, made_of, [list_html, made_of], **SILENT)
        list_html.weights(weights, None, list_html, **SILENT)
        self.one_photo.choose_checkpoint_on(list_html.choose)


def _row(card: Card) -> SimpleNamespace:
    """A checkpoint as the template shows it. Measures are those of `metrics.figures_of`."""
    size = os.path.getsize(card.path) if card.path.exists() else 0
    return SimpleNamespace(
        card=card,
        known=card.facts,
        bytes=size,
        size=text("models_mb", size=size / 1e6) if size >= 1e5 else text("models_kb", size=size / 1e3),
        gain=metrics.gain(card.metrics),
        own=metrics.figures_of(card.metrics),
        gray=metrics.figures_of(card.metrics, "gray_"),
        mean=metrics.figures_of(card.metrics, "mean_"),  # of an oracle that knows each picture's mean colour
        pictures=metrics.finite(card.metrics.get("pictures")),
        capabilities=capabilities(card.facts),
        seen=pictures_seen(card),
        curve=learning_curve(card),
        picture=address(card),
    )


def _setting(value: Any) -> str:
    """A setting of a recipe in words, with six digits at most."""
    if isinstance(value, bool) or not isinstance(value, float | Sequence) or isinstance(value, str):
        return str(value)
    return f"{value:.6g}" if isinstance(value, float) else ", ".join(map(_setting, value))


def thumbnail(card: Card) -> Path | None:
    """A small picture in the colours of exactly these weights, named after their SHA-256; None if none was made."""
    path = PICTURES / f"{card.sha256[:16]}.webp"
    return path if card.sha256 and path.is_file() else None


def address(card: Card) -> str:
    """The picture's address, relative to the page; "" if there is none."""
    path = thumbnail(card)
    return f"gradio_api/file={path.as_posix()}" if path else ""
