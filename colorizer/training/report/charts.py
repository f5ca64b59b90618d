"""The charts of a run's report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from colorizer.colour import metrics
from colorizer.colour.metrics import Measure
from colorizer.figures.chart import Chart, Point, Values, chart, other_pictures, values

from .record import RunRecord


def charts_of(record: RunRecord) -> list[Chart]:
    """The charts that the run has numbers for."""
    steps, validations = record.steps, record.validations
    span = record.planned if record.planned >= record.seen else float(record.seen)
    learning = {"span": span}
    measured = {"span": span, "best_seen": record.best_seen, "breaks": other_pictures(validations)}
    loss = ("loss", "predicted", values(steps if len(steps) > 1 else validations, "loss"))
    dead = ("dead units", "predicted", values(validations, "dead_units", lambda y: 100 * y))
    wanted: list[tuple[str, str, list[tuple[str, str, Values]], dict[str, Any]]] = [
        ("Training loss", str(record.recipe.get("loss") or "loss"), [loss], learning),
        *((*_course(validations, row), {**measured, "from_zero": row.relative}) for row in metrics.FIGURES),
        ("From true photographs", "KID x 1000", _alone(validations, "kid"), measured),
        ("Learning rate", "rate", _alone(steps, "rate"), {**learning, "from_zero": True}),
        ("Gradient norm", "before clipping", _alone(steps, "gradient_norm"), learning),
        ("The judge", "hinge loss", _alone(steps, "judge"), learning),
        ("The network before the judge", "adversarial loss", _alone(steps, "adversarial"), learning),
        ("Patchiness", "share of chroma", _alone(steps, "patchiness"), {**learning, "from_zero": True}),
        ("Dead units", "% of all", [dead], {**learning, "from_zero": True}),
        ("Speed", "pictures a second", _alone(steps, "pictures_per_second"), {**learning, "from_zero": True}),
    ]
    return [
        chart(title, unit, [line for line in lines if line[2]], **options)
        for title, unit, lines, options in wanted
        if lines[0][2]
    ]


def _alone(points: Sequence[Point], name: str) -> list[tuple[str, str, Values]]:
    return [(name.replace("_", " "), "predicted", values(points, name))]


def _course(validations: Sequence[Point], row: Measure) -> tuple[str, str, list[tuple[str, str, Values]]]:
    """Title, unit and lines of a measure: the network's line next to the originals', or next to plain gray's."""
    beside = ("the originals", "truth", "true_") if row.relative else ("plain gray", "gray", "gray_")
    lines: list[tuple[str, str, Values]] = [("predicted", "predicted", values(validations, row.key))]
    lines.append((*beside[:2], values(validations, beside[2] + row.key)))
    unit = row.scale or ", ".join(filter(None, (row.unit, row.direction)))
    return row.label[:1].upper() + row.label[1:], unit, lines
