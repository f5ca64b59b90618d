"""The tables of the report: what was measured, and their columns."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from colorizer.checkpoints.card import Card
from colorizer.checkpoints.card_text import pictures_seen
from colorizer.colour import metrics
from colorizer.figures.chart import number

from .record import RunRecord

Column = tuple[str, str, str]
"""Key, heading, and format of numbers."""


@dataclass(frozen=True)
class Row:
    """One row of the table of figures; NaN means not measured."""

    name: str
    note: str
    figures: Mapping[str, float]
    """The values of `result_columns`: `metrics.FIGURES`, gain, shares of the truth's figures, and pictures."""
    ours: bool = False


def share_of(key: str) -> str:
    """The key of a figure's ratio to the truth's, in `Row`."""
    return f"{key} / truth"


def result_columns() -> list[Column]:
    """Columns of the table that compares the weights with the oracle and plain gray."""
    columns: list[Column] = []
    for row in metrics.FIGURES:
        columns.append((row.key, row.title, f",{row.format}"))
        if row is metrics.FIGURES[0]:
            columns.append(("gain", f"over gray, {row.unit}", "+,.2f"))
        if row.relative:
            columns.append((share_of(row.key), "÷ truth", f",{row.shown_format}"))
    return [*columns, ("pictures", "pictures", ",.0f")]


def validation_columns() -> list[Column]:
    """Columns of the table of validations."""
    columns: list[Column] = [("pictures_seen", "pictures seen", ",.0f"), ("loss", "loss", ",.4f")]
    for row in metrics.FIGURES:
        columns.append((row.key, row.title, f",{row.format}"))
        beside = ("true_", "truth") if row.relative else ("gray_", "gray")
        columns.append((beside[0] + row.key, beside[1], f",{row.format}"))
    return [*columns, ("dead_units", "dead units", ",.3f"), ("pictures", "pictures", ",.0f")]


def directions() -> str:
    """One sentence that says for every measure which direction is better."""
    return "; ".join(f"{row.label}: {row.direction}" for row in metrics.FIGURES) + "."


def best_figures(record: RunRecord) -> Mapping[str, Any]:
    """Figures of the best weights: from their header, else from the best validation; {} before the first."""
    for card in (record.best, record.last):
        if card and card.metrics and (card is record.best or _seen_by(card) == record.best_seen):
            return card.metrics
    return record.best_validation or {}


def table_of(record: RunRecord) -> list[Row]:
    """Rows for the best and the last weights, the oracle and plain gray, each on the pictures it was measured on.

    The best weights may have been measured on more pictures than the last, so each set of pictures has its own gray.
    """
    best, last = best_figures(record), last_figures(record)
    if not best:
        return []
    same = record.best_seen == _seen_by(record.last) if record.best and record.last else best == last
    at = f"after {record.best_seen:,} pictures seen" if record.best_seen else ""
    rows = [_row("Best weights, also the last" if same else "Best weights", at, best, "", ours=True)]
    if last and not same:
        seen = _seen_by(record.last) or int(record.validations[-1]["pictures_seen"])
        rows.append(_row("Last weights", f"as measured after {seen:,}", last, "", ours=True))
    sets = {"best": best} if same or not last else {"best": best, "last": last}
    if len(sets) > 1 and all(best.get(key) == last.get(key) for key in ("pictures", "gray_psnr")):
        del sets["last"]
    for name, prefix, note in (
        ("Mean colour", "mean_", "oracle: every picture in its own mean colour"),
        ("Plain gray", "gray_", "no colour at all"),
    ):
        for which, measured in sets.items():
            if prefix == "gray_" or not math.isnan(number(measured.get("mean_psnr"))):
                beside = f", on the pictures of the {which} weights" if len(sets) > 1 else ""
                rows.append(_row(name, note + beside, measured, prefix))
    return rows


def _row(name: str, note: str, measured: Mapping[str, Any], prefix: str, ours: bool = False) -> Row:
    figures = {row.key: number(measured.get(prefix + row.key)) for row in metrics.FIGURES}
    figures |= {share_of(row.key): number(row.shown(measured, prefix)) for row in metrics.FIGURES if row.relative}
    figures["gain"] = number(metrics.gain(measured, prefix))
    figures["pictures"] = number(measured.get("pictures"))
    return Row(name, note, figures, ours)


def last_figures(record: RunRecord) -> Mapping[str, Any]:
    """Figures of the last weights: from their header, else from the last validation; {} before the first."""
    if record.last and record.last.metrics:
        return record.last.metrics
    return record.validations[-1] if record.validations and not record.last else {}


def _seen_by(card: Card | None) -> int:
    return pictures_seen(card) or 0 if card else 0
