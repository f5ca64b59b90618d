"""Checkpoint cards as text: for the terminal, for weights/README.md, and for the Hugging Face Hub."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..colour import metrics
from ..colour.metrics import finite
from ..files.atomic import write_between
from .card import Card

START, END = "<!-- cards: written by `python -m colorizer models --write` -->", "<!-- end of cards -->"


def pictures_seen(card: Card) -> int | None:
    """How many pictures training had seen at the end, from the learning curve; None without a curve."""
    seen = finite(card.history[-1].get("pictures_seen")) if card.history else None
    return None if seen is None else int(seen)


def photographs(card: Card) -> str:
    """How many photographs a checkpoint was measured on, in words."""
    count = finite(card.metrics.get("pictures"))
    return metrics.counted(count, "photograph") if count else "photographs"


def figures_table(card: Card, corner: str, rows: Mapping[str, str]) -> str:
    """The figures in a card's header as a Markdown table; "" if it has none. rows: values for `whose` in
    `Measure.shown`, by name; the first row is the network's own."""
    columns = [m for m in metrics.FIGURES if m.shown(card.metrics) is not None]
    if not columns:
        return ""
    lines = [f"| {' | '.join([corner, *(m.heading for m in columns)])} |", "|:--|" + "--:|" * len(columns)]
    for name, whose in rows.items():
        values = [m.shown(card.metrics, whose) for m in columns]
        if any(value is not None for value in values):
            written = [m.written(value) for m, value in zip(columns, values, strict=True)]
            lines.append(f"| {' | '.join([name, *written])} |")
    return "\n".join(lines)


def plain(card: Card) -> str:
    """A few lines for the terminal."""
    if card.error:
        return f"{card.name}: {card.error}"
    lines = [f"{card.name}: {card.architecture}, {card.parameters / 1e6:.2f} M parameters", f"  {card.title}"]
    first = metrics.FIGURES[0]
    own, gray = (first.shown(card.metrics, whose) for whose in ("", "gray_"))
    if own is not None:
        lines.append(
            f"  {first.label} {first.written(own)} {first.unit} (plain gray {first.written(gray)}), "
            f"{photographs(card)}, temperature {card.temperature:g}"
        )
    return "\n".join([*lines, f"  licence: {card.licence or 'not stated'}"])


def described(card: Card) -> str:
    """A list in Markdown of all that the header says, but for figures."""
    seen = pictures_seen(card)
    return "\n".join(
        [
            f"- trained on: {one_line(card.data) or 'not stated'}",
            f"- pictures seen: {f'{seen:,}' if seen is not None else 'not stated'}",
            f"- recipe: {_settings(card.recipe)}",
            f"- commit of the code: {_code(card.commit)}",
            f"- architecture `{card.architecture}`, config {_settings(card.config)}",
            f"- {card.parameters:,} trainable parameters",
            f"- fed at {card.working_size} px, temperature {card.temperature:g}",
            f"- SHA-256 of the tensors: {_code(card.sha256)}",
            f"- licence: {one_line(card.licence) or 'not stated'}",
        ]
    )


def markdown(cards: Sequence[Card]) -> str:
    """A section per checkpoint, with every figure next to plain gray's, all from the headers."""
    sections = []
    for card in cards:
        table = figures_table(card, f"{photographs(card)} at 256 × 256", {"predicted": "", "plain gray": "gray_"})
        sections += [f"### {card.name}", card.title, described(card), *([table] if table else [])]
    return "\n\n".join(sections)


def write_cards(readme: Path, cards: Sequence[Card]) -> None:
    """Replace the text between the markers in `readme`; raises ValueError if the markers are missing."""
    write_between(readme, START, END, markdown(cards), "cards")


def _settings(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{key} `{one_line(value)}`" for key, value in values.items() if value != "") or "not stated"


def _code(value: str) -> str:
    return f"`{one_line(value)}`" if value else "not stated"


def one_line(value: Any) -> str:
    """Free text as one line that cannot break out of the surrounding Markdown or start a tag."""
    return " ".join(str(value).split()).replace("`", "'").replace("<", "&lt;")
