"""A checkpoint's learning curve for the template: its PSNR, next to that of plain gray on the same photos."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from colorizer.checkpoints.card import Card
from colorizer.page.i18n import texts
from colorizer.page.i18n.texts import text

if TYPE_CHECKING:
    from colorizer.figures.chart import Chart


class Curve(NamedTuple):
    """A chart, and a sentence with its main numbers for screen readers."""

    chart: Chart
    says: str
    broken: bool
    """Whether the line has breaks, where the measured photos changed."""


def learning_curve(card: Card) -> Curve | None:
    """The curve in a checkpoint's header, or None."""
    from colorizer.figures.chart import (  # brings matplotlib, which no other tab needs
        chart,
        number,
        other_pictures,
        values,
    )

    history = [point for point in card.history if math.isfinite(number(point.get("pictures_seen")))]
    own, gray = values(history, "psnr"), values(history, "gray_psnr")
    if not own:
        return None
    breaks = other_pictures(history) if len(gray) == len(history) else frozenset()
    lines = [("", style, pairs) for style, pairs in (("predicted", own), ("gray", gray)) if pairs]
    return Curve(chart("", "dB", lines, own[-1][0], breaks=breaks), _says(own, dict(gray)), bool(breaks))


def _says(own: list[tuple[float, float]], gray: dict[float, float]) -> str:
    points = [own[0], own[-1]] if len(own) > 1 else own
    key = "models_curve_point" if all(seen in gray for seen, _ in points) else "models_curve_alone"
    numbers = [text(key, seen=whole(seen), psnr=psnr, gain=psnr - gray.get(seen, 0.0)) for seen, psnr in points]
    return f"{text('models_curve')}: {'; '.join(numbers)}."


def whole(count: float) -> str:
    """A large number as the current language writes it, such as 722,496."""
    return texts.number(count, ",.0f")
