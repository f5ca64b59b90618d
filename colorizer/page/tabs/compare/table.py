"""The pictures of a comparison, and the table of their measures on this photo."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from colorizer.checkpoints.card import Card
from colorizer.colour import metrics
from colorizer.page.i18n.texts import number, text, translatable, translated
from colorizer.page.widgets.translated_html import joined

from ..one_photo.wording import directions

if TYPE_CHECKING:
    from PIL import Image

GRAY, ORIGINAL = "gray", "original"
GAIN = "gain"
"""The key of the PSNR over that of this photo's gray, dB."""


@dataclass
class Shown:
    """A picture in the grid, and a line of the table."""

    side: str
    picture: Image.Image
    file: str
    name: str
    figures: Mapping[str, float]
    """By the keys of `metrics.FIGURES`, and `GAIN`: those that are known of this photo."""
    card: Card | None = None
    """That of a checkpoint; None for gray and for the original, which stay below in the table."""
    best: bool = False
    """Whether no other checkpoint came closer to this photo."""

    @property
    def gain(self) -> float:
        """Over this photo's gray, dB; minus infinity if that is not known."""
        return self.figures.get(GAIN, -math.inf)

    @property
    def nearly_gray(self) -> bool:
        """Whether a checkpoint's picture has hardly any colour."""
        return bool(self.card) and self.figures.get("colourfulness", metrics.NEARLY_GRAY) < metrics.NEARLY_GRAY

    def caption(self) -> str:
        lines = [self.name]
        if self.card:
            lines.append(self.card.facts.origin or text("family_" + self.card.facts.family))
        if self.card and self.gain > -math.inf:
            lines.append(text("compare_here", gain=self.gain))
        if self.nearly_gray:
            lines.append(text("nearly_gray"))
        if self.best:
            lines.append(text("compare_best_mark"))
        return translatable(lambda: "\n".join(map(translated, lines)))


def table(rows: Sequence[Shown]) -> str:
    """The table as HTML, in the current language; "" if there is no checkpoint to compare. It sorts by its headings.

    A photo without a true original has its colourfulness alone: nothing can be measured against."""
    ranked = [row for row in rows if row.card]
    if not ranked:
        return ""
    here = [key for key in (GAIN, *(row.key for row in metrics.FIGURES[1:])) if key in ranked[0].figures]
    lower = {row.key for row in metrics.FIGURES if row.better == "lower"}
    heads = "".join(_heading(text(_titles(key)), key not in lower) for key in here)
    heads = _heading(text("models_name"), down=False) + heads + _heading(text("compare_usual"), down=True)
    body = "".join(_line(row, here) for row in ranked)
    foot = "".join(_line(row, here) for row in rows if not row.card)
    notes = " ".join([text("compare_table_note"), directions()]) if GAIN in here else text("compare_no_truth")
    copy = f"""<p><button type="button" class="copy" data-done="{html.escape(text("table_copied"))}" data-else="{
        html.escape(text("table_by_hand"))
    }">{text("table_copy")}</button> <span role="status"></span></p>"""
    return f"""<div class="models-scroll" role="region" tabindex="0" aria-label="{html.escape(text("compare_table"))}">
<table class="models-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody><tfoot>{foot}</tfoot></table></div>
{copy}<p class="small">{notes}</p>"""


def _titles(key: str) -> str:
    return "models_gain" if key == GAIN else f"measure_{key}"


def _heading(title: str, down: bool) -> str:
    return f'<th scope="col"><button type="button" data-down="{int(down)}">{html.escape(title)}</button></th>'


def _line(row: Shown, keys: Sequence[str]) -> str:
    forms = {GAIN: "+.2f", **{each.key: each.format for each in metrics.FIGURES}}
    cells = "".join(_cell(row.figures.get(key), forms[key]) for key in keys)
    pale = f" <small>({text('nearly_gray')})</small>" if row.nearly_gray else ""
    name = html.escape(translated(row.name))
    usual = metrics.gain(row.card.metrics) if row.card else None
    return f'<tr><th scope="row" data-value="{name}">{name}{pale}</th>{cells}{_cell(usual, forms[GAIN])}</tr>'


def _cell(value: float | None, form: str) -> str:
    return "<td>–</td>" if value is None else f'<td data-value="{value}">{number(value, form)}</td>'


SCRIPT = joined("table.js") + (Path(__file__).parent / "compare.js").read_text(encoding="utf-8")
