"""Permalinks: what the first tab shows, as the query of an address, and back again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from colorizer.architectures.registry import Facts, facts
from colorizer.checkpoints.card import Card
from colorizer.colour.readout import PRESETS, SLIDERS
from colorizer.page.i18n.texts import LANGUAGES, text
from colorizer.page.serving.served_files import cached_copy
from colorizer.page.session.request import OWN, PhotoRequest
from colorizer.page.session.shelf import Shelf

from .choices import view_choices

OWN_PARTS = ("example", "checkpoint", "preset", *SLIDERS, "raw", "view", "tab")
"""What is written to an address, and taken from it; all else there is not ours."""
GRADIOS_VIEWS = ("api", "settings", "runs")
"""What Gradio itself shows for ?view=."""


def read_link(
    query: Mapping[str, str], shelf: Shelf, examples: Sequence[Path], tabs: Iterable[str]
) -> tuple[dict[str, Any], list[str]]:
    """What an address asks for, by the names in `OWN_PARTS`: an example's path, names, numbers, raw as a bool; and one
    sentence for each part that it asks for in vain, in the language spoken."""
    wishes: dict[str, Any] = {}
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
    if example:
        wishes["example"] = paths[example]
    if checkpoint:
        wishes["checkpoint"] = checkpoint
    known = _facts(cards.get(checkpoint or next(iter(cards), "")))
    preset = choose("preset", (*PRESETS, OWN))
    numbers = {name: value for name in SLIDERS if (value := _number(query, name, problems)) is not None}
    if preset in (None, OWN):
        wishes.update(numbers)
        if numbers and known and known.has_distribution:
            preset = OWN
    if preset:
        wishes["preset"] = preset
    if choose("raw", ("1",)) and known and known.predicts_rgb:
        wishes["raw"] = True
    view = None if query.get("view") in GRADIOS_VIEWS else choose("view", [name for _, name in view_choices(known)])
    wishes.update({part: value for part, value in (("view", view), ("tab", choose("tab", tabs))) if value})
    choose("lang", LANGUAGES)  # it has been heard already, but not what it says in vain
    return wishes, problems


def write_link(request: PhotoRequest, shelf: Shelf, examples: Sequence[Path]) -> dict[str, str]:
    """What shows the same again, as parts of an address; an upload is left out, and what goes without saying."""
    query = {}
    for path in examples:
        if request.path and path.stem == Path(request.path).stem and cached_copy(path) == request.path:
            query["example"] = path.stem
    if not request.checkpoint:
        return query
    query["checkpoint"] = request.checkpoint
    known = facts(shelf.card(request.checkpoint).architecture)
    if known.has_distribution:
        query["preset"] = request.preset
    if request.preset == OWN or not known.has_distribution:
        numbers = request.numbers(shelf.card(request.checkpoint)).numbers(known)
        query.update({name: f"{value:g}" for name, value in numbers.items()})
    if request.raw and known.predicts_rgb:
        query["raw"] = "1"
    if request.view != view_choices(known)[0][1]:
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
    return facts(card.architecture) if card else None
