"""A run folder -> one page, `report.html`: what was trained, on what, how it went, and what to doubt.

The page contains everything it needs: styles, charts and samples. Its content security policy forbids the browser to
fetch or run anything.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from PIL import Image

from ...architectures.registry import facts, list_architectures
from ...colour import metrics
from ...colour.metrics import Measure, counted
from ...figures.chart import Line, Point, line_chart, other_pictures, values
from ...files.atomic import write_whole
from ..protocols import recipe_for
from .record import ReportError, RunRecord, doubts, outcome, read_run

__all__ = ["ReportError", "write_report"]

HERE = Path(__file__).parent
LISTED = 1000
"""Most names of left-out pictures to list for each reason."""
SHEET = (1000, 1500)
"""Most width and height of a sheet of samples, in pixels; larger ones are scaled down."""


def write_report(folder: str | Path) -> Path:
    """Write `<folder>/report.html` and return its path; it appears whole or not at all.

    Raises ReportError if the folder holds no run that can be read, and UserError for damaged weights and if the page
    cannot be written.
    """
    try:
        page = page_of(read_run(folder))
    except (KeyError, TypeError):  # what every run of this version has
        raise ReportError(f"{folder} is a run of another version; that version makes its report.") from None
    path = Path(folder) / "report.html"
    write_whole(path, page)
    return path


def page_of(record: RunRecord) -> str:
    """The page as HTML."""
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {"setting": setting, "counted": counted}
    here = record.about["architecture"] in list_architectures()  # or trained by a version with others
    return environment.get_template("page.html.jinja").render(
        run=record,
        about=record.about,
        story=facts(record.about["architecture"]).story if here else "",
        ours=asdict(recipe_for(record.about["architecture"])[0]) if here else {},
        outcome=outcome(record),
        doubts=list(doubts(record)),
        figures=table_of(record),
        validations=validations_of(record),
        directions="; ".join(f"{row.label}: {row.direction}" for row in metrics.FIGURES),
        charts=charts_of(record),
        sheets=sheets_of(record),
        listed=LISTED,
        made=f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC",
        style=Markup((HERE / "report.css").read_text(encoding="utf-8")),
    )


def setting(value: Any) -> str:
    """The value of a setting as text."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(setting, value)) or "–"
    if isinstance(value, int | float):
        return f"{value:,}" if isinstance(value, int) else f"{value:g}"
    return "–" if value in ("", None) else str(value)


class Table(NamedTuple):
    """A table as the template shows it; the first cell of a row is its heading."""

    columns: list[str]
    rows: list[list[str]]


def table_of(record: RunRecord) -> Table:
    """The figures of the best weights beside the oracle's and plain gray's; no rows before the first validation."""
    rows = [("Best weights", ""), ("Every picture in its own mean colour", "mean_"), ("Plain gray", "gray_")]
    cells = [[name, *metrics.cells(record.figures, whose)] for name, whose in rows if record.figures]
    return Table(["", *metrics.headings(ratios=True)], cells)


def validations_of(record: RunRecord) -> Table:
    """Every validation, with plain gray's PSNR on the same pictures."""
    columns = ["pictures seen", "loss", *metrics.headings(ratios=True), "gray's PSNR", "dead units", "pictures"]
    rows = [
        [
            f"{point['pictures_seen']:,}", f"{point['loss']:.4f}", *metrics.cells(point), f"{point['gray_psnr']:.2f}",
            f"{point['dead_units']:.0%}" if "dead_units" in point else "–", f"{point['pictures']:,.0f}",
        ]
        for point in record.validations
    ]  # fmt: skip
    return Table(columns, rows)


class Chart(NamedTuple):
    """A chart as the template shows it."""

    title: str
    keys: list[tuple[str, str]]
    """The label and the style of each line."""
    svg: str


def charts_of(record: RunRecord) -> list[Chart]:
    """The charts that the run has numbers for."""
    steps, validations = record.steps, record.validations
    learning = {"span": float(max(record.planned, record.seen))}
    measured = {**learning, "best_seen": record.best_seen, "breaks": other_pictures(validations)}
    from_zero = {**learning, "from_zero": True}
    wanted: list[tuple[str, str, list[Line], dict[str, Any]]] = [
        ("Training loss", "loss", _alone(steps, "loss"), learning),
        *((*_course(validations, row), {**measured, "from_zero": row.relative}) for row in metrics.FIGURES),
        ("From true photographs", "KID x 1000", _alone(validations, "kid"), measured),
        ("Learning rate", "rate", _alone(steps, "rate"), from_zero),
        ("Gradient norm", "before clipping", _alone(steps, "gradient_norm"), learning),
        ("The judge", "hinge loss", _alone(steps, "judge"), learning),
        ("The network before the judge", "adversarial loss", _alone(steps, "adversarial"), learning),
        ("Patchiness", "share of chroma", _alone(steps, "patchiness"), from_zero),
        ("Dead units", "share", _alone(validations, "dead_units"), from_zero),
        ("Speed", "pictures a second", _alone(steps, "pictures_per_second"), from_zero),
    ]
    return [_chart(title, unit, lines, options) for title, unit, lines, options in wanted if lines[0][2]]


def _chart(title: str, unit: str, lines: list[Line], options: dict[str, Any]) -> Chart:
    shown = tuple(line for line in lines if line[2])
    ends = "; ".join(f"{label} from {pairs[0][1]:.4g} to {pairs[-1][1]:.4g}" for label, _, pairs in shown)
    svg = line_chart(shown, says=f"{title} ({unit}): {ends}.", unit=unit, across="pictures seen", **options)
    return Chart(title, [(label, style) for label, style, _ in shown], svg)


def _alone(points: Sequence[Point], name: str) -> list[Line]:
    return [(name.replace("_", " "), "predicted", values(points, name))]


def _course(validations: Sequence[Point], row: Measure) -> tuple[str, str, list[Line]]:
    """Title, unit and lines of a measure: the network's line beside the originals', or beside plain gray's."""
    label, style, prefix = ("the originals", "truth", "true_") if row.relative else ("plain gray", "gray", "gray_")
    lines: list[Line] = [
        ("predicted", "predicted", values(validations, row.key)),
        (label, style, values(validations, prefix + row.key)),
    ]
    unit = row.scale or ", ".join(filter(None, (row.unit, row.direction)))
    return row.label[:1].upper() + row.label[1:], unit, lines


class Sheet(NamedTuple):
    """One sheet of samples, ready for the page."""

    seen: int
    uri: str
    size: tuple[int, int]


def sheets_of(record: RunRecord) -> list[Sheet]:
    """The sheets of the last, the best and the first validation, as JPEGs inside the page."""
    named = ((path.stem.partition("-")[2], path) for path in record.folder.glob("samples-*.png"))
    found = dict(sorted((int(seen), path) for seen, path in named if seen.isdecimal()))
    chosen = (*list(found)[:1], *list(found)[-1:], record.best_seen)
    return [_sheet(seen, found[seen]) for seen in sorted(found, reverse=True) if seen in chosen]


def _sheet(seen: int, path: Path) -> Sheet:
    with Image.open(path) as stored:
        picture = stored.convert("RGB")
    picture.thumbnail(SHEET, Image.Resampling.LANCZOS)
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=85, subsampling=0)  # full colour resolution, since colours are the point
    return Sheet(seen, "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode(), picture.size)
