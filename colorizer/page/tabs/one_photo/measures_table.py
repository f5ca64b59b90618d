"""A table of how close the shown picture comes to the original, next to plain gray and the safest readout."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from colorizer.colour import metrics
from colorizer.page.i18n.texts import number, text, translatable, translated
from colorizer.page.session.answer import Answer


def measures_table(answer: Answer, what: str) -> str:
    """A Markdown table of `metrics.FIGURES` for a photo that is `comparable`: of the picture on the page, of the same
    with the checkpoint's own readout, unless that is shown, of plain gray and of the original. what: a few words about
    the picture on the page."""
    original, beside = answer.opened.preview, answer.opened.reference
    values = metrics.compare(answer.picture, original, beside)
    rows = [(what, _row(values))]
    if answer.result.readout != answer.plain.readout:
        safest = answer.plain.at_size(original).image
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
