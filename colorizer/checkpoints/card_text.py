"""Checkpoint cards as text: for the terminal and for weights/README.md."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..files.between import write_between
from .card import Card

START, END = "<!-- cards: written by `python -m colorizer models --write` -->", "<!-- end of cards -->"


class Figures(NamedTuple):
    """How well something does, by the figures of `metrics.evaluate`; None where nothing is known."""

    psnr: float | None
    """dB; more is closer."""
    delta_e: float | None
    """CIE DE2000; less is closer."""
    auc: float | None
    """In [0, 1]; more is closer."""
    colourfulness: float | None
    """Relative to the truth's."""


def figures(metrics: Mapping[str, Any], whose: str = "") -> Figures:
    """A card's figures. whose: "" for the network's, "gray_" for plain gray's, "mean_" for those of an oracle that
    knows each picture's own mean colour and no more."""
    psnr, delta_e, auc, colour = (_number(metrics.get(whose + key)) for key in METRICS)
    truth = _number(metrics.get("true_colourfulness"))
    return Figures(psnr, delta_e, auc, colour / truth if colour is not None and truth else None)


METRICS = ("psnr", "delta_e", "auc", "colourfulness")


def pictures_seen(card: Card) -> int | None:
    """How many pictures training had seen at the end, by the learning curve; None where there is none."""
    seen = _number(card.history[-1].get("pictures_seen")) if card.history else None
    return None if seen is None else int(seen)


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else None


def plain(card: Card) -> str:
    """A few lines for the terminal."""
    if card.error:
        return f"{card.name}: {card.error}"
    lines = [f"{card.name}: {card.architecture}, {card.parameters / 1e6:.2f} M parameters", f"  {card.title}"]
    if card.metrics:
        lines.append(
            f"  PSNR {card.metrics['psnr']:.2f} dB (plain gray {card.metrics['gray_psnr']:.2f}), "
            f"{card.metrics['pictures']:.0f} photographs, temperature {card.temperature:g}"
        )
    return "\n".join([*lines, f"  licence: {card.licence or 'not stated'}"])


def markdown(cards: Sequence[Card]) -> str:
    """A section per checkpoint, every figure beside plain gray's, all from the headers."""
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
        if card.metrics:
            m = card.metrics
            ratio = m["colourfulness"] / m["true_colourfulness"]
            gray_ratio = m["gray_colourfulness"] / m["true_colourfulness"]
            lines += [
                "",
                f"| {m['pictures']:.0f} photographs at 256 × 256 | PSNR, dB | ΔE2000 | colourfulness / truth |",
                "|:--|--:|--:|--:|",
                f"| predicted | {m['psnr']:.2f} | {m['delta_e']:.2f} | {ratio:.2f} |",
                f"| plain gray | {m['gray_psnr']:.2f} | {m['gray_delta_e']:.2f} | {gray_ratio:.2f} |",
            ]
        sections.append("\n".join(lines))
    return "\n\n".join(sections)


def write_cards(readme: Path, cards: Sequence[Card]) -> None:
    """Replace what stands between the markers in `readme`; raises ValueError when they are not there."""
    write_between(readme, START, END, markdown(cards), "cards")


def _settings(values) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items()) or "as it comes"
