"""Checkpoint cards as text: for the terminal and for weights/README.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

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


def markdown(cards: Sequence[Card]) -> str:
    """A section per checkpoint, with every figure next to plain gray's, all from the headers."""
    sections = []
    for card in cards:
        lines = [f"### {card.name}", "", card.title, ""]
        lines += [
            f"- architecture `{card.architecture}`, {card.parameters:,} parameters, config {_settings(card.config)}"
        ]
        if card.recipe:
            lines.append(f"- recipe {_settings(card.recipe)}")
        lines.append(f"- fed at {card.working_size} px, temperature {card.temperature:g}")
        lines.append(f"- trained on: {card.data or 'not stated'}")
        lines.append(f"- licence: {card.licence or 'not stated'}")
        lines.append(f"- SHA-256 of the tensors `{card.sha256}`")
        table = figures_table(card, f"{photographs(card)} at 256 × 256", {"predicted": "", "plain gray": "gray_"})
        lines += ["", table] if table else []
        sections.append("\n".join(lines))
    return "\n\n".join(sections)


def write_cards(readme: Path, cards: Sequence[Card]) -> None:
    """Replace the text between the markers in `readme`; raises ValueError if the markers are missing."""
    write_between(readme, START, END, markdown(cards), "cards")


def _settings(values) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items()) or "as it comes"
