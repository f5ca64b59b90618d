"""A checkpoint's learning curve, as the template draws it: PSNR with plain gray's on the same photographs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from colorizer.checkpoints.card import Card
from colorizer.page.i18n.texts import text

if TYPE_CHECKING:
    from colorizer.figures.chart import Chart


class Curve(NamedTuple):
    """A chart, and the essential numbers in a sentence for those who cannot see it."""

    chart: Chart
    says: str
    broken: bool
    """Whether the line breaks, where other photographs were measured."""


def learning_curve(card: Card) -> Curve | None:
    """The curve in a checkpoint's header; None where it has none."""
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
    said = [text(key, seen=whole(seen), psnr=psnr, gain=psnr - gray.get(seen, 0.0)) for seen, psnr in points]
    return f"{text('models_curve')}: {'; '.join(said)}."


def whole(count: float) -> str:
    """A large number as it is read in every language: 722 496, with narrow spaces that do not break."""
    return f"{count:,.0f}".replace(",", "\u202f")
