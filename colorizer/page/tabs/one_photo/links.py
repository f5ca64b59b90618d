"""Permalinks: addresses that say in their query what the page opens with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import gradio as gr

from colorizer.colour.readout import PRESETS
from colorizer.page.i18n.texts import LANGUAGES, text
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.request import OWN
from colorizer.page.session.shelf import Shelf

from ..tab import Updates
from .handlers import Handlers
from .wording import view_modes

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


def linked(handlers: Handlers) -> list[str]:
    """The names of all that a permalink may change."""
    return [*handlers.chosen_network(), "source", "photo", "gallery"]


def followed(shelf: Shelf, examples: Sequence[Path], wanted: Link) -> Updates:
    """The changes by a permalink on a page that was just opened."""
    controls = wanted != Link(example=wanted.example, tab=wanted.tab)
    updates: Updates = {}
    if shelf.cards() and controls:
        updates = Handlers(shelf).controls(wanted.checkpoint, wanted.preset, wanted.view)
    if wanted.example:
        path = cached_copy(wanted.example)
        place = gr.update(selected_index=list(examples).index(wanted.example))
        updates.update(source=path, photo=path, gallery=place)
    return updates
