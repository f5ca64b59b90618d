"""How close the shown picture comes to the original, as a table: with plain gray and the safest readout beside it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from colorizer.colour import metrics
from colorizer.page.i18n.texts import number, said, said_again, text

if TYPE_CHECKING:
    from PIL import Image


def figures_table(
    shown: Image.Image, what: str, safest: Image.Image | None, original: Image.Image, beside: Mapping[str, float]
) -> str:
    """A Markdown table: the picture shown, said to be `what`; the checkpoint's own readout of the same answer, if that
    is another; and always plain gray. beside: `metrics.reference` of the original."""
    measured = metrics.compare(shown, original, beside)
    rows = [(what, _values(measured))]
    if safest is not None:
        rows.append((text("row_safest"), _values(metrics.compare(safest, original, beside))))
    rows.append((text("row_gray"), _values(measured, "gray_")))
    perfect = [measured[f"true_{row.key}"] if row.relative else row.perfect for row in metrics.FIGURES]
    rows.append((text("row_original"), perfect))
    return said(lambda: _table(said_again(rows)))


def directions() -> str:
    """Which direction is better, of all measures: a sentence each, in the language spoken."""
    return " ".join(text(f"measure_{row.key}_info") for row in metrics.FIGURES)


def _values(measured: Mapping[str, float], whose: str = "") -> list[float]:
    return [measured[whose + row.key] for row in metrics.FIGURES]


def _table(rows: Sequence[tuple[str, Sequence[float]]]) -> str:
    """rows: what was measured, and its `metrics.FIGURES`; a value without end is a dash."""
    heads = [text("row_what"), *(text(f"measure_{row.key}") for row in metrics.FIGURES)]
    lines = [f"### {text('figures')}", "", _line(heads), "|:--|" + "--:|" * len(metrics.FIGURES)]
    for name, values in rows:
        forms = ((value, row.format) for value, row in zip(values, metrics.FIGURES, strict=True))
        lines.append(_line([name, *("–" if math.isinf(value) else number(value, form) for value, form in forms)]))
    return "\n".join([*lines, "", f"{directions()} {text('figures_note')}"])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
