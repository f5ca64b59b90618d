"""The charts of a run's report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
        ("PSNR", "dB, more is better", _beside(validations, "psnr", gray="gray_psnr"), measured),
        ("ΔE2000", "less is better", _beside(validations, "delta_e", gray="gray_delta_e"), measured),
        (
            "Colourfulness",
            "0 is gray, 33 moderate, 59 strong",
            _beside(validations, "colourfulness", truth="true_colourfulness"),
            {**measured, "from_zero": True},
        ),
        ("Learning rate", "rate", _alone(steps, "rate"), {**learning, "from_zero": True}),
        ("Gradient norm", "before clipping", _alone(steps, "gradient_norm"), learning),
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


def _beside(validations: Sequence[Point], name: str, **others: str) -> list[tuple[str, str, Values]]:
    labels = {"gray": "plain gray", "truth": "the originals"}
    ours = ("predicted", "predicted", values(validations, name))
    return [ours, *((labels[style], style, values(validations, other)) for style, other in others.items())]
