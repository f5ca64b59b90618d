"""A table of how close the shown picture comes to the original, next to plain gray and the safest readout."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from colorizer.colour import metrics
from colorizer.page.i18n.texts import number, text, translatable, translated

if TYPE_CHECKING:
    from PIL import Image


def measures_table(
    shown: Image.Image, what: str, safest: Image.Image | None, original: Image.Image, beside: Mapping[str, float]
) -> str:
    """A Markdown table of `metrics.FIGURES`.

    shown: the picture on the page, and what: a few words about it. safest: the same answer with the checkpoint's own
    readout, unless that is shown. beside: `metrics.reference` of the original.
    """
    values = metrics.compare(shown, original, beside)
    rows = [(what, _row(values))]
    if safest is not None:
        rows.append((text("row_safest"), _row(metrics.compare(safest, original, beside))))
    rows.append((text("row_gray"), _row(values, "gray_")))
    perfect = [values[f"true_{row.key}"] if row.relative else row.perfect for row in metrics.FIGURES]
    rows.append((text("row_original"), perfect))
    return translatable(lambda: _table(translated(rows)))


def directions() -> str:
    """A sentence about each measure: which direction is better."""
    return " ".join(text(f"measure_{row.key}_info") for row in metrics.FIGURES)


def _row(values: Mapping[str, float], whose: str = "") -> list[float]:
    return [values[whose + row.key] for row in metrics.FIGURES]


def _table(rows: Sequence[tuple[str, Sequence[float]]]) -> str:
    """rows: a name, and the values of `metrics.FIGURES`; an infinite one is a dash."""
    heads = [text("row_what"), *(text(f"measure_{row.key}") for row in metrics.FIGURES)]
    lines = [f"### {text('figures')}", "", _line(heads), "|:--|" + "--:|" * len(metrics.FIGURES)]
    for name, values in rows:
        forms = ((value, row.format) for value, row in zip(values, metrics.FIGURES, strict=True))
        lines.append(_line([name, *("–" if math.isinf(value) else number(value, form) for value, form in forms)]))
    return "\n".join([*lines, "", f"{directions()} {text('figures_note')}"])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
