"""Permalinks: what the first tab shows, as the query of an address, and back again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from colorizer.architectures.registry import Facts
from colorizer.checkpoints.card import Card
from colorizer.colour.readout import SLIDERS
from colorizer.page.i18n.texts import LANGUAGES, text
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.request import PhotoRequest
from colorizer.page.session.shelf import Shelf
from colorizer.page.session.tones import LOOKS, OWN

from .choices import view_modes

GRADIO_VIEWS = ("api", "settings", "runs")
"""What Gradio itself shows for ?view=."""


@dataclass(frozen=True)
class Link:
    """What a permalink asks for. The default values stand for what it does not mention."""

    example: Path | None = None
    checkpoint: str | None = None
    preset: str | None = None
    numbers: Mapping[str, float] = field(default_factory=dict)
    """Values of `SLIDERS`."""
    raw: bool = False
    view: str | None = None
    tab: str | None = None

    def sets_controls(self) -> bool:
        """Whether it asks for more than an example and a tab."""
        return self != Link(example=self.example, tab=self.tab)


QUERY_KEYS = tuple(key for part in fields(Link) for key in (tuple(SLIDERS) if part.name == "numbers" else (part.name,)))
"""The keys that a permalink may have in its query; all others belong to others."""


def read_link(
    query: Mapping[str, str], shelf: Shelf, examples: Sequence[Path], tabs: Iterable[str]
) -> tuple[Link, list[str]]:
    """What an address asks for, and a sentence in the visitor's language about each part that makes no sense."""
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
    known = _facts(cards.get(checkpoint or next(iter(cards), "")))
    preset = choose("preset", (*LOOKS, OWN))
    numbers = {name: value for name in SLIDERS if (value := _number(query, name, problems)) is not None}
    if preset not in (None, OWN):
        numbers = {}
    elif numbers and known and known.has_distribution:
        preset = OWN
    raw = bool(choose("raw", ("1",)) and known and known.predicts_rgb)
    view = None if query.get("view") in GRADIO_VIEWS else choose("view", dict(view_modes(known)))
    tab = choose("tab", tabs)
    choose("lang", LANGUAGES)  # `Page` reads it; here it is only checked
    return Link(paths[example] if example else None, checkpoint, preset, numbers, raw, view, tab), problems


def write_link(request: PhotoRequest, shelf: Shelf, examples: Sequence[Path]) -> dict[str, str]:
    """The query of a link that shows the same again, without uploads and without default values."""
    query = {}
    for path in examples:
        if request.path and path.stem == Path(request.path).stem and cached_copy(path) == request.path:
            query["example"] = path.stem
    if not request.checkpoint:
        return query
    query["checkpoint"] = request.checkpoint
    known = shelf.card(request.checkpoint).facts
    if known.has_distribution:
        query["preset"] = request.preset
    if request.preset == OWN or not known.has_distribution:
        numbers = request.numbers(shelf.card(request.checkpoint)).numbers(known)
        query.update({name: f"{value:g}" for name, value in numbers.items()})
    if request.raw and known.predicts_rgb:
        query["raw"] = "1"
    if request.view != view_modes(known)[0][0]:
        query["view"] = request.view
    return query


def _number(query: Mapping[str, str], name: str, problems: list[str]) -> float | None:
    if name not in query:
        return None
    low, high = SLIDERS[name].lowest, SLIDERS[name].highest
    try:
        value = float(query[name])
    except ValueError:
        value = math.nan
    if low <= value <= high:
        return value
    problems.append(text("link_number", part=f"{name}={query[name]}", low=float(low), high=float(high)))
    return None


def _facts(card: Card | None) -> Facts | None:
    return card.facts if card else None
