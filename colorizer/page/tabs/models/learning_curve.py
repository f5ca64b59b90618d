"""A checkpoint's learning curve for the template: its PSNR, next to that of plain gray on the same photos."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from colorizer.checkpoints.card import Card
from colorizer.page.i18n import texts
from colorizer.page.i18n.texts import text

if TYPE_CHECKING:
    from colorizer.figures.chart import Values


class Curve(NamedTuple):
    """A drawn curve."""

    svg: str
    """Its text alternative has the main numbers."""
    broken: bool
    """Whether the line has breaks, where the measured photos changed."""


def learning_curve(card: Card) -> Curve | None:
    """The curve in a checkpoint's header, or None."""
    from colorizer.figures.chart import (  # with its fonts, which the page must not wait for
        line_chart,
        number,
        other_pictures,
        values,
    )

    history = [point for point in card.history if math.isfinite(number(point.get("pictures_seen")))]
    own, gray = values(history, "psnr"), values(history, "gray_psnr")
    if not own:
        return None
    breaks = other_pictures(history) if len(gray) == len(history) else frozenset()
    lines = tuple(("", style, pairs) for style, pairs in (("predicted", own), ("gray", gray)) if pairs)
    says = _says(own, dict(gray))
    return Curve(line_chart(lines, own[-1][0], says, "PSNR, dB", text("models_seen"), breaks=breaks), bool(breaks))


def _says(own: Values, gray: dict[float, float]) -> str:
    points = [own[0], own[-1]] if len(own) > 1 else [*own]
    key = "models_curve_point" if all(seen in gray for seen, _ in points) else "models_curve_alone"
    numbers = [text(key, seen=whole(seen), psnr=psnr, gain=psnr - gray.get(seen, 0.0)) for seen, psnr in points]
    return f"{text('models_curve')}: {'; '.join(numbers)}."


def whole(count: float) -> str:
    """A large number as the current language writes it, such as 722,496."""
    return texts.number(count, ",.0f")
