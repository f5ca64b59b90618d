"""The charts of a run's report: its course, and gradients and updates by part of the network."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from colorizer.colour import metrics
from colorizer.colour.metrics import Measure
from colorizer.figures import chart
from colorizer.figures.chart import Line, Point, number, other_pictures, values

from .record import RunRecord


@dataclass(frozen=True)
class Chart:
    """A chart as the template shows it."""

    title: str
    keys: tuple[tuple[str, str], ...]
    """The label and the style of each line."""
    svg: str
    averaged: bool
    """Whether a line is drawn as means of neighbours, in a band."""


def charts_of(record: RunRecord) -> list[Chart]:
    """The charts that the run has numbers for."""
    steps, validations = record.steps, record.validations
    learning = {"span": record.planned if record.planned >= record.seen else float(record.seen)}
    measured = {**learning, "best_seen": record.best_seen, "breaks": other_pictures(validations)}
    from_zero = {**learning, "from_zero": True}
    loss = ("loss", "predicted", values(steps if len(steps) > 1 else validations, "loss"))
    dead = ("dead units", "predicted", values(validations, "dead_units", 100))
    wanted: list[tuple[str, str, Sequence[Line], dict[str, Any]]] = [
        ("Training loss", str(record.recipe.get("loss") or "loss"), [loss], learning),
        *((*_course(validations, row), {**measured, "from_zero": row.relative}) for row in metrics.FIGURES),
        ("From true photographs", "KID x 1000", _alone(validations, "kid"), measured),
        ("Learning rate", "rate", _alone(steps, "rate"), from_zero),
        ("Gradient norm", "before clipping", _alone(steps, "gradient_norm"), learning),
        ("The judge", "hinge loss", _alone(steps, "judge"), learning),
        ("The network before the judge", "adversarial loss", _alone(steps, "adversarial"), learning),
        ("Patchiness", "share of chroma", _alone(steps, "patchiness"), from_zero),
        ("Dead units", "% of all", [dead], from_zero),
        ("Speed", "pictures a second", _alone(steps, "pictures_per_second"), from_zero),
    ]
    return [
        _chart(title, unit, tuple(line for line in lines if line[2]), options)
        for title, unit, lines, options in wanted
        if lines[0][2]
    ]


def _chart(title: str, unit: str, lines: tuple[Line, ...], options: dict[str, Any]) -> Chart:
    said = "; ".join(chart.description(label, pairs) for label, _, pairs in lines)
    svg = chart.line_chart(lines, says=f"{title} ({unit}): {said}.", unit=unit, across="pictures seen", **options)
    keys = tuple((label, style) for label, style, _ in lines)
    return Chart(title, keys, svg, any(len(pairs) > chart.MOST for _, _, pairs in lines))


def _alone(points: Sequence[Point], name: str) -> list[Line]:
    return [(name.replace("_", " "), "predicted", values(points, name))]


def _course(validations: Sequence[Point], row: Measure) -> tuple[str, str, list[Line]]:
    """Title, unit and lines of a measure: the network's line next to the originals', or next to plain gray's."""
    label, style, prefix = ("the originals", "truth", "true_") if row.relative else ("plain gray", "gray", "gray_")
    lines: list[Line] = [
        ("predicted", "predicted", values(validations, row.key)),
        (label, style, values(validations, prefix + row.key)),
    ]
    unit = row.scale or ", ".join(filter(None, (row.unit, row.direction)))
    return row.label[:1].upper() + row.label[1:], unit, lines


Strip = tuple[str, float]
"""A small chart of one part of the network as SVG, and its last value."""


@dataclass(frozen=True)
class Parts:
    """Gradients and updates by part, legible with two or eighteen parts."""

    rows: tuple[tuple[str, Strip | None, Strip | None], ...]
    """The name of each part, and its gradient and its update; None where nothing was logged."""
    scales: tuple[str, str]
    """The ends, in words, of the logarithmic scale of all gradients, and of that of all updates."""


def parts_of(record: RunRecord) -> Parts | None:
    """Gradients and updates by part, in the network's order; None if no validation logged any."""
    kinds = {kind: _by_part(record.validations, f"{kind}s") for kind in ("gradient", "update")}
    names = list(dict.fromkeys(name for parts in kinds.values() for name in parts))
    if not names:
        return None
    (gradients, first), (updates, second) = (_strips(kind, parts, record.seen) for kind, parts in kinds.items())
    return Parts(tuple((name, gradients.get(name), updates.get(name)) for name in names), (first, second))


def _by_part(validations: Iterable[Point], name: str) -> dict[str, list[tuple[float, float]]]:
    parts: dict[str, list[tuple[float, float]]] = {}
    for point in validations:
        noted = point.get(name)
        for part, value in noted.items() if isinstance(noted, dict) else ():
            parts.setdefault(part, []).append((float(point["pictures_seen"]), number(value)))
    return parts


def _strips(kind: str, parts: dict[str, list[tuple[float, float]]], span: float) -> tuple[dict[str, Strip], str]:
    """A strip for each part, and the ends of their common scale in words."""
    logs = [math.log10(max(y, chart.TINY)) for pairs in parts.values() for _, y in pairs if 0 < y < math.inf] or [0.0]
    low, high = math.floor(min(logs)), max(math.ceil(max(logs)), math.floor(min(logs)) + 1)
    strips = {}
    for name, pairs in parts.items():
        says = f"{kind} of {name} from {small(pairs[0][1])} to {small(pairs[-1][1])}"
        strips[name] = (chart.sparkline(tuple(pairs), span, (low, high), says), pairs[-1][1])
    return strips, f"{10.0**low:g} to {10.0**high:g}"


def small(value: float) -> str:
    """A number of any size to two digits; a dash where there is none."""
    return f"{value:.2g}" if math.isfinite(value) else "–"
